from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from jlabel.selection.scoring.reduction import image_score, top_mean, widened


def blob(shape=(20, 18, 16), value=1) -> np.ndarray:
    predicted = np.zeros(shape, np.uint8)
    predicted[8:11, 8:11, 7:9] = value
    return predicted


@pytest.mark.parametrize("shape", [(20,), (9, 12), (7, 8, 9)])
def test_the_band_is_what_so_many_steps_reach(shape):
    inside = np.random.default_rng(0).random(shape) < 0.03
    every_way = np.ones((3,) * len(shape), bool)
    wanted = ndimage.binary_dilation(inside, every_way, iterations=2) if inside.any() else inside
    np.testing.assert_array_equal(widened(inside), wanted)


def test_only_the_foreground_and_its_band_count():
    predicted = blob()
    uncertainty = np.where(widened(predicted > 0), 0.5, 0.0).astype(np.float16)
    near = image_score(uncertainty, predicted)
    assert near.mean == 0.5
    # The same structure in a larger image: the mean over all voxels would be a fraction of it.
    wide = [(15, 15)] * 3
    larger = image_score(np.pad(uncertainty, wide), np.pad(predicted, wide))
    assert larger.mean == 0.5
    assert larger.foreground < near.foreground


def test_a_label_is_scored_around_its_own_foreground():
    predicted = np.zeros((30, 12, 10), np.uint8)
    predicted[4:7, 4:7, 4:6], predicted[22:25, 4:7, 4:6] = 1, 3
    uncertainty = np.zeros(predicted.shape, np.float16)
    uncertainty[:15], uncertainty[15:] = 0.25, 0.75
    found = image_score(uncertainty, predicted)
    assert found.by_class == {1: 0.25, 3: 0.75}
    assert found.mean == 0.5


def test_where_nothing_is_predicted_the_least_sure_voxels_count():
    uncertainty = np.zeros((10, 10, 10), np.float16)
    uncertainty[0, 0, :10] = 0.5
    found = image_score(uncertainty, np.zeros(uncertainty.shape, np.uint8))
    assert (found.mean, found.top, found.by_class, found.foreground) == (0.5, 0.5, {}, 0)


def test_labels_of_more_than_a_byte_have_scores_of_their_own():
    predicted = blob(value=1).astype(np.uint16) * 300
    assert list(image_score(np.ones(predicted.shape, np.float16), predicted).by_class) == [300]


@settings(max_examples=50)
@given(st.lists(st.floats(0, 3, width=16), min_size=1, max_size=400))
def test_the_top_is_the_mean_of_the_largest_hundredth(values):
    uncertainty = np.array(values, np.float16)
    largest = np.sort(uncertainty.astype(np.float64))[::-1][: max(1, len(values) // 100)]
    assert top_mean(uncertainty) == pytest.approx(largest.mean())


def test_what_is_not_a_number_is_not_hidden():
    uncertainty = np.full((4, 4, 4), 0.1, np.float16)
    uncertainty[1, 1, 1] = np.nan
    assert math.isnan(top_mean(uncertainty))
    assert math.isnan(image_score(uncertainty, np.ones(uncertainty.shape, np.uint8)).mean)


def test_the_order_of_the_voxels_in_memory_does_not_matter():
    uncertainty = np.random.default_rng(0).random((6, 7, 8)).astype(np.float16)
    predicted = blob((6, 7, 8)) | (uncertainty > 0.9)
    turned = image_score(np.asfortranarray(uncertainty), np.asfortranarray(predicted))
    assert turned.mean == pytest.approx(image_score(uncertainty, predicted).mean)
    assert turned.top == image_score(uncertainty, predicted).top
