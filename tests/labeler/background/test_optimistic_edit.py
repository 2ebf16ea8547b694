"""Large changes are worked out beside the person: what a stroke overtakes begins again, and the rules hold."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from jlabel.annotation import mask_change
from jlabel.annotation.draft import Draft
from jlabel.annotation.mask_change import MaskChange
from jlabel.annotation.paint_rules import PaintRules
from jlabel.errors import Cancelled, EditError, JlabelError
from jlabel.imaging import Image, Region, decode_voxels
from jlabel.imaging.intensity import Intensities
from jlabel.labeler.background.optimistic_edit import apply_optimistically
from jlabel.labeler.background.tasks import BackgroundTask
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.pages import Pages
from jlabel.progress import Progress

SHAPE = (4, 3, 2)
WHOLE = Region.whole(SHAPE)


class Labeler:
    """As much of a labeler as a change of its draft needs; its page puts the mask together from what it hears."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.pages = Pages(self._hear)
        self.pages.connect("page")
        self.revision = 0
        self.prompts_cancelled = 0
        self.open_image: OpenImage | None = opened()
        self.shown = np.zeros(SHAPE, np.uint8)

    @property
    def draft(self) -> Draft:
        assert self.open_image is not None
        return self.open_image.draft

    def cancel_prompts(self) -> bool:
        self.prompts_cancelled += 1
        return False

    def draft_changed(self) -> None:
        self.revision += 1

    def stroke(self, value: int, at: tuple[int, int, int] = (0, 0, 0)) -> None:
        region = Region(at, tuple(i + 1 for i in at))
        with self.lock:
            self.draft.paint(region, np.ones((1, 1, 1), bool), value)
            self.pages.show_mask(self.open_image, region)  # type: ignore[arg-type]
            self.draft_changed()

    def _hear(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        region = Region.from_flat(content["region"])
        self.shown[region.slices] = decode_voxels(buffers[0], region, content["dtype"])


def opened() -> OpenImage:
    return OpenImage("case", 1, Image(np.zeros(SHAPE, np.int16), np.eye(4)), Draft(SHAPE), Intensities(0, 1, 0, 1))


@pytest.fixture
def labeler() -> Iterator[Labeler]:
    labeler = Labeler()
    yield labeler
    # Whatever happened, the page shows the draft.
    if labeler.open_image is not None:
        np.testing.assert_array_equal(labeler.shown, labeler.draft.mask)


def fill_empty(mask: NDArray[Any], _: Progress) -> tuple[Region, NDArray[Any]]:
    """What is to be done in these tests: all that has no label gets the second one."""
    return WHOLE, np.where(mask == 0, 2, mask).astype(mask.dtype)


def apply(labeler: Labeler, work: Any = fill_empty, **more: Any) -> MaskChange:
    assert labeler.open_image is not None
    return apply_optimistically(labeler, labeler.open_image, more.pop("task", BackgroundTask("Filling")), work, **more)


class Counted:
    """The work, which does something else on its way, the first ``times``."""

    def __init__(self, act: Callable[[], None], times: int = 1) -> None:
        self.tries = 0
        self.act, self.times = act, times

    def __call__(self, mask: NDArray[Any], progress: Progress) -> tuple[Region, NDArray[Any]]:
        self.tries += 1
        found = fill_empty(mask, progress)
        if self.tries <= self.times:
            self.act()
        return found


def test_a_change_is_one_step_of_undo_and_the_pages_are_told(labeler: Labeler) -> None:
    labeler.stroke(1)
    change = apply(labeler)
    assert change.voxels == 4 * 3 * 2 - 1
    assert labeler.draft.mask[0, 0, 0] == 1
    assert (labeler.revision, labeler.prompts_cancelled) == (2, 1)
    np.testing.assert_array_equal(labeler.shown, labeler.draft.mask)
    labeler.draft.undo()
    assert labeler.draft.mask.sum() == 1
    labeler.draft.redo()


def test_what_changes_no_voxel_is_no_step(labeler: Labeler) -> None:
    done: list[MaskChange] = []
    change = apply(labeler, lambda mask, _: (WHOLE, mask.copy(order="F")), then=done.append)
    assert change.voxels == 0
    assert done == [change]
    assert labeler.draft.history.next_undo is None
    assert (labeler.revision, labeler.prompts_cancelled) == (0, 0)


def test_a_stroke_meanwhile_stays_and_the_work_begins_again_with_it(labeler: Labeler) -> None:
    work = Counted(lambda: labeler.stroke(1, (3, 2, 1)))
    apply(labeler, work)
    assert work.tries == 2
    assert labeler.draft.mask[3, 2, 1] == 1
    assert (labeler.draft.mask == 2).sum() == 4 * 3 * 2 - 1


def test_undo_meanwhile_begins_it_again_though_the_mask_is_the_same_array(labeler: Labeler) -> None:
    labeler.stroke(1)

    def undo() -> None:
        with labeler.lock:
            labeler.draft.undo()
            labeler.pages.show_mask(labeler.open_image, WHOLE)  # type: ignore[arg-type]

    work = Counted(undo)
    apply(labeler, work)
    assert work.tries == 2
    assert (labeler.draft.mask == 2).all()


def test_a_draft_that_is_made_wider_meanwhile_is_worked_out_anew(labeler: Labeler) -> None:
    work = Counted(lambda: labeler.draft.widen(labeler.draft.mask.astype(np.uint16)))
    apply(labeler, work)
    assert work.tries == 2
    assert labeler.draft.mask.dtype == np.uint16
    assert (labeler.draft.mask == 2).all()


def test_a_change_that_is_overtaken_five_times_is_given_up_with_words(labeler: Labeler) -> None:
    labels = iter([1, 2] * 10)
    work = Counted(lambda: labeler.stroke(next(labels)), times=100)
    with pytest.raises(JlabelError, match=r"^Filling was given up: the labels were changed again and again meanwhile$"):
        apply(labeler, work)
    assert work.tries == 5
    # Only the strokes are there.
    assert np.count_nonzero(labeler.draft.mask) == 1


def test_the_fifth_try_may_still_succeed(labeler: Labeler) -> None:
    labels = iter([1, 2] * 10)
    work = Counted(lambda: labeler.stroke(next(labels)), times=4)
    assert apply(labeler, work).voxels > 0
    assert work.tries == 5


def test_another_image_that_is_opened_meanwhile_gets_nothing_of_it(labeler: Labeler) -> None:
    former, other = labeler.open_image, opened()

    def leave() -> None:
        labeler.open_image = other

    with pytest.raises(Cancelled, match=r"^Filling was cancelled: another image was opened$"):
        apply(labeler, Counted(leave))
    assert former is not None
    assert not former.draft.mask.any()
    assert not other.draft.mask.any()


def test_what_is_cancelled_while_it_is_worked_out_changes_nothing(labeler: Labeler) -> None:
    task, done = BackgroundTask("Filling"), []
    with pytest.raises(Cancelled, match=r"^Filling was cancelled$"):
        apply(labeler, Counted(task.cancel), task=task, then=done.append)
    assert not labeler.draft.mask.any()
    assert done == []


def test_work_asks_whether_it_was_overtaken_and_need_not_end(labeler: Labeler) -> None:
    ended = []

    def work(mask: NDArray[Any], progress: Progress) -> tuple[Region, NDArray[Any]]:
        if not ended:
            labeler.stroke(1)
        ended.append(False)
        progress.check()
        ended[-1] = True
        return fill_empty(mask, progress)

    apply(labeler, work)
    assert ended == [False, True]


def test_a_failure_is_told_unless_half_a_stroke_was_read(labeler: Labeler) -> None:
    tries = []

    def work(mask: NDArray[Any], progress: Progress) -> tuple[Region, NDArray[Any]]:
        tries.append(1)
        if len(tries) == 1:
            labeler.stroke(1)
        raise EditError(f"failed the time number {len(tries)}")

    with pytest.raises(EditError, match="number 2"):
        apply(labeler, work)


def test_a_locked_label_stays_as_it_is(labeler: Labeler) -> None:
    labeler.stroke(1)
    labeler.draft.guard = PaintRules({1: "a"})
    change = apply(labeler, lambda mask, _: (WHOLE, np.full(SHAPE, 2, mask.dtype, order="F")))
    assert (change.voxels, change.kept) == (23, 1)
    assert labeler.draft.mask[0, 0, 0] == 1


def test_a_rule_that_comes_meanwhile_is_obeyed(labeler: Labeler) -> None:
    labeler.stroke(1)
    everything = np.full(SHAPE, 2, np.uint8, order="F")

    def lock() -> None:
        labeler.draft.guard = PaintRules({1: "a"})

    counted = Counted(lock)

    def work(mask: NDArray[Any], progress: Progress) -> tuple[Region, NDArray[Any]]:
        counted(mask, progress)
        return WHOLE, everything.copy(order="F")

    assert apply(labeler, work).kept == 1
    assert labeler.draft.mask[0, 0, 0] == 1


def test_a_rule_that_comes_while_the_change_is_made_ready_is_obeyed(
    labeler: Labeler, monkeypatch: pytest.MonkeyPatch
) -> None:
    labeler.stroke(1)
    real, tries = mask_change.bounding_region, []

    def bounding_region(changed: NDArray[Any]) -> Region | None:
        tries.append(1)
        labeler.draft.guard = PaintRules({1: "a"})
        return real(changed)

    monkeypatch.setattr(mask_change, "bounding_region", bounding_region)
    change = apply(labeler, lambda mask, _: (WHOLE, np.full(SHAPE, 2, mask.dtype, order="F")))
    assert len(tries) == 2
    assert change.kept == 1
    assert labeler.draft.mask[0, 0, 0] == 1


def test_rules_that_are_given_hold_instead_of_the_drafts(labeler: Labeler) -> None:
    labeler.stroke(1)
    labeler.draft.guard = PaintRules({1: "a"})
    everything = np.full(SHAPE, 2, np.uint8, order="F")
    change = apply(labeler, lambda *_: (WHOLE, everything), guard=PaintRules())
    assert (change.voxels, change.kept) == (24, 0)


def test_what_comes_after_is_done_with_the_lock_held_and_the_change_in_the_draft(labeler: Labeler) -> None:
    seen: list[Any] = []

    def then(change: MaskChange) -> None:
        others: list[bool] = []
        thread = threading.Thread(target=lambda: others.append(labeler.lock.acquire(blocking=False)))
        thread.start()
        thread.join(60)
        seen.append((change.voxels, int(labeler.draft.mask.sum()), others))

    apply(labeler, then=then)
    assert seen == [(24, 48, [False])]


def test_nobody_waits_for_the_lock_while_it_is_worked_out(labeler: Labeler) -> None:
    free: list[bool] = []

    def work(mask: NDArray[Any], progress: Progress) -> tuple[Region, NDArray[Any]]:
        def stroke() -> None:
            if labeler.lock.acquire(timeout=60):
                labeler.lock.release()
                free.append(True)

        thread = threading.Thread(target=stroke)
        thread.start()
        thread.join(60)
        return fill_empty(mask, progress)

    apply(labeler, work)
    assert free == [True]


def test_progress_is_told(labeler: Labeler) -> None:
    told: list[float] = []
    task = BackgroundTask("Filling", lambda _, fraction: told.append(fraction))

    def work(mask: NDArray[Any], progress: Progress) -> tuple[Region, NDArray[Any]]:
        progress.report(1)
        return fill_empty(mask, progress)

    apply(labeler, work, task=task)
    assert told == [1]
