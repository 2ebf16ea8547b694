from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jlabel.annotation.draft import Draft
from jlabel.imaging import Region
from tests.annotation.draft_steps import SHAPE, ask, box_result, paint, region


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


def test_with_a_prompt_it_is_not_untouched():
    draft = Draft(SHAPE)
    ask(draft)
    assert not draft.untouched
