import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from jlabel.annotators import loose_box, middle_slice_box


def test_the_sides_lie_within_a_tenth_of_the_edge_and_on_both_sides_of_the_structure():
    truth = np.zeros((100, 100), bool)
    truth[30:70, 40:60] = True
    random = np.random.default_rng(0)
    boxes = [loose_box(truth, random) for _ in range(100)]
    lowers, uppers = np.array([box.lower for box in boxes]), np.array([box.upper for box in boxes])
    assert (np.abs(lowers - (30, 40)) <= (4, 2)).all()
    assert (np.abs(uppers - (69, 59)) <= (4, 2)).all()
    assert {-4, 0, 4} <= set(lowers[:, 0] - 30)


def test_a_box_of_the_challenge_is_that_of_the_middle_slice_through_all_slices():
    truth = np.zeros((256, 256, 9), bool)
    truth[100:110, 100:120, 2:7] = True
    truth[90:150, 90:150, 2] = True  # wider, but not in the middle
    box = middle_slice_box(truth, np.random.default_rng(0))
    pixels = 100 - box.lower[0]
    assert 0 <= pixels <= 5
    assert (box.lower, box.upper) == ((100 - pixels, 100 - pixels, 2), (109 + pixels, 119 + pixels, 6))
    assert {100 - middle_slice_box(truth, np.random.default_rng(n)).lower[0] for n in range(40)} == set(range(6))


def test_the_axis_across_the_slices_can_be_another():
    truth = np.zeros((8, 30, 30), bool)
    truth[1:6, 10:20, 12:20] = True
    box = middle_slice_box(truth, np.random.default_rng(0), axis=0)
    assert (box.lower, box.upper) == ((1, 10, 12), (5, 19, 19))


@given(arrays(bool, array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=9)), st.integers(0, 9))
def test_boxes_lie_in_the_image_and_none_is_drawn_around_nothing(truth, seed):
    for draw in (loose_box, middle_slice_box):
        if truth.any():
            box = draw(truth, np.random.default_rng(seed))
            assert all(
                0 <= i < n for corner in (box.lower, box.upper) for i, n in zip(corner, truth.shape, strict=True)
            )
        else:
            with pytest.raises(ValueError, match="there is none"):
                draw(truth, np.random.default_rng(seed))
