import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jlabel.errors import PromptError
from jlabel.imaging.region import Region
from jlabel.prompts.prompt import (
    Box,
    Click,
    InitialMask,
    Lasso,
    Scribble,
    check_prompts,
    move_into,
    prompt_from_json,
    prompt_region,
    prompt_to_json,
)

position = st.tuples(*(st.integers(0, 50),) * 3)
prompts = st.one_of(
    st.builds(Click, position, st.booleans(), st.text(max_size=5)),
    st.builds(Box, position, position),
    st.builds(Scribble, st.lists(position, min_size=1, max_size=5).map(tuple), st.booleans()),
)


@given(prompts)
def test_json_there_and_back(prompt):
    import json

    assert prompt_from_json(json.loads(json.dumps(prompt_to_json(prompt)))) == prompt


def test_a_lasso_there_and_back():
    lasso = Lasso(((1, 2, 3), (4, 2, 3), (4, 2, 9)), plane=1)
    assert prompt_from_json(prompt_to_json(lasso)) == lasso


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


def test_the_corners_of_a_box_may_come_in_any_order():
    assert Box((5, 1), (2, 8)) == Box((2, 1), (5, 8))


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


@pytest.mark.parametrize(
    "make",
    [
        lambda: Click("here"),
        lambda: Box((1, 2), (1, 2, 3)),
        lambda: Scribble(()),
        lambda: Scribble(((1, 2), (1, 2, 3))),
        lambda: Lasso(((1, 1, 1), (2, 2, 2)), plane=0),
        lambda: Lasso(((1, 1, 1), (2, 2, 2), (3, 1, 1)), plane=0),
        lambda: Lasso(((1, 1, 1), (1, 2, 2), (1, 1, 2)), plane=5),
        lambda: prompt_from_json({"kind": "wish"}),
        lambda: prompt_from_json({"kind": "click"}),
        lambda: prompt_to_json(InitialMask(np.zeros((2, 2)))),
    ],
)
def test_a_prompt_that_makes_no_sense(make):
    with pytest.raises(PromptError):
        make()
