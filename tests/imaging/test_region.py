"""Boxes of voxels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jlabel.imaging import Region, bounding_region, changed_region

boxes = st.integers(1, 3).flatmap(
    lambda axes: st.tuples(
        st.lists(st.integers(-5, 12), min_size=axes, max_size=axes),
        st.lists(st.integers(-5, 12), min_size=axes, max_size=axes),
    )
)
masks = hnp.arrays(np.uint8, hnp.array_shapes(min_dims=1, max_dims=3, max_side=6), elements=st.integers(0, 1))


def test_around_holds_every_position() -> None:
    assert Region.around([[3, 1], [2, 7]]) == Region((2, 1), (4, 8))


def test_grow_takes_one_margin_or_one_for_each_axis() -> None:
    region = Region((2, 2), (4, 4))
    assert region.grow(1, (10, 10)) == Region((1, 1), (5, 5))
    assert region.grow(np.int64(1), (10, 10)) == region.grow(1, (10, 10))
    assert region.grow([0, 9], (10, 10)) == Region((2, 0), (4, 10))


def test_an_empty_region_adds_nothing() -> None:
    region, empty = Region((1, 1), (3, 3)), Region((5, 5), (5, 9))
    assert region.union(empty) == empty.union(region) == region


def test_corners_of_different_dimension_are_refused() -> None:
    with pytest.raises(ValueError, match="axes"):
        Region((0, 0), (1, 1, 1))


@given(boxes)
def test_the_wire_form_comes_back(box: tuple[list[int], list[int]]) -> None:
    region = Region(tuple(box[0]), tuple(box[1]))
    assert Region.from_flat(region.to_flat()) == region


@given(boxes)
def test_a_clipped_region_indexes_what_its_shape_says(box: tuple[list[int], list[int]]) -> None:
    region = Region(tuple(box[0]), tuple(box[1]))
    array = np.zeros((8, 7, 6)[: len(box[0])])
    inside = region.clip(array.shape)
    assert array[inside.slices].shape == inside.shape
    assert Region.whole(array.shape).contains(inside)


def test_a_region_inside_another_indexes_what_fills_it() -> None:
    volume = np.arange(8 * 7 * 6).reshape(8, 7, 6)
    outer, region = Region((2, 1, 3), (7, 7, 6)), Region((3, 4, 3), (5, 6, 5))
    within = region.inside(outer)
    np.testing.assert_array_equal(volume[outer.slices][within.slices], volume[region.slices])
    assert within.moved(outer.lower) == region


@given(masks)
def test_the_bounding_region_is_the_smallest_that_holds_all(mask: np.ndarray) -> None:
    region = bounding_region(mask)
    if not mask.any():
        assert region is None
        return
    assert region == Region.around(np.argwhere(mask))


@given(masks, st.data())
def test_the_changed_region_repairs_the_old_array(before: np.ndarray, data: st.DataObject) -> None:
    after = data.draw(hnp.arrays(np.uint8, before.shape, elements=st.integers(0, 1)))
    region = changed_region(before, after)
    patched = before.copy()
    if region is not None:
        patched[region.slices] = after[region.slices]
    np.testing.assert_array_equal(patched, after)
    assert (region is None) == np.array_equal(before, after)


def test_arrays_of_different_shape_have_no_changed_region() -> None:
    with pytest.raises(ValueError, match="shapes"):
        changed_region(np.zeros((2, 3)), np.zeros((3, 3)))


def test_an_intersection_has_the_voxels_of_both_and_none_where_they_lie_apart():
    one = Region((0, 2, 4), (5, 6, 7))
    assert one.intersection(Region((3, 0, 5), (9, 4, 6))) == Region((3, 2, 5), (5, 4, 6))
    assert one.intersection(Region((7, 2, 4), (9, 6, 7))).size == 0
