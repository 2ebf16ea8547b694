"""What MONAI's transforms are given of an image."""

from __future__ import annotations

import numpy as np
import pytest
from monai.transforms import Compose, EnsureChannelFirstd, LoadImaged, NormalizeIntensityd

from jlabel.imaging import Image
from jlabel.tasks.transforms import ImageInMemory, offer

SHAPE = (6, 5, 4)


def prepared(image: Image) -> np.ndarray:
    steps = [LoadImaged("image"), EnsureChannelFirstd("image"), NormalizeIntensityd("image")]
    offer(steps, ImageInMemory(image))
    return np.asarray(Compose(steps)({"image": "x.nii"})["image"][0])


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_one_voxel_that_is_no_number_leaves_the_others_as_they_were(odd: float) -> None:
    array = np.random.default_rng(0).normal(50, 5, SHAPE).astype(np.float32)
    holed = array.copy()
    holed[0, 0, 0] = odd
    whole, found = prepared(Image(array, np.eye(4))), prepared(Image(holed, np.eye(4)))
    assert np.isfinite(found).all()
    assert np.abs(found - whole).ravel()[1:].max() < 0.1
    assert np.isnan(holed[0, 0, 0]) == np.isnan(odd)


@pytest.mark.parametrize("value", [0, 7, np.nan, np.inf])
def test_an_image_of_one_value_or_of_none_becomes_0(value: float) -> None:
    assert not prepared(Image(np.full(SHAPE, value, np.float32), np.eye(4))).any()


def test_padding_counts_as_the_lowest_measurement() -> None:
    array = np.random.default_rng(0).integers(100, 200, SHAPE).astype(np.int16)
    padded = array.copy()
    padded[:, :, 0] = -32768
    bare = array.copy()
    bare[:, :, 0] = padded[:, :, 1:].min()
    found = prepared(Image(padded, np.eye(4), padding=(-32768, -32768)))
    np.testing.assert_allclose(found, prepared(Image(bare, np.eye(4))))
