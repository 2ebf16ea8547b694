"""Prompts of one structure: what they are together, and the voxels that their last answer has."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from jlabel.annotation.prompt_group import GivenPrompt, PromptGroup
from jlabel.imaging import Region
from jlabel.prompts import Box, Click, Lasso, Scribble

SHAPE = (4, 3)
VALUE = 2
INSIDE = GivenPrompt("inside", Click((1, 1)))
OUTSIDE = GivenPrompt("outside", Click((3, 2), positive=False))
PRESENT_MASK = GivenPrompt("mask", None)

masks = st.lists(st.integers(0, 3), min_size=12, max_size=12).map(lambda v: np.array(v, np.uint8).reshape(SHAPE))
places = st.lists(st.booleans(), min_size=12, max_size=12).map(lambda v: np.array(v).reshape(SHAPE))


def group(*prompts: GivenPrompt, **fields: Any) -> PromptGroup:
    return PromptGroup("tumour", VALUE, ("click",), given=prompts, **fields)


def answered(base: NDArray[Any], inside: NDArray[np.bool_], region: Region) -> tuple[PromptGroup, NDArray[Any]]:
    """A group whose answer lies at ``inside`` over ``base``, and the draft with it."""
    after = base.copy()
    after[inside] = VALUE
    return group(INSIDE).with_answer(region, base, after, inside, layer=1), after


def test_a_prompt_of_the_same_name_takes_the_place_of_the_one_before() -> None:
    moved = GivenPrompt("inside", Click((2, 2)))
    before = group(INSIDE, OUTSIDE)
    assert before.with_prompt(moved).given == (moved, OUTSIDE)
    assert group(OUTSIDE).with_prompt(INSIDE).given == (OUTSIDE, INSIDE)
    assert before.without("inside").given == (OUTSIDE,)
    assert before.without("no such prompt").given == before.given
    assert before.given == (INSIDE, OUTSIDE)


def test_groups_are_told_apart_by_value_and_scope() -> None:
    assert group(INSIDE).key == group(OUTSIDE).key == (VALUE, ("click",))
    assert PromptGroup("tumour", VALUE, ("click", 2, 5)).key != group().key
    assert PromptGroup("tumour", 3, ("click",)).key != group().key


@pytest.mark.parametrize(
    ("prompt", "positive", "negative", "mask"),
    [
        (Click((1, 1)), True, False, False),
        (Click((1, 1), positive=False), False, True, False),
        (Scribble(((1, 1),), positive=False), False, True, False),
        (Lasso(((0, 0), (1, 0), (1, 1)), 0), True, False, False),
        (Box((0, 0), (1, 1)), True, False, False),
        (None, False, False, True),
    ],
)
def test_what_the_prompts_say(prompt: Any, positive: bool, negative: bool, mask: bool) -> None:
    one = group(GivenPrompt("p", prompt))
    assert (one.has_positive, one.has_negative, one.has_mask) == (positive, negative, mask)
    assert one.prompts == (() if prompt is None else (prompt,))


def test_what_was_not_answered_waits_and_what_was_moved_waits_again() -> None:
    one = group(INSIDE, OUTSIDE, answered=(INSIDE,))
    assert one.stale
    assert [one.waits(prompt) for prompt in one.given] == [False, True]
    moved = GivenPrompt("inside", Click((2, 2)))
    assert one.with_prompt(moved).waits(moved)
    assert not group(INSIDE, answered=(INSIDE,)).stale
    # A prompt that was answered and removed changes the answer too.
    assert group(answered=(INSIDE,)).stale


@given(masks, places)
def test_an_answer_is_remembered_where_it_lies_and_no_further(base: NDArray[Any], inside: NDArray[np.bool_]) -> None:
    one, after = answered(base, inside, Region.whole(SHAPE))
    if one.region is None:
        assert not inside.any()
        assert one.size == 0
        return
    assert one.region == Region.around(np.argwhere(inside))
    back, forth = one.voxels(base.dtype)
    np.testing.assert_array_equal(back, base[one.region.slices])
    np.testing.assert_array_equal(forth, after[one.region.slices])
    np.testing.assert_array_equal(one.own(back, forth), inside[one.region.slices])


@given(masks, places)
def test_an_answer_in_a_part_of_the_image_is_remembered_at_its_place(
    base: NDArray[Any], inside: NDArray[np.bool_]
) -> None:
    inside[0, 0] = True
    in_large = Region((5, 7), (9, 10))
    one, _ = answered(base, inside, in_large)
    plain, _ = answered(base, inside, Region.whole(SHAPE))
    assert one.region is not None
    assert plain.region is not None
    assert one.region == plain.region.moved(in_large.lower)
    assert (one.base, one.after, one.also) == (plain.base, plain.after, plain.also)


@given(masks, masks, places)
def test_over_another_draft_it_still_owns_what_it_has(
    base: NDArray[Any], other: NDArray[Any], inside: NDArray[np.bool_]
) -> None:
    one, after = answered(base, inside, Region.whole(SHAPE))
    if one.region is None:
        return
    own = one.own(base[one.region.slices], after[one.region.slices])
    base_there = other[one.region.slices]
    after_there = base_there.copy()
    after_there[own] = VALUE
    moved = one.over_voxels(base_there, after_there, own)
    back, forth = moved.voxels(base.dtype)
    np.testing.assert_array_equal(back, base_there)
    np.testing.assert_array_equal(forth, after_there)
    np.testing.assert_array_equal(moved.own(back, forth), own)
    # Only what had the label without the answer too takes memory of its own.
    assert bool(moved.also) == bool((own & (base_there == VALUE)).any())


def test_what_another_label_covers_by_now_is_not_its_own_any_more() -> None:
    one, _ = answered(np.zeros(SHAPE, np.uint8), np.ones(SHAPE, bool), Region.whole(SHAPE))
    covered = np.zeros(SHAPE, np.uint8)
    covered[:2] = 3
    after = covered.copy()
    after[2:] = VALUE
    under = one.over_voxels(covered, after, np.ones(SHAPE, bool))
    np.testing.assert_array_equal(under.own(*under.voxels(np.dtype(np.uint8))), after == VALUE)


@given(masks)
def test_an_answer_that_took_voxels_away_owns_them(base: NDArray[Any]) -> None:
    after = np.where(base == VALUE, 0, base).astype(np.uint8)
    one = group(OUTSIDE).with_answer(Region.whole(SHAPE), base, after, np.zeros(SHAPE, bool), layer=1)
    if one.region is None:
        assert not (base == VALUE).any()
        return
    np.testing.assert_array_equal(one.own(*one.voxels(base.dtype)), (base == VALUE)[one.region.slices])


def test_values_of_two_bytes_come_back() -> None:
    base = np.zeros(SHAPE, np.uint16)
    base[1, 1] = 40_000
    after = base.copy()
    after[:2] = VALUE
    one = group(INSIDE).with_answer(Region.whole(SHAPE), base, after, after == VALUE, layer=1)
    back, forth = one.voxels(base.dtype)
    assert back[1, 1] == 40_000
    assert back.dtype == forth.dtype == np.uint16


def test_it_goes_on_from_what_is_settled_by_now() -> None:
    settled, _ = answered(np.zeros(SHAPE, np.uint8), np.ones(SHAPE, bool), Region.whole(SHAPE))
    later = group(INSIDE, OUTSIDE).over(settled)
    assert later.given == (INSIDE, OUTSIDE)
    for name in ("answered", "region", "base", "after", "also", "layer"):
        assert getattr(later, name) == getattr(settled, name)
    gone = later.over(None)
    assert gone.given == later.given
    assert (gone.region, gone.size, gone.layer, gone.answered) == (None, 0, 0, ())


def test_the_present_mask_begins_anew_on_what_the_former_prompts_made() -> None:
    settled, _ = answered(np.zeros(SHAPE, np.uint8), np.ones(SHAPE, bool), Region.whole(SHAPE))
    assert group(PRESENT_MASK).over(settled).region is None
    # Once it has an answer of its own it goes on from it.
    assert settled.with_prompt(PRESENT_MASK).over(settled).region == settled.region
