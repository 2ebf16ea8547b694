"""Masks as run lengths in a box, and back."""

from __future__ import annotations

import math
from typing import Any

import cvat_sdk.masks
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from jlabel.cvat.masks import decode_mask, decode_mask_into, encode_mask, mask_in_box
from jlabel.errors import CvatError

MASKS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=12))
TEXT = ["........", "...###..", "..####..", "..#..#..", "..###...", "........"]
POINTS = [1, 8, 2, 4, 1, 2, 1, 5, 4]


def mask_of(*rows: str) -> np.ndarray:
    return np.array([[character == "#" for character in row] for row in rows])


def encoded_by_the_sdk(mask: np.ndarray) -> list[float]:
    rows, columns = np.nonzero(mask)
    # With a box: older versions do not find it themselves.
    return cvat_sdk.masks.encode_mask(mask, [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])


def test_runs_go_row_by_row_in_the_box_and_begin_outside_of_the_mask():
    mask = mask_of(*TEXT)
    assert encode_mask(mask) == POINTS
    assert np.array_equal(decode_mask(POINTS, 6, 8), mask)


def test_a_mask_that_begins_at_once_has_a_first_run_of_no_pixels():
    assert encode_mask(mask_of("##.", "##.")) == [0, 4, 0, 0, 1, 1]
    assert encode_mask(mask_of("...", "..#")) == [0, 1, 2, 1, 2, 1]
    assert encode_mask(np.ones((5, 7), bool)) == [0, 35, 0, 0, 6, 4]
    assert encode_mask(mask_of("#.#")) == [0, 1, 1, 1, 0, 0, 2, 0]


def test_an_empty_mask_is_no_shape():
    assert encode_mask(np.zeros((3, 4), bool)) is None
    assert encode_mask(np.zeros((0, 4), bool)) is None


@settings(max_examples=1000)
@given(MASKS)
def test_it_encodes_as_cvats_own_sdk_and_decoding_is_the_inverse(mask: np.ndarray) -> None:
    points = encode_mask(mask)
    if points is None:
        assert not mask.any()
        return
    assert points == encoded_by_the_sdk(mask)
    assert all(type(number) is int for number in points)
    assert np.array_equal(decode_mask(points, *mask.shape), mask)


@settings(max_examples=300)
@given(MASKS.filter(np.any))
def test_the_box_is_the_smallest_and_runs_within_it_are_never_empty(mask: np.ndarray) -> None:
    *runs, left, top, right, bottom = encode_mask(mask) or []
    inside = mask[top : bottom + 1, left : right + 1]
    assert np.count_nonzero(inside) == np.count_nonzero(mask)
    assert inside[0].any()
    assert inside[-1].any()
    assert inside[:, 0].any()
    assert inside[:, -1].any()
    assert min(runs[1:]) > 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (257, 129), (64, 512)])
@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_masks_of_many_sizes_come_back_also_where_columns_lie_one_after_the_other(shape, share):
    rng = np.random.default_rng(0)
    mask = rng.random(shape) < share
    mask[rng.integers(shape[0]), rng.integers(shape[1])] = True
    points = encode_mask(mask)
    assert points == encoded_by_the_sdk(mask) == encode_mask(np.asfortranarray(mask))
    assert np.array_equal(decode_mask(points, *shape), mask)


def test_each_single_pixel_comes_back():
    for index in range(20):
        mask = np.zeros(20, bool)
        mask[index] = True
        assert encode_mask(mask.reshape(4, 5)) == [0, 1, *([index % 5, index // 5] * 2)]
        assert np.array_equal(decode_mask([0, 1, *([index % 5, index // 5] * 2)], 4, 5).ravel(), mask)


def test_points_may_be_floats_an_array_and_have_empty_runs():
    mask = mask_of(*TEXT)
    assert np.array_equal(decode_mask([float(number) for number in POINTS], 6, 8), mask)
    assert np.array_equal(decode_mask(np.array(POINTS, np.float32), 6, 8), mask)
    assert np.array_equal(decode_mask([1, 3, 0, 5, 2, 4, 1, 2, 1, 5, 4], 6, 8), mask)
    assert not decode_mask([4, 0, 0, 1, 1], 6, 8).any()


def test_only_the_pixels_of_the_mask_are_given_a_value():
    target = np.full((6, 8), 7, np.uint16)
    decode_mask_into(POINTS, target, 300)
    assert np.array_equal(target, np.where(mask_of(*TEXT), 300, 7))


def test_a_mask_in_its_box_may_be_cut_off_at_the_border():
    box, inside = mask_in_box([0, 12, -2, -1, 1, 1], 6, 8, cut=True)
    assert box == np.s_[0:2, 0:2]
    assert inside.shape == (2, 2)
    box, inside = mask_in_box([1, 5, 7, 5, 8, 7], 6, 8, cut=True)
    assert box == np.s_[5:6, 7:8]
    assert not inside.any()
    for beside in ([0, 4, 8, 0, 9, 1], [0, 4, 0, 6, 1, 7], [0, 4, -2, 0, -1, 1], [0, 4, 0, -2, 1, -1]):
        _, inside = mask_in_box(beside, 6, 8, cut=True)
        assert not inside.size
    with pytest.raises(CvatError, match=r"outside of the picture .* left -2"):
        mask_in_box([0, 12, -2, -1, 1, 1], 6, 8)


@settings(max_examples=300)
@given(MASKS.filter(np.any), st.integers(-9, 9), st.integers(-9, 9))
def test_a_cut_mask_is_the_part_that_lies_in_the_picture(mask: np.ndarray, right: int, down: int) -> None:
    *runs, x0, y0, x1, y1 = encode_mask(mask) or []
    wide = np.zeros((60, 60), bool)
    wide[20 + down : 20 + down + mask.shape[0], 20 + right : 20 + right + mask.shape[1]] = mask
    found = np.zeros((20, 20), bool)
    box, inside = mask_in_box([*runs, x0 + right, y0 + down, x1 + right, y1 + down], 20, 20, cut=True)
    found[box] = inside
    assert np.array_equal(found, wide[20:40, 20:40])


BAD: list[tuple[Any, str]] = [
    ([], "not 0 numbers"),
    ([0, 0, 1, 1], "not 4 numbers"),
    ([0, 3, 0, 0, 1, 1], "3 pixels together, and its box of 2 x 2 has 4"),
    ([0, 5, 0, 0, 1, 1], "5 pixels together"),
    ([-1, 5, 0, 0, 1, 1], "a run of -1 pixels"),
    ([0, 4, 1, 1, 0, 2], "ends before it begins"),
    ([0, 4, 0, 1, 1, 0], "ends before it begins"),
    ([0, 4, 7, 0, 8, 1], "outside of the picture of 6 rows and 8 columns: left 7, top 0, right 8, bottom 1"),
    ([0, 4, 0, 5, 1, 6], "outside of the picture"),
    ([0, 4, -1, 0, 0, 1], "outside of the picture"),
    ([0, 4, 0, -1, 1, 0], "outside of the picture"),
    ([0.5, 3.5, 0, 0, 1, 1], "0.5 among its points is no whole number"),
    ([0, math.nan, 0, 0, 1, 1], "nan among its points is no finite number"),
    ([0, 4, 0, 0, math.inf, 1], "inf among its points is no finite number"),
    ([0, 1e300, 0, 0, 1, 1], r"1e\+300 among its points is too large"),
    ([0, -(2**63), 0, 0, 1, 1], "too large"),
    ([0, 10**30, 0, 0, 1, 1], "no list of numbers"),
    ([0, 2**53, 2**53, 0, 0, 1, 1], "together"),
    ([2**53] * 2000 + [0, 0, 1, 1], "18014398509481984000 pixels together"),
    ([0, 10**12, 0, 0, 10**6 - 1, 10**6 - 1], "outside of the picture"),
    (["0", "4", "0", "0", "1", "1"], "no list of numbers"),
    ([0, None, 0, 0, 1, 1], "no list of numbers"),
    ([[0, 4], [0, 0, 1, 1]], "no list of numbers"),
    ([[0, 4, 0, 0, 1, 1]], "no list of numbers"),
    ([True, False, True, True, True], "no list of numbers"),
    (None, "no list of numbers"),
    ({"points": [0, 4]}, "no list of numbers"),
    ("0,4,0,0,1,1", "no list of numbers"),
]


@pytest.mark.parametrize(("points", "said"), BAD)
def test_points_that_are_no_mask_are_refused_in_words_and_change_nothing(points: Any, said: str) -> None:
    target = np.full((6, 8), 7, np.uint8)
    with pytest.raises(CvatError, match=said):
        decode_mask_into(points, target, 1)
    assert (target == 7).all()


@pytest.mark.parametrize("cut", [False, True])
def test_a_box_far_larger_than_the_picture_takes_no_memory(cut):
    with pytest.raises(CvatError, match="outside of the picture"):
        mask_in_box([2**50, -(2**24), -(2**24), 2**24 - 1, 2**25 - 1], 6, 8, cut=cut)


@settings(max_examples=500)
@given(st.lists(st.one_of(st.integers(-3, 9), st.floats(), st.integers()), max_size=12), st.booleans())
def test_anything_else_is_a_mask_or_is_refused_in_words(points: list[Any], cut: bool) -> None:
    try:
        box, inside = mask_in_box(points, 6, 8, cut=cut)
    except CvatError:
        return
    assert np.zeros((6, 8), bool)[box].shape == inside.shape
    assert sum(points[:-4]) == (points[-2] - points[-4] + 1) * (points[-1] - points[-3] + 1)


def test_what_is_no_mask_of_a_picture_is_refused():
    with pytest.raises(CvatError, match="this is of uint8 and shape"):
        encode_mask(np.ones((3, 3), np.uint8))  # type: ignore[arg-type]
    with pytest.raises(CvatError, match=r"shape \(2, 2, 2\)"):
        encode_mask(np.ones((2, 2, 2), bool))
    with pytest.raises(CvatError, match="no picture of 0 rows and 8 columns"):
        decode_mask(POINTS, 0, 8)
