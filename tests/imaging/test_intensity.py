from __future__ import annotations

import numpy as np
import pytest

from jlabel.imaging import Image
from jlabel.imaging.intensity import display_window, intensities


def image(values, **more) -> Image:
    return Image(np.asarray(values), np.eye(4), **more)


def test_outliers_do_not_widen_the_range():
    array = np.random.default_rng(0).normal(100, 10, (40, 40, 40)).astype(np.float32)
    array[0, 0, 0] = 1e9
    found = intensities(image(array))
    assert 60 < found.low < 80
    assert 120 < found.high < 140
    assert found.mean == pytest.approx(100, abs=1)
    assert display_window(found) == (found.low, found.high)


def test_what_is_not_finite_does_not_count():
    array = np.linspace(0, 1, 1000, dtype=np.float32).reshape(10, 10, 10).copy()
    array[0] = np.nan
    array[1] = np.inf
    found = intensities(image(array))
    assert 0 < found.low < found.high <= 1


@pytest.mark.parametrize("value", [0, 7, np.nan])
def test_a_constant_image_still_has_a_range(value):
    found = intensities(image(np.full((4, 4, 4), value, np.float32)))
    assert found.high > found.low
    assert found.std > 0


def test_a_rare_structure_is_seen():
    array = np.zeros((30, 30, 30), np.uint8)
    array[:2, :2, :2] = 5
    assert intensities(image(array)).high == 5


def test_ct_begins_in_a_soft_tissue_window():
    array = np.full((20, 20, 20), -1000, np.int16)
    array[5:15, 5:15] = 50
    assert display_window(intensities(image(array))) == (-160, 240)


def test_colour_has_its_full_range():
    found = intensities(image(np.zeros((4, 4, 3), np.uint8), channels="rgb"))
    assert (found.low, found.high) == (0, 255)


def test_padding_and_what_is_not_finite_count_for_nothing():
    array = np.full((20, 20, 20), 100, np.float32)
    array[:10] = 200
    plain = intensities(image(array))
    array = array.copy()
    array[0, :5], array[1, :5] = np.nan, np.inf
    assert intensities(image(array)).low == plain.low == 100
    array = array.copy()
    array[2:6] = -32768
    padded = intensities(image(array, padding=(-32768, -32768)))
    assert (padded.low, padded.high) == (100, 200)
