from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jlabel.annotation.draft import Draft
from jlabel.errors import LabelError
from jlabel.imaging import Region
from jlabel.prompts import Click
from jlabel.tasks import InferResult

SHAPE = (6, 5, 4)


def region(low: tuple[int, ...], up: tuple[int, ...]) -> Region:
    return Region(low, up)


def box_result(low: tuple[int, ...], up: tuple[int, ...], within: Region | None = None) -> InferResult:
    """An answer whose structure is the box; the region that was looked at may be larger."""
    looked = within or Region(low, up)
    whole = np.zeros(SHAPE, np.uint8)
    whole[Region(low, up).slices] = 1
    return InferResult(looked, whole[looked.slices], SHAPE, {"a": 1})


def paint(draft: Draft, low: tuple[int, ...], up: tuple[int, ...], value: int) -> None:
    part = Region(low, up)
    draft.paint(part, np.ones(part.shape, bool), value)


def ask(draft: Draft, position=(1, 1, 1), positive=True, label="a", value=1, scope=None):
    return draft.add_prompt(Click(position, positive, label), label, value, scope)


def test_a_stroke_paints_only_what_it_touched():
    draft = Draft(SHAPE)
    touched = np.zeros((2, 2, 1), bool)
    touched[0, 1, 0] = True
    draft.paint(region((1, 1, 1), (3, 3, 2)), touched, 3)
    assert draft.mask.sum() == draft.mask[1, 2, 1] == 3
    assert draft.dirty


def test_undo_and_redo_a_stroke():
    draft = Draft(SHAPE)
    paint(draft, (0, 0, 0), (2, 2, 2), 1)
    painted = draft.mask.copy()
    assert draft.undo() == region((0, 0, 0), (2, 2, 2))
    assert not draft.mask.any()
    assert not draft.dirty
    assert draft.redo() == region((0, 0, 0), (2, 2, 2))
    np.testing.assert_array_equal(draft.mask, painted)
    assert draft.redo() is None


def test_the_next_answer_replaces_the_last():
    draft = Draft(SHAPE)
    draft.answer(box_result((0, 0, 0), (4, 4, 4)), ask(draft), replaces=False)
    draft.answer(box_result((2, 2, 2), (5, 5, 4)), ask(draft, (3, 3, 3)), replaces=False)
    expected = np.zeros(SHAPE)
    expected[2:5, 2:5, 2:4] = 1
    np.testing.assert_array_equal(draft.mask, expected)


def test_what_was_painted_by_hand_stays_under_an_answer_that_shrinks():
    draft = Draft(SHAPE)
    paint(draft, (0, 0, 0), (1, 1, 1), 2)
    draft.answer(box_result((0, 0, 0), (4, 4, 4)), ask(draft), replaces=False)
    assert draft.mask[0, 0, 0] == 1
    draft.answer(box_result((2, 2, 2), (4, 4, 4)), ask(draft, (3, 3, 3)), replaces=False)
    assert draft.mask[0, 0, 0] == 2


def test_a_stroke_ends_the_session_and_what_the_answer_made_stays():
    draft = Draft(SHAPE)
    draft.answer(box_result((0, 0, 0), (2, 2, 2)), ask(draft), replaces=False)
    paint(draft, (5, 4, 3), (6, 5, 4), 1)
    assert draft.layers.prompts == ()
    draft.answer(box_result((3, 3, 3), (4, 4, 4)), ask(draft, (3, 3, 3)), replaces=False)
    assert draft.mask.sum() == 8 + 1 + 1


def test_a_negative_click_may_cut_from_what_was_there():
    draft = Draft(SHAPE)
    paint(draft, (0, 0, 0), (4, 4, 4), 1)
    group = ask(draft, positive=False)
    start = draft.initial_mask(draft.layers.last)
    assert start is not None
    assert start.mask.sum() == 64
    within = region((0, 0, 0), (4, 4, 4))
    draft.answer(box_result((0, 0, 0), (4, 4, 2), within), group, replaces=True)
    assert draft.mask.sum() == 32
    # The next click starts again from what was there before the first.
    again = ask(draft, (0, 0, 0), positive=False)
    assert draft.initial_mask(draft.layers.last).mask.sum() == 64
    assert again.has_negative


def test_another_label_or_slice_begins_a_new_session():
    draft = Draft(SHAPE)
    draft.answer(box_result((0, 0, 0), (2, 2, 1)), ask(draft, scope=("2d", 2, 0)), replaces=False)
    draft.answer(box_result((0, 0, 1), (2, 2, 2)), ask(draft, scope=("2d", 2, 1)), replaces=False)
    assert draft.mask.sum() == 8
    draft.answer(box_result((0, 0, 0), (1, 1, 1)), ask(draft, label="b", value=2), replaces=False)
    assert draft.mask[0, 0, 0] == 2
    assert draft.mask[1, 1, 1] == 1
    assert len(draft.layers.prompts) == 1


def test_a_late_answer_is_dropped():
    draft = Draft(SHAPE)
    old = ask(draft)
    draft.layers.revert_all()
    assert draft.answer(box_result((0, 0, 0), (2, 2, 2)), old, replaces=False) is None
    assert not draft.mask.any()


def test_undo_brings_the_prompts_back():
    draft = Draft(SHAPE)
    draft.answer(box_result((0, 0, 0), (2, 2, 2)), ask(draft), replaces=False)
    draft.answer(box_result((0, 0, 0), (3, 3, 3)), ask(draft, (2, 2, 2)), replaces=False)
    paint(draft, (5, 4, 3), (6, 5, 4), 1)
    draft.undo()
    assert [prompt.position for prompt in draft.layers.prompts] == [(1, 1, 1), (2, 2, 2)]
    draft.undo()
    assert [prompt.position for prompt in draft.layers.prompts] == [(1, 1, 1)]
    draft.answer(box_result((4, 4, 3), (5, 5, 4)), ask(draft, (4, 4, 3)), replaces=False)
    assert draft.mask.sum() == 1
    draft.undo()
    draft.undo()
    assert draft.layers.prompts == ()
    assert not draft.mask.any()


def test_an_answer_tells_only_what_it_changed():
    draft = Draft(SHAPE)
    within = Region.whole(SHAPE)
    assert draft.answer(box_result((1, 1, 1), (3, 3, 3), within), ask(draft), replaces=False) == region(
        (1, 1, 1), (3, 3, 3)
    )
    # The next one leaves the last: both places are other than before, and the first is as it was before the session.
    assert draft.answer(box_result((3, 3, 3), (4, 4, 4), within), ask(draft, (3, 3, 3)), replaces=False) == region(
        (1, 1, 1), (4, 4, 4)
    )
    assert draft.mask.sum() == 1
    assert draft.layers.last.region == region((3, 3, 3), (4, 4, 4))
    draft.undo()
    assert draft.mask.sum() == 8
    draft.undo()
    assert not draft.mask.any()


def test_an_answer_that_changes_nothing_can_be_undone():
    draft = Draft(SHAPE)
    paint(draft, (0, 0, 0), (2, 2, 2), 1)
    draft.answer(box_result((0, 0, 0), (2, 2, 2)), ask(draft), replaces=False)
    draft.undo()
    assert draft.layers.prompts == ()
    assert draft.mask.sum() == 8


def test_large_values_take_two_bytes():
    assert Draft(SHAPE, largest=300).mask.dtype == np.uint16
    start = np.full(SHAPE, 1000, np.uint16)
    np.testing.assert_array_equal(Draft(SHAPE, start).mask, start)
    with pytest.raises(LabelError, match="70000"):
        Draft(SHAPE, np.full(SHAPE, 70000, np.uint32))


def test_a_saved_draft_is_dirty_again_after_undo():
    draft = Draft(SHAPE)
    paint(draft, (0, 0, 0), (1, 1, 1), 1)
    draft.mark_saved(draft.history.position, draft.mask.copy())
    assert not draft.dirty
    draft.undo()
    assert draft.dirty
    draft.redo()
    assert not draft.dirty


def test_at_least_a_hundred_steps_are_kept_whatever_their_size():
    draft = Draft(SHAPE)
    draft.history.max_bytes = 1
    for step in range(150):
        paint(draft, (0, 0, 0), (2, 2, 2), step % 3)
    for _ in range(100):
        assert draft.undo() is not None
    assert draft.undo() is None
    assert draft.dirty


corner = st.tuples(*(st.integers(0, n - 1) for n in SHAPE))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("paint"), corner, corner, st.integers(0, 2)),
        st.tuples(st.just("answer"), corner, corner, st.integers(1, 2)),
        st.tuples(st.just("undo"), corner, corner, st.just(0)),
        st.tuples(st.just("redo"), corner, corner, st.just(0)),
    ),
    max_size=25,
)


@settings(max_examples=150)
@given(steps)
def test_any_sequence_of_steps_and_undos_returns_the_exact_mask(sequence):
    draft = Draft(SHAPE)
    done, undone = [draft.mask.copy()], []
    for kind, a, b, value in sequence:
        low, up = tuple(map(min, a, b)), tuple(max(i, j) + 1 for i, j in zip(a, b, strict=True))
        if kind == "undo":
            changed = draft.undo()
            assert (changed is None) == (len(done) == 1)
            if changed is not None:
                undone.append(done.pop())
        elif kind == "redo":
            changed = draft.redo()
            assert (changed is None) == (not undone)
            if changed is not None:
                done.append(undone.pop())
        else:
            if kind == "paint":
                paint(draft, low, up, value)
                # A stroke that changes nothing is no step.
                if (draft.mask == done[-1]).all():
                    continue
            else:
                label = "ab"[value - 1]
                draft.answer(box_result(low, up), ask(draft, a, label=label, value=value), replaces=False)
            done.append(draft.mask.copy())
            undone.clear()
        np.testing.assert_array_equal(draft.mask, done[-1])


def test_it_begins_with_a_label_that_came_since_and_has_nothing_to_undo():
    draft = Draft(SHAPE)
    assert draft.untouched
    start = np.zeros(SHAPE, np.uint8)
    start[1:3, 1:3, 1:3] = 2
    draft.begin_with(start, region((1, 1, 1), (3, 3, 3)))
    np.testing.assert_array_equal(draft.mask, start)
    assert draft.occupied() == region((1, 1, 1), (3, 3, 3))
    assert draft.untouched
    assert draft.undo() is None
    paint(draft, (0, 0, 0), (2, 2, 2), 1)
    assert not draft.untouched
    draft.undo()
    np.testing.assert_array_equal(draft.mask, start)
    # The stroke can be done again.
    assert not draft.untouched


def test_with_a_prompt_it_is_not_untouched():
    draft = Draft(SHAPE)
    ask(draft)
    assert not draft.untouched
