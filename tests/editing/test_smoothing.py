"""Smoothing a label."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from jlabel.editing import Extent, smooth
from jlabel.errors import EditError
from tests.editing.shapes import LABEL, SPACING, apply, ball, extents, masks


def rough_ball(seed: int = 0) -> Any:
    mask = np.zeros((70, 66, 80), np.uint8, order="F")
    distance = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=mask.shape), 0.7) * 12
    distance += np.linalg.norm((np.indices(mask.shape).T - (35, 33, 40)), axis=-1).T
    mask[distance < 24] = LABEL
    return mask


def surface(inside: Any) -> int:
    return sum(int(np.count_nonzero(np.diff(inside.astype(np.int8), axis=axis))) for axis in range(inside.ndim))


def test_a_rough_border_gets_smooth_and_the_volume_stays() -> None:
    mask = rough_ball()
    after = apply(mask, smooth(mask, LABEL, (1, 1, 1), 2.0))
    before, now = np.count_nonzero(mask), np.count_nonzero(after)
    assert abs(now - before) < 0.01 * before
    assert surface(after == LABEL) < 0.8 * surface(mask == LABEL)
    assert np.count_nonzero((after == LABEL) != ball(mask.shape, (35, 33, 40), 24)) < 0.08 * before


def test_a_thin_tube_does_not_vanish() -> None:
    mask = np.zeros((40, 20, 20), np.uint8, order="F")
    mask[5:35, 9:11, 9:11] = LABEL
    after = apply(mask, smooth(mask, LABEL, (1, 1, 1), 2.0))
    assert abs(np.count_nonzero(after) - np.count_nonzero(mask)) <= 16
    assert after[10:30, 9:11, 9:11].all()


def test_millimetres_count_not_voxels() -> None:
    mask = np.zeros((41, 41), np.uint8, order="F")
    mask[10:31, 10:31] = LABEL
    mask[10:31:2, 31] = LABEL
    wide = apply(mask, smooth(mask, LABEL, (0.1, 0.1), 0.01))
    np.testing.assert_array_equal(wide, mask)
    fine = apply(mask, smooth(mask, LABEL, (0.1, 0.1), 0.2))
    assert (fine[31] != mask[31]).any() or (fine[:, 31] != mask[:, 31]).any()


@given(st.data())
def test_only_the_label_changes_and_only_where_asked(data: st.DataObject) -> None:
    mask = data.draw(masks())
    extent = data.draw(extents(mask.shape))
    place = extent.region(mask.shape)
    if not (mask[place.slices] == LABEL).any():
        return
    after = apply(mask, smooth(mask, LABEL, SPACING, 1.5, extent))
    assert ((after == LABEL) | (mask == LABEL))[after != mask].all()
    outside = np.ones(mask.shape, bool)
    outside[place.slices] = False
    np.testing.assert_array_equal(after[outside], mask[outside])
    assert (after == LABEL).any()


def test_each_slice_is_smoothed_on_its_own() -> None:
    mask = rough_ball()
    every = apply(mask, smooth(mask, LABEL, (1, 1, 1), 1.5, Extent(1)))
    one = apply(mask, smooth(mask, LABEL, (1, 1, 1), 1.5, Extent(1, 30)))
    np.testing.assert_array_equal(every[:, 30], one[:, 30])


def test_a_size_of_nothing_is_refused() -> None:
    with pytest.raises(EditError, match="mm above 0"):
        smooth(np.ones((4, 4), np.uint8), LABEL, (1, 1), 0)
