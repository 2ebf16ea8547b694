"""Filling holes and removing islands."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from jlabel.editing import Extent, fill_holes, keep_largest, remove_islands
from jlabel.errors import EditError
from tests.editing.shapes import LABEL, SPACING, apply, extents, masks


def painted_in(mask: Any, extent: Extent) -> bool:
    return bool((mask[extent.region(mask.shape).slices] == LABEL).any())


def hollow_box() -> Any:
    mask = np.zeros((9, 9, 9), np.uint8, order="F")
    mask[1:8, 1:8, 1:8] = LABEL
    mask[3:6, 3:6, 3:6] = 0
    mask[4, 4, 4] = 2
    return mask


def test_a_cavity_is_filled_and_another_label_in_it_stays() -> None:
    after = apply(hollow_box(), fill_holes(hollow_box(), LABEL))
    assert after[4, 4, 4] == 2
    assert np.count_nonzero(after == LABEL) == 7**3 - 1


def test_a_tube_has_holes_in_slices_only() -> None:
    mask = hollow_box()
    mask[4, 4, :] = 0
    np.testing.assert_array_equal(apply(mask, fill_holes(mask, LABEL)), mask)
    assert apply(mask, fill_holes(mask, LABEL, Extent(2)))[4, 4, 1:8].all()
    one = apply(mask, fill_holes(mask, LABEL, Extent(2, 4)))
    assert one[4, 4, 4] == LABEL
    assert one[4, 4, 3] == 0


def test_a_bay_at_the_border_of_the_image_is_no_hole() -> None:
    mask = np.ones((5, 5), np.uint8, order="F")
    mask[0, 2] = 0
    np.testing.assert_array_equal(apply(mask, fill_holes(mask, LABEL)), mask)


@given(st.data())
def test_filling_holes_again_changes_nothing(data: st.DataObject) -> None:
    mask = data.draw(masks())
    extent = data.draw(extents(mask.shape))
    if painted_in(mask, extent):
        once = apply(mask, fill_holes(mask, LABEL, extent))
        np.testing.assert_array_equal(apply(once, fill_holes(once, LABEL, extent)), once)
        assert (mask[once != mask] == 0).all()


@given(masks())
def test_filled_holes_are_those_of_scipy(mask: Any) -> None:
    after = apply(mask, fill_holes(mask, LABEL))
    np.testing.assert_array_equal(
        (after == LABEL), (mask == LABEL) | (ndimage.binary_fill_holes(mask == LABEL) & (mask == 0))
    )


@given(st.data())
def test_keeping_the_largest_leaves_one_part(data: st.DataObject) -> None:
    mask = data.draw(masks())
    extent = data.draw(st.sampled_from([Extent(), Extent(0, int(np.argwhere(mask == LABEL)[0, 0]))]))
    after = apply(mask, keep_largest(mask, LABEL, extent))
    place = after[extent.region(mask.shape).slices]
    _, parts = ndimage.label(place == LABEL, np.ones((3, 3, 3)))
    assert parts == 1
    assert (mask[after != mask] == LABEL).all()
    assert (after[after != mask] == 0).all()


@given(masks(), st.sampled_from([1.3, 5.0, 20.0]))
def test_islands_below_a_volume_go(mask: Any, smallest: float) -> None:
    after = apply(mask, remove_islands(mask, LABEL, SPACING, smallest))
    parts, count = ndimage.label(mask == LABEL, np.ones((3, 3, 3)))
    for part in range(1, count + 1):
        stays = np.count_nonzero(parts == part) * np.prod(SPACING) >= smallest
        assert (after[parts == part] == (LABEL if stays else 0)).all()


def test_the_size_of_an_island_in_a_slice_is_an_area() -> None:
    mask = np.zeros((8, 8, 2), np.uint8, order="F")
    mask[0, 0, 0] = mask[4:6, 4:6, 0] = mask[0, 0, 1] = LABEL
    after = apply(mask, remove_islands(mask, LABEL, (1, 1, 10), 3.0, Extent(2, 0)))
    assert np.argwhere(after).tolist() == [[0, 0, 1], [4, 4, 0], [4, 5, 0], [5, 4, 0], [5, 5, 0]]


@pytest.mark.parametrize("operation", [fill_holes, keep_largest])
def test_a_label_that_is_not_painted_is_said_in_words(operation: Any) -> None:
    mask = hollow_box()
    with pytest.raises(EditError, match="not painted in this slice"):
        operation(mask, LABEL, Extent(0, 0))
    with pytest.raises(EditError, match="not painted anywhere"):
        operation(mask, 7)
