import numpy as np
import pytest

from jlabel.prompts.in_slice import cut_to_slice, slice_of
from jlabel.prompts.prompt import Box, Click, InitialMask, Lasso, Scribble


def test_where_a_prompt_points():
    assert slice_of(Click((3, 4, 5)), 1) == 4
    assert slice_of(Box((0, 0, 2), (9, 9, 8)), 2) == 5
    assert slice_of(Scribble(((1, 1, 2), (1, 1, 7), (1, 2, 7))), 2) == 7
    mask = np.zeros((4, 4, 9))
    mask[1, 1, 4:7] = 1
    assert slice_of(InitialMask(mask), 2) == 5


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_click_is_in_its_own_slice_only(axis):
    click = Click((3, 4, 5))
    index = click.position[axis]
    assert cut_to_slice(click, axis, index) == click
    assert cut_to_slice(click, axis, index + 1) is None


def test_a_box_has_a_face_in_every_slice_it_crosses():
    cut = cut_to_slice(Box((1, 2, 3), (4, 5, 6)), 2, 4)
    assert (cut.lower, cut.upper) == ((1, 2, 4), (4, 5, 4))
    assert cut_to_slice(Box((1, 2, 3), (4, 5, 6)), 2, 7) is None


def test_a_scribble_keeps_what_lies_in_the_slice():
    scribble = Scribble(((1, 1, 2), (1, 2, 2), (1, 2, 3)))
    assert cut_to_slice(scribble, 2, 2).positions == ((1, 1, 2), (1, 2, 2))
    assert cut_to_slice(scribble, 2, 9) is None


def test_a_lasso_is_in_its_own_slice_only():
    lasso = Lasso(((1, 1, 2), (5, 1, 2), (5, 5, 2)), plane=2)
    assert cut_to_slice(lasso, 2, 2) == lasso
    assert cut_to_slice(lasso, 0, 1) is None


def test_a_mask_keeps_one_slice():
    mask = np.ones((3, 3, 3), dtype=np.uint8)
    cut = cut_to_slice(InitialMask(mask), 1, 2)
    assert cut.mask[:, 2].all()
    assert cut.mask.sum() == 9
    assert cut_to_slice(InitialMask(np.zeros((3, 3, 3))), 1, 2) is None
