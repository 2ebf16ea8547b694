"""What a person does many times a minute opens only files that it writes, and tells the pages only what changed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jlabel.datastores.catalogue import Catalogue
from jlabel.registry import ModelStore, ModelVersion, PublishedModel
from jlabel.widget import AppManager
from tests.widget.labeler_pages import App, Ball, Page, studies  # noqa: F401 - fixtures

_OPENED: list[str] = []
_LISTENING = [False]


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _LISTENING[0] and isinstance(arguments[0], str):
        _OPENED.append(arguments[0])


sys.addaudithook(_hear)


@contextmanager
def opened_files(folder: Path) -> Iterator[list[Path]]:
    """The files under a folder that are opened meanwhile, on any thread."""
    found: list[Path] = []
    _OPENED.clear()
    _LISTENING[0] = True
    try:
        yield found
    finally:
        _LISTENING[0] = False
        found += [Path(name).relative_to(folder) for name in _OPENED if name.startswith(str(folder))]


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


def beyond(opened: list[Path], *allowed: str) -> list[Path]:
    return [file for file in opened if not any(str(file).startswith(one) for one in allowed)]


def test_a_stroke_writes_its_journal_and_says_that_the_draft_is_dirty(page: ListeningPage, studies: Path) -> None:  # noqa: F811
    with opened_files(studies) as opened:
        page.stroke((3, 3, 3), (5, 5, 5), 1, seq=2)
        settle(page)
    assert beyond(opened, ".jlabel/drafts") == []
    assert {content["type"] for content in page.news()} <= {"edited", "ack", "changed", "volumes"}
    # It could be undone and was dirty before.
    assert page.changes() == []


def test_undo_writes_its_journal_and_says_what_can_be_undone(page: ListeningPage, studies: Path) -> None:  # noqa: F811
    with opened_files(studies) as opened:
        page.ask("undo", epoch=1)
        settle(page)
    assert beyond(opened, ".jlabel/drafts") == []
    assert page.changes() == [{"canUndo", "canRedo", "dirty"}]


def test_a_click_opens_nothing_but_its_journal(
    page: ListeningPage,
    studies: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Catalogue, "read", refuse)
    with opened_files(studies) as opened:
        page.click((5, 5, 4))
        settle(page)
    assert page.told("error") == []
    assert beyond(opened, ".jlabel/drafts") == []
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
    with opened_files(studies) as opened:
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
