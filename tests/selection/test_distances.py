from __future__ import annotations

import numpy as np

from jlabel.selection.distances import KCenter, compact


def test_compact_vectors_keep_their_distances():
    rng = np.random.default_rng(0)
    vectors = (rng.normal(size=(40, 3)) @ rng.normal(size=(3, 200)) + 7).astype(np.float32)
    small = compact(vectors)
    assert small.shape == (40, 64)
    assert np.isclose(small.var(0).sum(), 1, rtol=1e-3)
    wide = np.linalg.norm(vectors[:, None] - vectors, axis=-1)
    narrow = np.linalg.norm(small[:, None] - small, axis=-1)
    np.testing.assert_allclose(narrow * wide.max() / narrow.max(), wide, rtol=1e-2, atol=1e-2 * wide.max())


def test_what_rounding_makes_is_no_difference():
    vectors = np.full((10, 4), 3.3) + np.random.default_rng(0).normal(size=(10, 4)) * 1e-4
    assert not compact(vectors.astype(np.float16).astype(np.float32)).any()
    assert compact(np.zeros((0, 5), np.float32)).shape == (0, 0)


def test_the_distance_to_the_nearest_centre():
    centers = KCenter(np.array([[0, 0], [3, 4], [np.nan, 0], [6, 8]], np.float32))
    assert np.isinf(centers.distance[[0, 1, 3]]).all()
    centers.add(np.array([0, 0], np.float32))
    np.testing.assert_allclose(centers.distance, [0, 5, 5, 10])
    centers.add_all(np.array([[6, 8], [np.nan, 1]], np.float32))
    np.testing.assert_allclose(centers.distance, [0, 5, 5 / 3, 0], atol=1e-5)
