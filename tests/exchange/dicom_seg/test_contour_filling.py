"""Filling contours by the even-odd rule."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.measure import grid_points_in_poly

from jlabel.exchange.dicom_seg.contour_filling import filled


def rectangle(low: float, high: float) -> np.ndarray:
    return np.array([[low, low], [high, low], [high, high], [low, high]])


@pytest.mark.parametrize("seed", range(8))
def test_any_polygon_is_filled_as_by_another_library(seed: int) -> None:
    corners = np.random.default_rng(seed).uniform(-4, 24, (9, 2)).round(3)
    np.testing.assert_array_equal(filled([corners], (20, 17)), grid_points_in_poly((20, 17), corners))


def test_centres_on_the_contour_belong_to_it() -> None:
    mask = filled([rectangle(2, 5)], (8, 8))
    assert mask.sum() == 16
    assert mask[2, 2]
    assert mask[5, 5]


def test_a_hole_of_its_own_and_a_keyhole_are_the_same() -> None:
    outer, inner = rectangle(0.5, 8.5), rectangle(2.5, 5.5)
    keyhole = np.concatenate([outer, outer[:1], inner, inner[:1]])
    mask = filled([outer, inner], (10, 10))
    assert mask.sum() == 8 * 8 - 3 * 3
    np.testing.assert_array_equal(filled([keyhole], (10, 10)), mask)


def test_what_lies_beyond_the_slice_is_cut_off() -> None:
    assert filled([rectangle(-5, 30)], (4, 3)).all()
    assert not filled([rectangle(10, 12)], (4, 3)).any()
