import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from jlabel.simulation import FIRST_MASKS, dice, grown, half_missing, shifted


def test_a_grown_mask_holds_what_is_within_a_tenth_of_the_edge(ball):
    truth = ball((70, 70), (35, 35), 20)
    assert np.array_equal(grown(truth), ndimage.distance_transform_edt(~truth) <= 4)


def test_a_shifted_mask_is_the_structure_a_tenth_of_its_edge_further_along_every_axis():
    truth = np.zeros((60, 40), bool)
    truth[10:40, 20:30] = True
    expected = np.zeros_like(truth)
    expected[13:43, 21:31] = True
    assert np.array_equal(shifted(truth), expected)


def test_a_half_is_missing_across_the_longest_edge():
    truth = np.zeros((60, 40), bool)
    truth[10:40, 20:30] = True
    expected = truth.copy()
    expected[25:] = False
    assert np.array_equal(half_missing(truth), expected)


def test_what_leaves_the_image_is_lost():
    truth = np.ones((20, 20), bool)
    assert shifted(truth).sum() == 18 * 18
    assert grown(truth).all()


@pytest.mark.parametrize("make", FIRST_MASKS.values(), ids=FIRST_MASKS)
def test_there_is_always_something_to_correct(make, ball):
    for truth in (ball((60, 50, 40), (30, 25, 20), 12), ball((60, 50), (30, 25), 2)):
        mask = make(truth)
        assert mask.shape == truth.shape
        assert 0.2 < dice(truth, mask) < 1


@given(arrays(bool, array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=6)))
def test_any_structure_has_first_masks_and_none_has_none(truth):
    for make in FIRST_MASKS.values():
        if truth.any():
            assert make(truth).shape == truth.shape
        else:
            with pytest.raises(ValueError, match="there is none"):
                make(truth)
