"""The draft with which an image begins, and the reading of it, which says that it goes on and can be given up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from jlabel.annotation.draft import Draft
from jlabel.annotation.recovery.journal import Journal
from jlabel.annotation.recovery.journal_reading import read_journal
from jlabel.app import LabelApp
from jlabel.errors import Cancelled
from jlabel.imaging import Region
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.background.tasks import BackgroundTask
from jlabel.labeler.draft_opening import DraftOpener, OpenedDraft
from jlabel.labeler.protocol.values import PROTOCOL
from jlabel.prompts import Click
from jlabel.tasks import InferResult
from jlabel.widget import AppManager
from jlabel.widget import labeler as labeler_module

SHAPE = (6, 5, 4)


class Slow:
    """A labeler whose reading of ``case_1`` waits at a gate; its pages' messages."""

    def __init__(self, manager: AppManager, monkeypatch: pytest.MonkeyPatch) -> None:
        self.labeler = manager.labeler("case_0", strategy="first")
        self.at_the_gate, self.gate = threading.Event(), threading.Event()
        self.states: list[dict[str, Any]] = []
        self.said = threading.Condition()
        real = manager.image

        def image(image_id: str, frame: int = 0) -> Any:
            if image_id == "case_1":
                self.at_the_gate.set()
                assert self.gate.wait(10)
            return real(image_id, frame)

        monkeypatch.setattr(manager, "image", image)
        monkeypatch.setattr(self.labeler, "send", self._take)
        self.ask({"type": "hello", "client": "page", "protocol": PROTOCOL})

    def _take(self, content: dict[str, Any], _: Any = None) -> None:
        if content["type"] in ("state", "changed"):
            with self.said:
                self.states.append({**(self.states[-1] if self.states else {}), **content["state"]})
                self.said.notify_all()

    def ask(self, message: dict[str, Any]) -> None:
        self.labeler._on_message(None, message, [])

    def until(self, **values: Any) -> dict[str, Any]:
        """The latest state, once it has these values."""
        with self.said:
            assert self.said.wait_for(lambda: values.items() <= self.states[-1].items(), 10), self.states[-1]
            return self.states[-1]


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(labeler_module, "front_end", lambda: ("export default {}", ""))
    for i in range(2):
        nib.save(nib.Nifti1Image(np.full(SHAPE, i, np.int16), np.eye(4)), tmp_path / f"case_{i}.nii.gz")
    manager = AppManager(LabelApp(tmp_path, labels=["a"]))
    slow = Slow(manager, monkeypatch)
    yield slow
    slow.gate.set()
    slow.labeler.close()
    manager.close()


def test_opening_is_said_and_can_be_cancelled(slow: Slow) -> None:
    slow.ask({"type": "next"})
    assert slow.at_the_gate.wait(10)
    assert slow.until(busy="Opening case_1")["canCancel"]
    slow.ask({"type": "cancel"})
    slow.until(busy=None, notice="Opening case_1 was cancelled", imageId="case_0")
    # What comes next does not wait for what was given up.
    slow.labeler.undo()
    slow.ask({"type": "save"})
    slow.until(busy=None, notice="Saved as final")
    slow.gate.set()
    assert slow.labeler.next() == "case_1"


def test_opening_from_a_cell_raises_what_happened(slow: Slow) -> None:
    def cancel() -> None:
        assert slow.at_the_gate.wait(10)
        slow.ask({"type": "cancel"})

    threading.Thread(target=cancel).start()
    with pytest.raises(Cancelled, match="Opening case_1 was cancelled"):
        slow.labeler.open("case_1")
    assert slow.labeler.image_id == "case_0"


# The draft itself.


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[AppManager]:
    nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.int16), np.eye(4)), tmp_path / "case.nii.gz")
    manager = AppManager(LabelApp(tmp_path, labels=["a", "b"]))
    yield manager
    manager.close()


@pytest.fixture
def worker() -> Iterator[SerialWorker]:
    worker = SerialWorker("test-journal")
    yield worker
    worker.close()


@pytest.fixture
def opener(manager: AppManager, worker: SerialWorker) -> DraftOpener:
    return DraftOpener(manager, "final", worker)


def label(value: int) -> np.ndarray:
    mask = np.zeros(SHAPE, np.uint8)
    mask[:2] = value
    return mask


def opened(opener: DraftOpener, present: Path | None = None, task: BackgroundTask | None = None) -> OpenedDraft:
    return opener.open("case", SHAPE, task or BackgroundTask("Opening case"), present)


def paint(draft: Draft, value: int) -> None:
    draft.paint(Region((4, 0, 0), (6, 5, 4)), np.ones((2, 5, 4), bool), value)


def leave(draft: Draft, worker: SerialWorker) -> None:
    """Its labeler ends, with what it had painted."""
    draft.let_go()
    worker.flush()


def test_an_image_without_a_label_begins_empty_and_clean(opener: DraftOpener) -> None:
    found = opened(opener)
    assert not found.draft.mask.any()
    assert not found.draft.dirty
    assert (found.notice, found.problem, found.version, found.made_by) == (None, None, None, ())


def test_a_saved_label_is_gone_on_from(manager: AppManager, opener: DraftOpener) -> None:
    manager.save_label("case", label(1), info={"models": ["click"]})
    manager.save_label("case", label(2), info={"models": ["click", "liver (version 2)"]})
    found = opened(opener)
    np.testing.assert_array_equal(found.draft.mask, label(2))
    assert not found.draft.dirty
    assert (found.version, found.made_by) == (2, ("click", "liver (version 2)"))


@pytest.mark.parametrize(
    ("saved", "shown"),
    [
        ({"original": 1}, 1),
        ({"original": 1, "final": 2}, 2),
        ({"original": 1, "final": 2, "mine": 3}, 3),
        ({"theirs": 1}, 0),
    ],
)
def test_ones_own_tag_comes_before_the_final_label_and_that_before_the_models(
    manager: AppManager, worker: SerialWorker, saved: dict[str, int], shown: int
) -> None:
    for tag, value in saved.items():
        manager.save_label("case", label(value), tag)
    found = opened(DraftOpener(manager, "mine", worker))
    np.testing.assert_array_equal(found.draft.mask, label(shown))
    # What is saved under another tag is no version of one's own.
    assert found.version == (1 if "mine" in saved else None)


def test_what_was_never_saved_comes_before_the_saved_label(
    manager: AppManager, opener: DraftOpener, worker: SerialWorker
) -> None:
    manager.save_label("case", label(1), info={"models": ["click"]})
    former = opened(opener)
    paint(former.draft, 2)
    painted = former.draft.mask.copy()
    leave(former.draft, worker)
    found = opened(opener)
    np.testing.assert_array_equal(found.draft.mask, painted)
    assert found.draft.dirty
    assert found.notice is not None
    assert found.notice.startswith("Restored the unsaved draft of ")
    # It is known all the same what it was begun from.
    assert (found.version, found.made_by) == (1, ("click",))


def test_an_image_that_is_opened_anew_does_not_go_on_with_the_draft_that_is_given_up(
    opener: DraftOpener, worker: SerialWorker
) -> None:
    present = opened(opener)
    paint(present.draft, 1)
    worker.flush()
    assert present.draft.kept_in is not None
    assert not opened(opener, present=present.draft.kept_in).draft.mask.any()


def test_strokes_are_on_disk_before_the_draft_is_saved(opener: DraftOpener, worker: SerialWorker) -> None:
    found = opened(opener)
    assert found.draft.kept_in is not None
    assert not found.draft.kept_in.exists()
    paint(found.draft, 2)
    worker.flush()
    kept = read_journal(found.draft.kept_in, SHAPE)
    assert kept is not None
    np.testing.assert_array_equal(kept.mask, found.draft.mask)


def test_a_label_that_cannot_be_shown_is_named_and_the_draft_begins_empty(
    manager: AppManager, opener: DraftOpener, tmp_path: Path
) -> None:
    manager.save_label("case", label(1), info={"models": ["click"]})
    [file] = (tmp_path / "labels").rglob("case*")
    file.write_bytes(b"damaged")
    found = opened(opener)
    assert not found.draft.mask.any()
    assert found.unshown is not None
    assert found.unshown.problem.startswith("the saved label 'final' of case is not shown: ")
    assert str(file.name) in found.unshown.problem
    assert not found.unshown.fits


def test_prompts_come_back_with_the_draft_that_they_belong_to(opener: DraftOpener, worker: SerialWorker) -> None:
    first = opened(opener).draft
    group = first.add_prompt(Click((1, 1, 1)), "a", 1, ("click",), name="p")
    first.answer(InferResult(Region((1, 1, 1), (2, 2, 2)), np.ones((1, 1, 1), np.uint8), SHAPE, {}), group, True)
    leave(first, worker)
    [prompts] = opened(opener).draft.groups
    assert [one.id for one in prompts.given] == ["p"]
    assert not prompts.stale


def test_values_that_need_two_bytes_have_them(manager: AppManager, opener: DraftOpener) -> None:
    wide = np.zeros(SHAPE, np.uint16)
    wide[0, 0, 0] = 300
    manager.save_label("case", wide)
    assert opened(opener).draft.mask.dtype == np.uint16
    assert opened(opener).draft.mask[0, 0, 0] == 300


def test_opening_that_is_given_up_leaves_every_draft_as_it_was(opener: DraftOpener, worker: SerialWorker) -> None:
    former = opened(opener)
    paint(former.draft, 2)
    leave(former.draft, worker)
    task = BackgroundTask("Opening case")
    task.cancel()
    with pytest.raises(Cancelled, match="Opening case was cancelled"):
        opened(opener, task=task)
    again = opened(opener)
    assert (again.draft.mask == 2).sum() == 40
    assert again.draft.dirty


def test_somebody_elses_draft_is_told_and_left_alone(
    manager: AppManager, opener: DraftOpener, worker: SerialWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = opened(opener)
    paint(theirs.draft, 2)
    worker.flush()
    # As it is for another process, which does not know who has the file here.
    monkeypatch.setattr(Journal, "_held", {})
    mine = opened(opener)
    assert not mine.draft.mask.any()
    assert mine.problem is not None
    assert "has this image open with unsaved changes since" in mine.problem
    assert mine.notice is None
    assert mine.draft.kept_in != theirs.draft.kept_in
