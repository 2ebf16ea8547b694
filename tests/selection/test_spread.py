from __future__ import annotations

import numpy as np

from jlabel.selection.patients import patient_groups
from jlabel.selection.spread import spread_out


def names(ids, count, features=None):
    chosen = spread_out(ids, patient_groups(ids), count, features)
    return [ids[number] for number in chosen]


def test_no_two_of_one_patient_while_another_waits():
    ids = ["case1-1", "case1-2", "case1-3", "case2-1", "case2-2", "case3-1"]
    assert names(ids, 3) == ["case1-1", "case2-1", "case3-1"]
    assert names(ids, 5) == ["case1-1", "case2-1", "case3-1", "case1-2", "case2-2"]
    assert names(ids, 9) == ["case1-1", "case2-1", "case3-1", "case1-2", "case2-2", "case1-3"]


def test_never_two_neighbouring_slices():
    ids = [f"patient_1_slice_{number}" for number in (5, 6, 7, 8, 4)]
    assert names(ids, 5) == ["patient_1_slice_5", "patient_1_slice_7"]


def test_the_next_is_the_one_least_like_those_that_are_taken():
    features = np.array([[0], [0.1], [3], [2.8], [-2]], np.float32)
    assert names(["a", "b", "c", "d", "e"], 4, features) == ["a", "c", "e", "d"]


def test_an_image_without_features_is_as_far_as_the_mean_of_the_others():
    features = np.array([[0], [0.1], [np.nan], [4]], np.float32)
    assert names(["a", "b", "c", "d"], 4, features) == ["a", "d", "b", "c"]
