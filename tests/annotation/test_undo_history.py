"""Steps that are undone and redone, joined and forgotten: checked against a list of whole masks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jlabel.annotation.prompt_group import GivenPrompt, PromptGroup
from jlabel.annotation.undo_history import Patch, UndoHistory
from jlabel.imaging import Region
from jlabel.prompts import Click

PIXEL = Region((0, 0), (1, 1))
NO_GROUPS = ((), ())


def patch(before: int, after: int, size: int = 1) -> Patch:
    return Patch(PIXEL, bytes([before]) * size, bytes([after]) * size)


def recorded(history: UndoHistory, times: int, size: int = 1) -> list[int]:
    """The history's position after each of so many steps."""
    positions = []
    for n in range(times):
        history.record((patch(n % 2, 1 - n % 2, size),), NO_GROUPS)
        positions.append(history.position)
    return positions


def kept_steps(history: UndoHistory) -> int:
    steps = 0
    while history.next_undo is not None:
        history.undone()
        steps += 1
    return steps


actions = st.lists(
    st.one_of(
        st.tuples(st.just("record"), st.integers(1, 40)),
        st.tuples(st.just("join"), st.integers(1, 40)),
        st.tuples(st.sampled_from(["undo", "redo"]), st.just(0)),
    ),
    max_size=40,
)


@settings(max_examples=300)
@given(actions, st.integers(1, 5), st.integers(0, 120))
def test_it_is_a_list_of_masks_of_which_the_oldest_are_forgotten(
    actions: list[tuple[str, int]], kept: int, max_bytes: int
) -> None:
    class Short(UndoHistory):
        KEPT = kept

    history = Short(max_bytes)
    # The masks from the oldest to which one can go back, each as a number of its own, and their history positions.
    masks, at, made = [0], 0, 0
    numbered = {0: history.position}
    for action, size in actions:
        if action in ("record", "join"):
            joins = action == "join" and at > 0
            made += 1
            step = history.record((patch(masks[at], made % 250, size),), NO_GROUPS, joins=joins)
            masks = [*masks[: at if joins else at + 1], made]
            at = len(masks) - 1
            assert step is history.next_undo
            assert history.position not in numbered.values()
            numbered[made] = history.position
            steps = steps_of(history)
            # Nothing is forgotten without need, and never one of the last.
            masks = masks[len(masks) - 1 - len(steps) :]
            at = len(masks) - 1
            memory = sum(one.bytes for one in steps)
            assert memory <= max_bytes or len(steps) <= kept
        elif action == "undo" and at > 0:
            assert history.next_undo is not None
            history.undone()
            at -= 1
        elif action == "redo" and at < len(masks) - 1:
            assert history.next_redo is not None
            history.redone()
            at += 1
        assert history.position == numbered[masks[at]]
        assert (history.next_undo is None) == (at == 0)
        assert (history.next_redo is None) == (at == len(masks) - 1)


def steps_of(history: UndoHistory) -> list[Any]:
    """All steps that can be undone, the oldest first; the history is as it was after."""
    found = []
    while history.next_undo is not None:
        found.append(history.next_undo)
        history.undone()
    for _ in found:
        history.redone()
    return found[::-1]


def test_nothing_is_forgotten_as_long_as_there_is_room() -> None:
    history = UndoHistory(max_bytes=2 * 300)
    recorded(history, 300)
    assert kept_steps(history) == 300


def test_the_last_hundred_stay_however_large_they_are() -> None:
    history = UndoHistory(max_bytes=10)
    positions = recorded(history, 150, size=1000)
    assert kept_steps(history) == 100
    # All the way back the mask is what it was after the last forgotten step.
    assert history.position == positions[49]


def test_steps_that_were_undone_and_lost_take_no_room() -> None:
    history = UndoHistory(max_bytes=2 * 1000)
    for _ in range(50):
        recorded(history, 1, size=900)
        history.undone()
    recorded(history, 101)
    assert kept_steps(history) == 101


def test_a_stroke_in_many_parts_takes_no_more_room_than_its_parts() -> None:
    history = UndoHistory(max_bytes=2 * 150 + 2 * 300)
    recorded(history, 150)
    for _ in range(300):
        history.record((patch(0, 1),), NO_GROUPS, joins=True)
    assert kept_steps(history) == 150


def test_a_new_step_ends_what_could_be_redone() -> None:
    history = UndoHistory()
    first, second = recorded(history, 2)
    history.undone()
    assert history.position == first
    recorded(history, 1)
    assert history.next_redo is None
    assert history.position not in (first, second)


def test_a_joined_step_goes_back_to_before_its_first_part() -> None:
    history = UndoHistory()
    one = PromptGroup("a", 1, given=(GivenPrompt("p", Click((0, 0))),))
    history.record((patch(0, 1),), ((one,), ()))
    position = history.position
    step = history.record((patch(1, 2),), ((), ()), joins=True)
    assert step.patches == (patch(0, 1), patch(1, 2))
    assert step.groups_before == (one,)
    assert history.position != position
    history.undone()
    assert history.position == 0
    assert history.next_undo is None


def test_a_step_takes_memory_for_the_groups_that_are_new_in_it() -> None:
    old = PromptGroup("a", 1, base=b"12345")
    new = PromptGroup("b", 2, base=b"123", after=b"4567", also=b"8")
    step = UndoHistory().record((patch(0, 1, size=10),), ((old,), (old, new)))
    assert step.bytes == 20 + 8


def test_whoever_listens_hears_what_changed_and_what_was_changed_back() -> None:
    history, heard = UndoHistory(), []
    history.on_change = lambda patches, forwards: heard.append((patches, forwards))
    first, second = (patch(0, 1),), (patch(1, 2),)
    history.record(first, NO_GROUPS)
    history.record(second, NO_GROUPS, joins=True)
    history.undone()
    history.redone()
    assert heard == [(first, True), (second, True), (first + second, False), (first + second, True)]
    # Prompts alone change no voxel.
    history.record((), NO_GROUPS)
    history.undone()
    assert len(heard) == 4


@pytest.mark.parametrize("ask", ["undone", "redone", "join"])
def test_there_is_nothing_to_take_back_or_to_join_at_first(ask: str) -> None:
    history = UndoHistory()
    asked = {
        "undone": history.undone,
        "redone": history.redone,
        "join": lambda: history.record((), NO_GROUPS, joins=True),
    }
    with pytest.raises(IndexError):
        asked[ask]()
