from __future__ import annotations

import numpy as np
import pytest

from jlabel.imaging import Image
from jlabel.selection.review.borders import body_axes, contact, intensity_range, side_contrasts, surface


def test_the_surface_counts_faces_by_their_area() -> None:
    mask = np.zeros((6, 6, 6), bool)
    mask[1:3, 1:3, 1:4] = True
    assert surface(mask, (1, 1, 1)) == 2 * (4 + 6 + 6)
    assert surface(mask, (1, 2, 3)) == 2 * (4 * 2 + 6 * 6 + 6 * 3)


def test_the_contact_is_the_area_beside_other_labels() -> None:
    values = np.zeros((6, 6, 6), np.uint8)
    values[1:3, 1:3, 1:3], values[3:5, 1:3, 1:3] = 1, 2
    assert contact(values == 1, values, (1, 2, 3)) == 4 * 6
    assert contact(values == 2, values, (1, 2, 3)) == 4 * 6
    assert contact(values > 0, values, (1, 2, 3)) == 0


def test_the_axes_of_the_body_are_found_in_any_order_and_direction() -> None:
    affine = np.array([[0, 0, -2.0, 0], [1, 0, 0, 0], [0, -3, 0, 0], [0, 0, 0, 1]])
    volume = Image(np.zeros((3, 4, 5)), affine)
    assert body_axes(volume) == [(1, False), (2, True), (0, True)]
    assert body_axes(Image(np.zeros((3, 4)), np.eye(4), oriented=False)) == [(0, False), (1, False)]


def test_the_step_at_each_side_is_outwards_and_at_the_border() -> None:
    values = np.zeros((20, 20), np.float32)
    values[:, 12:] = 10
    mask = np.zeros((20, 20), bool)
    mask[5:15, 5:12] = True
    steps = np.array(side_contrasts(mask, values, [(0, False), (1, False)])).reshape(6, 3)
    assert steps[:4].tolist() == [[0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 10, 0]]
    assert np.isnan(steps[4:]).all()
    moved = np.array(side_contrasts(np.roll(mask, -2, axis=1), values, [(0, False), (1, True)])).reshape(6, 3)
    assert moved[2:4].tolist() == [[0, 0, 10], [0, 0, 0]]


def test_voxels_without_a_measurement_do_not_count() -> None:
    values = np.full((9, 9), np.nan)
    mask = np.zeros((9, 9), bool)
    mask[3:6, 3:6] = True
    values[3:6] = 5
    steps = np.array(side_contrasts(mask, values, [(0, False), (1, False)])).reshape(6, 3)
    assert np.isnan(steps[:2, 1]).all()
    assert steps[2:4, 1].tolist() == [0, 0]


def test_the_range_leaves_out_the_ends_and_what_is_no_number() -> None:
    seen = intensity_range(np.array([np.nan, *range(101), np.inf]))
    assert (seen.middle, seen.width) == (50, 90)
    assert np.isnan(intensity_range(np.full((3, 3), 7)).width)
    assert np.isnan(intensity_range(np.full((3, 3), np.nan)).middle)
    large = np.broadcast_to(np.arange(300, dtype=np.float32), (120, 120, 300))
    assert intensity_range(large).width == pytest.approx(270, rel=0.03)
