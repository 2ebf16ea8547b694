"""The type that every image is held in."""

from __future__ import annotations

import numpy as np
import pytest

from jlabel.imaging import Image


def test_shape_spacing_and_codes_leave_the_colour_axis_out() -> None:
    image = Image(np.zeros((4, 5, 6, 3), np.uint8), np.diag([-2.0, 3, 4, 1]), channels="rgb")
    assert (image.ndim, image.shape, image.spacing, image.axis_codes) == (3, (4, 5, 6), (2, 3, 4), "LAS")


def test_a_2d_image_has_two_of_everything() -> None:
    image = Image(np.zeros((4, 5)), np.eye(4))
    assert (image.ndim, image.shape, image.spacing, image.axis_codes) == (2, (4, 5), (1, 1), "RA")


def test_voxels_are_read_only() -> None:
    image = Image(np.zeros((4, 5)), np.eye(4))
    with pytest.raises(ValueError, match="read-only"):
        image.array[0, 0] = 1


@pytest.mark.parametrize(
    ("array", "affine", "channels"),
    [
        (np.zeros(4), np.eye(4), "scalar"),
        (np.zeros((2, 2, 2, 2)), np.eye(4), "scalar"),
        (np.zeros((2, 2)), np.eye(4), "rgb"),
        (np.zeros((2, 2, 4)), np.eye(4), "rgb"),
        (np.zeros((2, 2)), np.eye(3), "scalar"),
    ],
)
def test_what_is_no_image_is_refused(array: np.ndarray, affine: np.ndarray, channels: str) -> None:
    with pytest.raises(ValueError, match=r"axes|axis|affine"):
        Image(array, affine, channels)  # type: ignore[arg-type]
