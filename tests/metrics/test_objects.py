"""How well objects agree: figures that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from jlabel.metrics import aggregated_jaccard_index, panoptic_quality

TRUTH = np.array([[1, 1, 1, 1, 0, 0, 2, 2, 2, 2]])


def test_the_same_objects_under_other_values_agree_wholly() -> None:
    other = np.where(TRUTH == 1, 9, np.where(TRUTH == 2, 4, 0))
    assert aggregated_jaccard_index(TRUTH, other) == 1
    found = panoptic_quality(TRUTH, other)
    assert (found.quality, found.segmentation, found.recognition, found.found) == (1, 1, 1, 2)


def test_nothing_to_find_and_nothing_found_is_right_and_anything_else_is_wrong() -> None:
    nothing = np.zeros_like(TRUTH)
    assert aggregated_jaccard_index(nothing, nothing) == panoptic_quality(nothing, nothing).quality == 1
    assert aggregated_jaccard_index(TRUTH, nothing) == aggregated_jaccard_index(nothing, TRUTH) == 0
    assert panoptic_quality(TRUTH, nothing).missed == panoptic_quality(nothing, TRUTH).wrong == 2


def test_an_object_that_nobody_asked_for_counts_with_all_of_its_voxels() -> None:
    more = TRUTH.copy()
    more[0, 4:6] = 3
    assert aggregated_jaccard_index(TRUTH, more) == pytest.approx(8 / 10)
    found = panoptic_quality(TRUTH, more)
    assert (found.segmentation, found.recognition, found.wrong) == (1, pytest.approx(2 / 2.5), 1)


def test_two_objects_taken_for_one_are_counted_twice() -> None:
    merged = (TRUTH > 0).astype(int)
    # Each object shares 4 of the 8 voxels of the one that it gets: once 8 and once 8 in the union.
    assert aggregated_jaccard_index(TRUTH, merged) == pytest.approx(8 / 16)
    assert panoptic_quality(TRUTH, merged).found == 0


def test_an_object_split_in_two_leaves_a_part_over() -> None:
    split = np.array([[1, 1, 1, 5, 0, 0, 2, 2, 2, 2]])
    assert aggregated_jaccard_index(TRUTH, split) == pytest.approx((3 + 4) / (4 + 4 + 1))
    found = panoptic_quality(TRUTH, split)
    assert (found.found, found.wrong, found.segmentation) == (2, 1, pytest.approx((0.75 + 1) / 2))


def test_maps_of_two_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="one shape"):
        aggregated_jaccard_index(TRUTH, TRUTH[:, 1:])
