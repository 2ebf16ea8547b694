from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jlabel.imaging.rendering.downsampling import block_means, reduced_affine, reduction
from jlabel.imaging.rendering.surface import label_surface

OBLIQUE = np.array([[0.8, 0.5, -0.1, -40], [-0.5, 0.9, 0.3, 12], [0.2, -0.2, 1.9, 7], [0, 0, 0, 1]])
SHEARED = np.array([[1.0, 0, 0.4, 0], [0, 1, 0.3, 0], [0, 0, 2, 0], [0, 0, 0, 1]])
AFFINES = {
    "ras": np.eye(4),
    "lps and anisotropic": np.diag([-0.7, -0.7, 2.5, 1]),
    "permuted": np.array([[0, 0, 1.5, -9], [-1, 0, 0, 4], [0, 2, 0, 3], [0, 0, 0, 1.0]]),
    "oblique": OBLIQUE,
    "sheared": SHEARED,
}


def ball(affine: np.ndarray, radius: float, shape: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The voxels within a radius in mm of the middle of the grid, and the middle in mm."""
    middle = affine[:3, :3] @ ((np.array(shape) - 1) / 2) + affine[:3, 3]
    points = np.moveaxis(np.indices(shape), 0, -1) @ affine[:3, :3].T + affine[:3, 3]
    return np.linalg.norm(points - middle, axis=-1) <= radius, middle


@pytest.mark.parametrize("name", AFFINES)
def test_a_ball_has_its_volume_area_and_place_in_millimetres(name):
    inside, middle = ball(AFFINES[name], 16, (72, 72, 60))
    surface = label_surface(inside, AFFINES[name])
    assert surface.volume == pytest.approx(4 / 3 * np.pi * 16**3, rel=0.03)
    assert surface.area == pytest.approx(4 * np.pi * 16**2, rel=0.05)
    np.testing.assert_allclose(surface.vertices.mean(axis=0), middle, atol=0.3)
    distances = np.linalg.norm(surface.vertices - middle, axis=1)
    assert np.abs(distances - 16).max() < 0.75 * np.linalg.norm(AFFINES[name][:3, :3], axis=0).max()


def test_a_reduced_surface_lies_where_the_whole_one_does():
    inside, middle = ball(OBLIQUE, 16, (72, 72, 60))
    surface = label_surface(inside, OBLIQUE, finest=25)
    assert surface.volume == pytest.approx(4 / 3 * np.pi * 16**3, rel=0.06)
    np.testing.assert_allclose(surface.vertices.mean(axis=0), middle, atol=0.6)


def test_a_part_of_the_grid_gives_the_same_surface():
    inside, _ = ball(SHEARED, 10, (40, 40, 30))
    lower = [int(v.min()) for v in np.nonzero(inside)]
    upper = [int(v.max()) + 1 for v in np.nonzero(inside)]
    part = inside[tuple(slice(a, b) for a, b in zip(lower, upper, strict=True))]
    whole, cut = label_surface(inside, SHEARED), label_surface(part, SHEARED, lower)
    np.testing.assert_allclose(cut.vertices, whole.vertices, atol=1e-4)


def test_it_is_closed_at_the_edge_of_the_image_and_exists_for_a_single_voxel():
    full = label_surface(np.ones((6, 5, 4), bool), np.eye(4))
    edges = np.sort(np.concatenate([full.faces[:, [0, 1]], full.faces[:, [1, 2]], full.faces[:, [2, 0]]]), axis=1)
    assert set(np.unique(edges, axis=0, return_counts=True)[1]) == {2}
    one = label_surface(np.ones((1, 1, 1), bool), np.eye(4), (4, 5, 6))
    np.testing.assert_allclose(one.vertices.mean(axis=0), [4, 5, 6], atol=1e-5)
    assert one.volume > 0.05
    assert label_surface(np.zeros((3, 3, 3), bool), np.eye(4)) is None


def test_a_stray_voxel_is_seen_beside_a_large_structure():
    inside = np.zeros((80, 20, 20), bool)
    inside[:30] = True
    inside[77, 9, 9] = True
    surface = label_surface(inside, np.eye(4), finest=20)
    stray = surface.vertices[surface.vertices[:, 0] > 50]
    assert len(stray) > 0
    assert np.abs(stray.mean(axis=0) - [77, 9, 9]).max() < 4


@settings(max_examples=60)
@given(
    shape=st.tuples(*[st.integers(1, 11)] * 3),
    factors=st.tuples(*[st.integers(1, 4)] * 3),
    order=st.sampled_from(["C", "F"]),
)
def test_blocks_are_averaged_and_stay_in_place(shape, factors, order):
    array = np.random.default_rng(0).normal(size=shape).copy(order=order)
    means = block_means(array, factors)
    to_mm = reduced_affine(OBLIQUE, factors)
    for index in np.ndindex(means.shape):
        slices = tuple(slice(i * f, (i + 1) * f) for i, f in zip(index, factors, strict=True))
        assert means[index] == pytest.approx(array[slices].mean(), abs=1e-5)
        first = np.array([i * f for i, f in zip(index, factors, strict=True)])
        middle = first + (np.array(factors) - 1) / 2
        np.testing.assert_allclose(to_mm @ [*index, 1], OBLIQUE @ [*middle, 1])


def test_no_axis_stays_longer_than_asked():
    assert reduction((512, 160, 161), 160) == (4, 1, 2)
    holed = np.ones((4, 4, 4), np.float32)
    holed[0, 0, 0] = np.nan
    assert block_means(holed, (4, 4, 4))[0, 0, 0] == 1  # the mean of the others
