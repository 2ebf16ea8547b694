"""A draft copied and widened slab by slab, while everything else goes on: it is what a plain array would be."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from jlabel.annotation import snapshot as copying
from jlabel.annotation.draft import Draft
from jlabel.annotation.snapshot import Copy, with_snapshot
from jlabel.errors import Cancelled
from jlabel.imaging import Region
from jlabel.progress import Progress

SHAPE = (4, 3, 5)
WIDE = np.dtype(np.uint16)


class Plain:
    """What a draft must be: arrays of two bytes a voxel, one for every step."""

    def __init__(self) -> None:
        self.mask: NDArray[Any] = np.zeros(SHAPE, np.uint16)
        self.done: list[NDArray[Any]] = []
        self.undone: list[NDArray[Any]] = []

    def paint(self, region: Region, value: int) -> None:
        after = self.mask.copy()
        after[region.slices] = value
        if (after != self.mask).any():
            self.done.append(self.mask)
            self.undone.clear()
            self.mask = after

    def step(self, source: list[NDArray[Any]], target: list[NDArray[Any]]) -> None:
        if source:
            target.append(self.mask)
            self.mask = source.pop()


class Both:
    """A draft and the plain array, with the copies that are on their way."""

    def __init__(self) -> None:
        self.draft, self.plain = Draft(SHAPE), Plain()
        self.widenings: list[Copy] = []
        self.saves: list[Copy] = []

    def paint(self, low: tuple[int, ...], up: tuple[int, ...], value: int) -> None:
        # Nobody has a label for a value before there is room for it.
        if self.draft.has_room(value):
            region = Region(tuple(map(min, low, up)), tuple(max(a, b) + 1 for a, b in zip(low, up, strict=True)))
            self.draft.paint(region, np.ones(region.shape, bool), value)
            self.plain.paint(region, value)

    def undo(self) -> None:
        self.draft.undo()
        self.plain.step(self.plain.done, self.plain.undone)

    def redo(self) -> None:
        self.draft.redo()
        self.plain.step(self.plain.undone, self.plain.done)

    def begin(self, widening: bool) -> None:
        copy = self.draft.copies.begin(self.draft.mask, WIDE if widening else None)
        (self.widenings if widening else self.saves).append(copy)

    def advance(self) -> None:
        for copy in (*self.widenings, *self.saves):
            copy.advance()
            if copy.done:
                self.draft.copies.end(copy)
                np.testing.assert_array_equal(copy.mask, self.plain.mask)
                if copy in self.widenings:
                    self.draft.widen(copy.mask)
        self.widenings = [copy for copy in self.widenings if not copy.done]
        self.saves = [copy for copy in self.saves if not copy.done]

    def give_up(self) -> None:
        for copy in (*self.widenings, *self.saves):
            self.draft.copies.end(copy)
        self.widenings, self.saves = [], []

    def check(self) -> None:
        np.testing.assert_array_equal(self.draft.mask, self.plain.mask)
        assert self.draft.history.next_undo is None or self.plain.done
        assert self.draft.history.next_redo is None or self.plain.undone


corner = st.tuples(*(st.integers(0, n - 1) for n in SHAPE))
events = st.one_of(
    st.tuples(st.just("paint"), corner, corner, st.sampled_from([0, 1, 2, 255, 256, 300, 40_000])),
    st.tuples(st.just("undo")),
    st.tuples(st.just("redo")),
    st.tuples(st.just("begin"), st.booleans()),
    st.tuples(st.just("advance")),
    st.tuples(st.just("give_up")),
)


@settings(max_examples=300)
@given(st.lists(events, max_size=40))
def test_edits_undo_redo_and_widening_at_any_moment_give_what_a_plain_array_would(sequence: list[Any]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copying, "_SLAB_VOXELS", 12)
        both = Both()
        for name, *arguments in sequence:
            getattr(both, name)(*arguments)
            both.check()
        # Each that ends and widens the draft lets the others begin again.
        for _ in range(SHAPE[-1] * (len(both.widenings) + len(both.saves) + 1)):
            both.advance()
        assert not both.widenings
        assert not both.saves


@pytest.fixture
def slab_by_slab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_SLAB_VOXELS", 12)


def stroke(draft: Draft, value: int = 1) -> None:
    draft.paint(Region.whole(SHAPE), np.ones(SHAPE, bool), value)


def test_the_lock_is_free_between_two_slabs(slab_by_slab) -> None:
    draft, lock, free = Draft(SHAPE), threading.RLock(), []

    def progress(_: float) -> None:
        held = threading.Thread(target=lambda: free.append(lock.acquire(blocking=False) and not lock.release()))
        held.start()
        held.join()

    with_snapshot(draft, lock, lambda copy: copy, Progress(progress))
    assert free == [True] * 5


def test_a_copy_that_is_given_up_is_followed_no_longer(slab_by_slab) -> None:
    draft, asked = Draft(SHAPE), []

    def check() -> None:
        asked.append(1)
        if len(asked) == 3:
            raise Cancelled("given up")

    with pytest.raises(Cancelled):
        with_snapshot(draft, threading.RLock(), draft.widen, Progress(check=check), WIDE)
    assert draft.mask.dtype == np.uint8
    stroke(draft)
    assert draft.mask.all()
    with_snapshot(draft, threading.RLock(), draft.widen, dtype=WIDE)
    assert draft.mask.dtype == np.uint16
    stroke(draft, 0)
    assert not draft.mask.any()


def test_a_copy_of_a_picture() -> None:
    draft = Draft((7, 5))
    draft.paint(Region((2, 1), (4, 5)), np.ones((2, 4), bool), 3)
    copy = with_snapshot(draft, threading.RLock(), lambda copy: copy)
    np.testing.assert_array_equal(copy, draft.mask)
    assert not np.shares_memory(copy, draft.mask)


def test_a_value_that_nobody_made_room_for_is_made_room_for_at_once() -> None:
    draft = Draft(SHAPE, largest=255)
    draft.largest = 300
    stroke(draft, 300)
    assert (draft.mask == 300).all()
    draft.undo()
    assert not draft.mask.any()
