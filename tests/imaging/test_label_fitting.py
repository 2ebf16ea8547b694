"""A label of another voxel grid in that of its image: what can be lossless is, and what is left out is counted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jlabel.errors import LabelError
from jlabel.imaging import Image, fit_label

SHAPE = (12, 10, 8)
AFFINE = np.array([[0, 0, 3, -20], [2, 0, 0, 5], [0, -1, 0, 7], [0, 0, 0, 1]], float)
IMAGE = Image(np.zeros(SHAPE, np.int16), AFFINE)


def label() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 4, SHAPE, dtype=np.uint8)


def at(corner: tuple[int, int, int]) -> np.ndarray:
    """The affine of a grid that begins at that voxel of the image."""
    shift = np.eye(4)
    shift[:3, 3] = corner
    return AFFINE @ shift


@given(st.tuples(st.integers(-5, 8), st.integers(-5, 6), st.integers(-5, 5)), st.data())
def test_every_whole_shift_is_lossless_within_the_image(corner: tuple[int, int, int], data: st.DataObject) -> None:
    shape = data.draw(st.tuples(*(st.integers(max(1, 1 - low), 14) for low in corner)))
    values = np.random.default_rng(2).integers(0, 4, shape, dtype=np.uint8)
    expected = np.zeros(SHAPE, np.uint8)
    left_out = 0
    for index in np.argwhere(values):
        place = index + corner
        if np.all(place >= 0) and np.all(place < SHAPE):
            expected[tuple(place)] = values[tuple(index)]
        else:
            left_out += 1
    fitted = fit_label(values, at(corner), IMAGE, "label.nii.gz")
    np.testing.assert_array_equal(fitted.mask, expected)
    assert fitted.left_out == left_out
    assert fitted.how != "resampled"


def test_how_it_was_done_is_said() -> None:
    assert fit_label(label()[2:9, 3:9, 1:7], at((2, 3, 1)), IMAGE, "x").how == "padded"
    assert fit_label(np.pad(label(), 2), at((-2, -2, -2)), IMAGE, "x").how == "cropped"
    assert fit_label(label(), at((3, -2, 0)), IMAGE, "x").how == "shifted"


def test_permuted_and_flipped_axes_are_no_loss() -> None:
    turned = label().transpose(2, 0, 1)[::-1, :, :5]
    affine = AFFINE @ np.array([[0, 1, 0, 0], [0, 0, 1, 0], [-1, 0, 0, SHAPE[2] - 1], [0, 0, 0, 1]], float)
    expected = label()
    expected[:, 5:] = 0
    fitted = fit_label(turned, affine, IMAGE, "x")
    np.testing.assert_array_equal(fitted.mask, expected)
    assert (fitted.how, fitted.left_out) == ("padded", 0)


def test_another_spacing_takes_the_nearest_voxel() -> None:
    fine = np.repeat(np.repeat(np.repeat(label(), 2, 0), 2, 1), 2, 2)
    step = np.diag([0.5, 0.5, 0.5, 1.0])
    step[:3, 3] = -0.25
    fitted = fit_label(fine, AFFINE @ step, IMAGE, "x")
    np.testing.assert_array_equal(fitted.mask, label())
    assert fitted.how == "resampled"


def test_a_picture_in_another_size_is_scaled_and_another_picture_refused() -> None:
    picture = Image(np.zeros((40, 60), np.uint8), np.eye(4), oriented=False)
    small = np.zeros((20, 30), np.uint8)
    small[5:10, 20:25] = 3
    fitted = fit_label(small, np.eye(4), picture, "x.png")
    expected = np.zeros((40, 60), np.uint8)
    expected[10:20, 40:50] = 3
    np.testing.assert_array_equal(fitted.mask, expected)
    with pytest.raises(LabelError, match=r"x.png: the label has shape \(20, 50\) and its image \(40, 60\)"):
        fit_label(np.zeros((20, 50), np.uint8), np.eye(4), picture, "x.png")


def test_a_label_that_lies_elsewhere_is_refused() -> None:
    with pytest.raises(LabelError, match="lies elsewhere than its image"):
        fit_label(label(), at((40, 0, 0)), IMAGE, "x")
