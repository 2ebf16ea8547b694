import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from jlabel.annotators import SCRIBBLES, centre_line, contour, line


def drawn(scribble, shape):
    mask = np.zeros(shape, bool)
    mask[tuple(np.array(scribble.positions).T)] = True
    return mask


@given(
    arrays(bool, array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=8)),
    st.integers(0, 5),
    st.sampled_from(sorted(SCRIBBLES)),
)
def test_a_scribble_lies_in_the_structure_and_in_one_slice(truth, seed, kind):
    if not truth.any():
        with pytest.raises(ValueError, match="there is none"):
            SCRIBBLES[kind](truth, np.random.default_rng(seed))
        return
    scribble = SCRIBBLES[kind](truth, np.random.default_rng(seed), positive=False)
    assert all(truth[place] for place in scribble.positions)
    assert truth.ndim == 2 or len({place[-1] for place in scribble.positions}) == 1
    assert not scribble.positive
    assert scribble == SCRIBBLES[kind](truth, np.random.default_rng(seed), positive=False)


def test_a_line_goes_from_border_to_border_and_is_not_straight(ball):
    truth = ball((80, 80), (40, 40), 30)
    random = np.random.default_rng(0)
    lines = [drawn(line(truth, random), truth.shape) for _ in range(20)]
    lengths = [max(np.ptp(np.argwhere(mask), axis=0)) for mask in lines]
    assert np.median(lengths) > 25
    depth = ndimage.distance_transform_edt(truth)
    assert np.mean([depth[mask].min() <= 3 for mask in lines]) > 0.8
    residuals = []
    for mask in lines:
        places = np.argwhere(mask) - np.argwhere(mask).mean(axis=0)
        residuals.append(np.linalg.svd(places, compute_uv=False)[1] / len(places) ** 0.5)
    assert np.median(residuals) > 0.45  # of a straight one 0.29 at most, from rounding


def test_a_centre_line_keeps_to_the_middle():
    truth = np.zeros((40, 120), bool)
    truth[10:31, 5:115] = True
    places = np.array(centre_line(truth, np.random.default_rng(0)).positions)
    along = places[(places[:, 1] > 20) & (places[:, 1] < 100)]
    assert np.abs(along[:, 0] - 20).max() <= 6
    assert len(set(along[:, 1])) > 60


def test_a_contour_follows_a_part_of_the_border_from_within(ball):
    truth = ball((90, 90), (45, 45), 35)
    depth = ndimage.distance_transform_edt(truth)
    random = np.random.default_rng(0)
    parts = []
    for _ in range(20):
        mask = drawn(contour(truth, random), truth.shape)
        assert np.ptp(depth[mask]) < 14
        assert depth[mask].max() < 0.5 * depth.max() + 8
        angles = np.arctan2(*(np.argwhere(mask) - 45).T)
        parts.append(len(np.unique(np.round(angles, 1))) / 63)
    assert min(parts) < 0.6 < max(parts)


def test_slices_are_drawn_by_what_they_hold_of_the_structure():
    truth = np.zeros((30, 30, 10), bool)
    truth[5:25, 5:25, 4] = truth[10:14, 10:14, 6] = True
    random = np.random.default_rng(0)
    slices = [line(truth, random).positions[0][2] for _ in range(60)]
    assert slices.count(4) > 45
    assert line(truth.transpose(2, 0, 1), random, axis=0).positions[0][0] in (4, 6)
