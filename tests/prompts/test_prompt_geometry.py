"""Where prompts are, in an image and in a part of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from jlabel.errors import PromptError
from jlabel.imaging.region import Region
from jlabel.prompts.prompt import Box, Click, InitialMask, Lasso, Scribble
from jlabel.prompts.prompt_geometry import check_prompts, move_into, prompt_place, prompt_region, says_what_belongs
from tests.prompts.any_prompts import position, prompts


@given(prompts, position)
def test_moving_into_a_region_and_back_is_nothing(prompt, lower):
    region = Region(tuple(-n for n in lower), (60, 60, 60))
    moved = move_into(prompt, region)
    back = move_into(moved, Region(lower, tuple(n + 200 for n in lower)))
    assert back == prompt


def test_moving_into_a_slice_drops_its_axis():
    region = Region((10, 0, 7), (20, 10, 8))
    assert move_into(Click((12, 3, 7)), region, dropped_axis=2).position == (2, 3)
    lasso = Lasso(((12, 3, 7), (14, 3, 7), (14, 6, 7)), plane=2)
    assert move_into(lasso, region, dropped_axis=2).points == ((2, 3), (4, 3), (4, 6))


def test_a_box_is_cut_to_its_region():
    box = move_into(Box((0, 5), (30, 6)), Region((10, 0), (20, 10)))
    assert (box.lower, box.upper) == ((0, 5), (9, 6))


def test_the_region_of_prompts():
    assert prompt_region([Click((3, 4)), Box((1, 6), (2, 7))]) == Region((1, 4), (4, 8))
    mask = np.zeros((9, 9), dtype=np.uint8)
    assert prompt_region([InitialMask(mask)]) is None
    mask[2:4, 5] = 3
    assert prompt_region([InitialMask(mask)]) == Region((2, 5), (4, 6))


@pytest.mark.parametrize(
    ("prompt", "says"),
    [
        (Click((1, 2, 3)), "has 2 axes"),
        (Click((1, 10)), "outside the image"),
        (Click((-1, 1)), "outside the image"),
        (Box((0, 0), (10, 3)), "outside the image"),
        (InitialMask(np.zeros((3, 3))), "image's shape"),
    ],
)
def test_a_prompt_that_does_not_fit_the_image(prompt, says):
    with pytest.raises(PromptError, match=says):
        check_prompts([prompt], (10, 10))


def test_the_place_of_a_prompt_is_where_it_points_at():
    shapes = [
        Click((3, 4)),
        Box((2, 4), (6, 9)),
        Scribble(((5, 5), (5, 6))),
        Lasso(((0, 0, 7), (4, 0, 7), (4, 8, 7)), plane=2),
    ]
    assert [prompt_place(prompt) for prompt in shapes] == [(3, 4), (4, 6), (5, 5), (2, 2, 7)]
    assert prompt_place(InitialMask(np.ones((2, 2), np.uint8))) is None
    assert [says_what_belongs(prompt) for prompt in (Click((1, 1), positive=False), shapes[1])] == [False, True]
