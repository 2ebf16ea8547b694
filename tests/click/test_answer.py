"""What of a network's answer is taken."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from jlabel.click.answer import ClickNetwork, corrected, honour, in_boxes, marked_parts
from jlabel.click.network import DESIGNS
from jlabel.click.view import View
from jlabel.imaging.region import Region
from jlabel.prompts.prompt import Box, Click, Lasso, Scribble

_WHOLE = Region.whole((30, 30))


@settings(max_examples=60)
@given(seed=st.integers(0, 1000), place=st.tuples(*[st.integers(5, 34)] * 2), positive=st.booleans())
def test_a_correction_goes_one_way_and_only_in_the_part_that_holds_the_prompt(seed, place, positive):
    random = np.random.default_rng(seed)
    had = ndimage.gaussian_filter(random.normal(size=(30, 30)), 3) > 0
    logits = ndimage.gaussian_filter(random.normal(size=(30, 30)), 3).astype(np.float32)
    region = Region((5, 5), (35, 35))
    now = corrected(had, logits, [Click((6, 6)), Click(place, positive)], region)
    changed = now != had
    assert not (changed & (had if positive else ~had)).any()
    assert not (changed & ((logits > 0) != positive)).any()
    parts, _ = ndimage.label(((logits > 0) != had) & (had != positive), np.ones((3, 3)))
    at = tuple(np.subtract(place, 5))
    assert np.array_equal(changed, (parts == parts[at]) & (parts > 0))


def test_a_scribble_corrects_every_part_that_it_crosses(ball):
    one, two, three = (ball((30, 30), (15, j), 3) for j in (5, 14, 24))
    logits = np.where(one | two | three, 1.0, -1.0).astype(np.float32)
    line = Scribble(tuple((15, j) for j in range(4, 16)))
    assert np.array_equal(corrected(np.zeros_like(one), logits, [line], _WHOLE), one | two)
    line = Scribble(line.positions, False)
    assert np.array_equal(corrected(one | two | three, -logits, [line], _WHOLE), three)


def test_a_prompt_outside_of_the_region_changes_nothing():
    had, logits = np.zeros((30, 30), dtype=bool), np.ones((30, 30), np.float32)
    assert not corrected(had, logits, [Click((40, 3))], _WHOLE).any()


def test_the_later_of_two_prompts_is_honoured():
    mask = np.zeros((30, 30), dtype=bool)
    prompts = [Scribble(((3, 3), (3, 4), (3, 5))), Click((3, 4), False), Click((50, 50)), Box((0, 0), (29, 29))]
    found = honour(mask, prompts, _WHOLE)
    assert found[3, 3]
    assert not found[3, 4]
    assert found.sum() == 2
    assert not mask.any()
    assert honour(mask, [*prompts, Click((3, 4))], _WHOLE).sum() == 3


def test_prompts_are_honoured_in_the_region_s_own_voxels():
    found = honour(np.zeros((4, 4), dtype=bool), [Click((12, 21))], Region((10, 20), (14, 24)))
    assert np.argwhere(found).tolist() == [[2, 1]]


def test_boxes_are_filled_and_cut_to_the_region():
    found = in_boxes([Box((2, 2), (4, 6)), Box((25, 28), (40, 40)), Click((15, 15))], _WHOLE)
    expected = np.zeros((30, 30), dtype=bool)
    expected[2:5, 2:7] = expected[25:, 28:] = True
    assert np.array_equal(found, expected)
    assert np.array_equal(in_boxes([Box((2, 2), (4, 6))], Region((3, 3), (9, 9))), expected[3:9, 3:9])
    assert not in_boxes([Click((3, 3))], _WHOLE).any()


@pytest.mark.parametrize("lower", [(5, 5), (-8, -8), (20, 12)])
@pytest.mark.parametrize("edges", [(11, 15), (16, 16), (1, 1), (1, 9)])
def test_an_ellipse_lies_in_its_box_and_fills_most_of_it(lower, edges):
    box = Box(lower, tuple(low + n - 1 for low, n in zip(lower, edges, strict=True)))
    large = Region((-40, -40), (80, 80))
    filled, ellipse = in_boxes([box], large), in_boxes([box], large, ellipses=True)
    assert not (ellipse & ~filled).any()
    assert ellipse.sum() > 0.7 * filled.sum()
    # Where the region is cut, the ellipse is the same one.
    assert np.array_equal(in_boxes([box], _WHOLE, ellipses=True), ellipse[_WHOLE.inside(large).slices])


def test_an_ellipse_in_a_volume():
    found = in_boxes([Box((4, 4, 4), (15, 15, 15))], Region.whole((20, 20, 20)), ellipses=True)
    assert found.sum() == pytest.approx(np.pi / 6 * 12**3, rel=0.05)


def test_only_marked_parts_are_kept(ball):
    one, two = ball((30, 30), (8, 8), 4), ball((30, 30), (20, 20), 4)
    assert np.array_equal(marked_parts(one | two, [Click((8, 8))], _WHOLE), one)
    assert np.array_equal(marked_parts(one | two, [Scribble(((8, 8), (20, 20)))], _WHOLE), one | two)
    assert not marked_parts(one | two, [Click((2, 28))], _WHOLE).any()


def test_without_a_positive_place_all_parts_are_kept(ball):
    mask = ball((30, 30), (8, 8), 4)
    for prompts in ([], [Click((3, 3), False)], [Box((0, 0), (9, 9))], [Click((90, 90))]):
        assert np.array_equal(marked_parts(mask, prompts, _WHOLE), mask)
        assert not marked_parts(mask, prompts, _WHOLE, strictly=True).any()


def test_parts_that_touch_at_a_corner_are_one():
    mask = np.eye(30, dtype=bool)
    assert np.array_equal(marked_parts(mask, [Click((4, 4))], _WHOLE), mask)


class Says(torch.nn.Module):
    """Answers with the mean of its input's channels, and keeps what it was given."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        self.seen = inputs
        return inputs[:, 4:5] - inputs[:, 5:6] + 0.5


def test_what_belongs_to_others_is_given_as_negative_and_is_never_inside(ball):
    network = Says()
    others = np.zeros((30, 30), dtype=bool)
    others[:, 20:] = True
    view = View.around((15, 15), 30, (1, 1), (30, 30), 30)
    asked = ClickNetwork(network, DESIGNS[2])
    array = np.random.default_rng(0).random((30, 30))
    prompts = [Click((15, 15)), Lasso(((2, 2), (2, 6), (6, 6)), 2)]
    logits = asked.logits(array, view, prompts, np.zeros_like(others), others)
    assert logits.shape == (30, 30)
    assert (logits[others] == -np.inf).all()
    assert np.isfinite(logits[~others]).all()
    assert network.seen[0, 5, :30, 21:30].all()
    assert not network.seen[0, 5, :30, :19].any()
    plain = asked.logits(array, view, prompts, np.zeros_like(others), None)
    assert not network.seen[0, 5].any()
    assert np.isfinite(plain).all()
