"""What a person does many times a minute opens only files that it writes, and tells the pages only what changed."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jlabel.datastores.catalogue import Catalogue
from jlabel.files import folder_handle, plain_files
from jlabel.registry import ModelStore, ModelVersion, PublishedModel
from jlabel.widget import AppManager
from tests.widget.labeler_pages import App, Ball, Page, studies  # noqa: F401 - fixtures

_OPENED: list[tuple[str, bool]] = []
_LISTENING = [False]
# The whole path of what a thread opens relative to a folder.
_OPENING = threading.local()


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _LISTENING[0] and isinstance(arguments[0], str | Path):
        name, is_folder = str(arguments[0]), bool(arguments[2] & getattr(os, "O_DIRECTORY", 0))
        _OPENED.append((name if is_folder or Path(name).is_absolute() else getattr(_OPENING, "path", name), is_folder))


sys.addaudithook(_hear)


@dataclass
class Opened:
    """What was opened under a folder.

    Attributes:
        files: The files, relative to it.
        folders: How many folders on the way to files of jlabel's own.
    """

    files: list[Path] = field(default_factory=list)
    folders: int = 0


@contextmanager
def opened_under(folder: Path) -> Iterator[Opened]:
    """What is opened meanwhile, on any thread."""
    found = Opened()
    _OPENED.clear()
    open_regular = folder_handle.open_regular

    def named(place: str | Path, path: Path, *rest: Any) -> int:
        _OPENING.path = str(path)
        return open_regular(place, path, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folder_handle, "open_regular", named)
        patch.setattr(plain_files, "open_regular", named)
        _LISTENING[0] = True
        try:
            yield found
        finally:
            _LISTENING[0] = False
    names = [name for name, is_folder in _OPENED if not is_folder and name.startswith(str(folder))]
    found.files += [Path(name).relative_to(folder) for name in names]
    found.folders = sum(is_folder for _, is_folder in _OPENED)


class Learner(Ball):
    """Has published versions, each learnt from many images."""

    @property
    def learns_from(self) -> PublishedModel | None:
        return self.published


@pytest.fixture
def manager(studies: Path) -> Iterator[AppManager]:  # noqa: F811
    store = ModelStore(studies / ".jlabel" / "models")
    weights = studies / "weights.safetensors"
    weights.write_bytes(b"tensors")
    for name in ("first", "second"):
        version = store.publish(ModelVersion(name, 0, images={f"case_{n}": 1 for n in range(2000)}), weights)
        store.use(name, version.number)

    class Trained(App):
        def init_infers(self):
            return {
                name: Learner(labels=["a", "b"], published=PublishedModel(store, name)) for name in ("first", "second")
            }

    manager = AppManager(Trained(studies, labels=["a", "b"]))
    yield manager
    manager.close()


class ListeningPage(Page):
    """Knows which messages came after a moment."""

    start = 0

    def begin(self) -> None:
        self.start = len(self.heard)

    def news(self) -> list[dict[str, Any]]:
        return [content for content, _ in self.heard[self.start :]]

    def changes(self) -> list[set[str]]:
        """The fields of the state that each message told."""
        assert not any(content["type"] == "state" for content in self.news()), "the whole state was sent"
        return [set(content["state"]) for content in self.news() if content["type"] == "changed"]


@pytest.fixture
def page(manager: AppManager, monkeypatch: pytest.MonkeyPatch) -> Iterator[ListeningPage]:
    labeler = manager.labeler("case_0")
    page = ListeningPage(labeler, monkeypatch)
    page.stroke((1, 1, 1), (2, 2, 2), 1, seq=1)
    # What a page that connects asks for is looked up in the background.
    page.wait(lambda: page.state()["readiness"] != {})
    settle(page)
    page.begin()
    yield page
    labeler.close()


def settle(page: Page) -> None:
    controller = page.labeler._controller
    page.wait(lambda: not controller.features.prompting.requests.running)
    controller.flush()
    controller.features.navigation.journal_worker.flush()


def refuse(self: Catalogue) -> Any:
    raise AssertionError("the catalogue was read")


def beyond(opened: Opened, *allowed: str) -> list[Path]:
    return [file for file in opened.files if not any(str(file).startswith(one) for one in allowed)]


def test_a_stroke_writes_its_journal_and_says_that_the_draft_is_dirty(page: ListeningPage, studies: Path) -> None:  # noqa: F811
    with opened_under(studies) as opened:
        page.stroke((3, 3, 3), (5, 5, 5), 1, seq=2)
        settle(page)
    assert beyond(opened, ".jlabel/drafts") == []
    assert opened.folders == 0
    assert {content["type"] for content in page.news()} <= {"edited", "ack", "changed", "volumes"}
    # It could be undone and was dirty before.
    assert page.changes() == []


def test_undo_writes_its_journal_and_says_what_can_be_undone(page: ListeningPage, studies: Path) -> None:  # noqa: F811
    with opened_under(studies) as opened:
        page.ask("undo", epoch=1)
        settle(page)
    assert beyond(opened, ".jlabel/drafts") == []
    assert opened.folders == 0
    assert page.changes() == [{"canUndo", "canRedo", "dirty"}]


def test_a_click_opens_nothing_but_its_journal(
    page: ListeningPage,
    studies: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Catalogue, "read", refuse)
    with opened_under(studies) as opened:
        page.click((5, 5, 4))
        settle(page)
    assert page.told("error") == []
    assert beyond(opened, ".jlabel/drafts") == []
    assert opened.folders == 0
    assert set.union(*page.changes()) <= {"busy", "canUndo", "canRedo", "dirty", "madeBy", "notice"}


def test_a_save_opens_the_label_and_reads_the_catalogue_four_times_at_most(
    page: ListeningPage,
    studies: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page.labeler.save()
    settle(page)
    page.stroke((6, 6, 6), (8, 8, 8), 1, seq=2)
    settle(page)
    page.begin()
    reads: list[int] = []
    read = Catalogue.read

    def counted(self: Catalogue) -> Any:
        reads.append(1)
        return read(self)

    monkeypatch.setattr(Catalogue, "read", counted)
    with opened_under(studies) as opened:
        page.labeler.save()
        settle(page)
    assert beyond(opened, ".jlabel/drafts", ".jlabel/tmp", ".jlabel/versions", ".jlabel/catalogue", "labels") == []
    assert len(reads) <= 4
    assert set.union(*page.changes()) <= {"busy", "canCancel", "saving", "dirty", "notice"}


def test_the_version_in_use_is_read_anew_when_another_is(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "models")
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(np.zeros(2).tobytes())
    numbers = [store.publish(ModelVersion("m", 0), weights).number for _ in range(2)]
    store.use("m", numbers[0])
    other_kernel = ModelStore(tmp_path / "models")
    assert other_kernel.in_use("m") == store.in_use("m")
    store.use("m", numbers[1])
    found = other_kernel.in_use("m")
    assert found is not None
    assert found.number == numbers[1]
