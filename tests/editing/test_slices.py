"""Copying slices, erasing, thresholds and volumes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jlabel.editing import Extent, LabelVolume, copy_slice, erase, label_volumes, threshold
from jlabel.errors import EditError
from jlabel.imaging import Region
from tests.editing.shapes import LABEL, apply, extents, masks


@given(st.data())
def test_one_label_of_a_slice_is_copied_and_the_others_stay_where_they_can(data: st.DataObject) -> None:
    mask = data.draw(masks())
    axis = data.draw(st.integers(0, 2))
    source = int(np.argwhere(mask == LABEL)[0, axis])
    target = data.draw(st.integers(0, mask.shape[axis] - 1))
    after = apply(mask, copy_slice(mask, axis, source, target, LABEL))
    there, now, was = (m.take(i, axis) for m, i in ((mask, source), (after, target), (mask, target)))
    np.testing.assert_array_equal(now == LABEL, there == LABEL)
    others = (there != LABEL) & (was != LABEL)
    np.testing.assert_array_equal(now[others], was[others])
    np.testing.assert_array_equal(np.delete(after, target, axis), np.delete(mask, target, axis))


def test_all_labels_of_a_slice_are_copied() -> None:
    mask = np.zeros((3, 3, 3), np.uint8, order="F")
    mask[0, 0, 0], mask[1, 1, 0], mask[2, 2, 1] = 1, 2, 3
    np.testing.assert_array_equal(apply(mask, copy_slice(mask, 2, 0, 1))[..., 1], mask[..., 0])


def test_copying_nothing_is_refused() -> None:
    mask = np.zeros((3, 3, 3), np.uint8, order="F")
    with pytest.raises(EditError, match="nothing is painted"):
        copy_slice(mask, 2, 0, 1)
    with pytest.raises(EditError, match="the label is not painted"):
        copy_slice(mask, 2, 0, 1, LABEL)
    with pytest.raises(EditError, match="no slice 3"):
        copy_slice(mask, 2, 3, 1)


@given(st.data())
def test_erasing_takes_one_label_away(data: st.DataObject) -> None:
    mask = data.draw(masks())
    extent = data.draw(extents(mask.shape))
    place = extent.region(mask.shape).slices
    if (mask[place] == LABEL).any():
        after = apply(mask, erase(mask, LABEL, extent))
        expected = mask.copy()
        expected[place][expected[place] == LABEL] = 0
        np.testing.assert_array_equal(after, expected)


def test_a_threshold_includes_both_ends_and_stays_in_its_region() -> None:
    image = np.arange(40, dtype=np.int16).reshape(2, 20)
    mask = np.zeros((2, 20), np.uint8, order="F")
    after = apply(mask, threshold(mask, image, LABEL, 18, 21))
    assert image[after == LABEL].tolist() == [18, 19, 20, 21]
    part = apply(mask, threshold(mask, image, LABEL, 18, 21, Extent().region((1, 20))))
    assert image[part == LABEL].tolist() == [18, 19]
    assert apply(mask, threshold(mask, image, LABEL, -1, 99, Region((1, 1), (2, 3)))).sum() == 2


def test_a_voxel_without_an_intensity_is_never_in_a_range() -> None:
    image = np.array([[np.nan, 1.0]], np.float32)
    mask = np.zeros((1, 2), np.uint8, order="F")
    assert apply(mask, threshold(mask, image, LABEL, -np.inf, np.inf)).tolist() == [[0, LABEL]]


@pytest.mark.parametrize(
    ("image", "low", "words"),
    [(np.zeros((4, 4, 3)), 0, "colours"), (np.zeros((4, 4)), 2, "above"), (np.zeros((4, 4)), np.nan, "above")],
)
def test_a_threshold_that_makes_no_sense_is_refused(image: Any, low: float, words: str) -> None:
    with pytest.raises(EditError, match=words):
        threshold(np.zeros((4, 4), np.uint8), image, LABEL, low, 1)


@given(masks())
def test_volumes_count_voxels(mask: Any) -> None:
    found = label_volumes(mask, (1, 2, 5))
    assert set(found) == set(np.unique(mask)) - {0}
    for value, volume in found.items():
        assert volume == LabelVolume(int(np.count_nonzero(mask == value)), pytest.approx(volume.voxels / 100))


def test_a_picture_has_no_volume() -> None:
    mask = np.full((2, 2), 700, np.uint16, order="F")
    assert label_volumes(mask, (1, 1)) == {700: LabelVolume(4, None)}
    with pytest.raises(EditError, match="2 numbers above 0"):
        label_volumes(mask, (1, 0))


def test_a_place_that_does_not_exist_is_refused() -> None:
    for extent in (Extent(3), Extent(0, 9), Extent(-1)):
        with pytest.raises(EditError):
            erase(np.ones((3, 3, 3), np.uint8), LABEL, extent)
