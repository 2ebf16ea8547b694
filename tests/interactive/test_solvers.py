"""The random walk, the graph cut, the likelihoods and the level set, each on its own."""

import numpy as np
import pytest
from scipy import ndimage

from jlabel.errors import TaskError
from jlabel.interactive.graph_cut import graph_cut
from jlabel.interactive.grid import WorkingGrid
from jlabel.interactive.levels import best_level
from jlabel.interactive.likelihood import LIMIT, fit_mixture, histogram_ratio, likelihood, log_density, mixture_ratio
from jlabel.interactive.random_walker import random_walk


def chain(weights):
    """A row of voxels with these weights between neighbours, and none across."""
    row = np.asarray(weights, np.float32)[None]
    return [np.empty((0, row.shape[1] + 1), np.float32), row]


def at(index, n=5):
    seeds = np.zeros((1, n), dtype=bool)
    seeds[0, index] = True
    return seeds


def test_a_random_walk_falls_off_evenly_between_seeds():
    nothing = np.zeros((1, 5), np.float32)
    x = random_walk(chain([1, 1, 1, 1]), nothing, 0.0, at(0), at(4), nothing, iterations=100)
    np.testing.assert_allclose(x[0], [1, 0.75, 0.5, 0.25, 0], atol=0.01)


def test_a_random_walk_drops_where_neighbours_differ():
    nothing = np.zeros((1, 5), np.float32)
    x = random_walk(chain([1, 1, 0.01, 1]), nothing, 0.0, at(0), at(4), nothing, iterations=100)
    assert x[0, 2] > 0.9
    assert x[0, 3] < 0.1


def test_a_strong_prior_is_followed():
    prior = np.array([[0, 1, 0, 1, 0]], np.float32)
    none = np.zeros((1, 5), dtype=bool)
    np.testing.assert_allclose(random_walk(chain([0.01] * 4), prior, 10.0, none, none, prior), prior, atol=0.01)


def test_a_graph_cut_cuts_the_weakest_link():
    cut = graph_cut(chain([5, 1, 5, 5]), np.zeros((1, 5), np.float32), at(0), at(4))
    assert cut[0].tolist() == [True, True, False, False, False]


def test_a_graph_cut_weighs_evidence_against_the_border():
    evidence = np.array([[1, 1, -0.1, 1, 1]], np.float32)
    none = np.zeros((1, 5), dtype=bool)
    assert graph_cut(chain([1] * 4), evidence, none, none).all()
    assert not graph_cut(chain([0.01] * 4), evidence, none, none)[0, 2]


@pytest.mark.parametrize("ratio", [histogram_ratio, mixture_ratio])
@pytest.mark.parametrize("channels", [1, 3])
def test_likelihoods_tell_two_kinds_apart(ratio, channels):
    rng = np.random.default_rng(0)
    inside = np.zeros((40, 40), dtype=bool)
    inside[:, 20:] = True
    features = (rng.normal(0, 1, (channels, 40, 40)) + 4 * inside).astype(np.float32)
    result = ratio(features, inside, ~inside)
    assert (result[inside] > 0).mean() > 0.95
    assert (result[~inside] < 0).mean() > 0.95
    assert np.abs(result).max() <= LIMIT


def test_a_mixture_is_a_density():
    points = np.random.default_rng(0).normal([0.0], 1.0, (400, 1))
    x = np.linspace(-6, 6, 2001)[:, None]
    density = np.exp(log_density(x, *fit_mixture(points, 1e-3)))
    assert density.sum() * (x[1, 0] - x[0, 0]) == pytest.approx(1, abs=0.01)


def test_an_unknown_likelihood_is_named():
    with pytest.raises(TaskError, match="histogram, gmm"):
        likelihood("guess")


def test_the_best_level_ends_where_the_image_changes():
    distance = np.linalg.norm(np.indices((41, 41)) - 20, axis=0).astype(np.float32)
    disc = (distance <= 9).astype(np.float32)
    likeness = [np.exp(-5 * np.abs(np.diff(disc, axis=axis))) for axis in (0, 1)]
    level = best_level(distance, likeness, (1.0, 1.0))
    assert 8 < level < 10


def test_a_working_grid_evens_out_thick_slices():
    grid = WorkingGrid.fitting((64, 64, 16), (1.0, 1.0, 4.0), 10_000)
    assert grid.factors[2] == 1
    assert np.prod(grid.shape) <= 10_000
    assert min(grid.steps) == 1.0


def test_a_working_grid_goes_there_and_back():
    values = ndimage.gaussian_filter(np.random.default_rng(0).random((50, 43)), 6).astype(np.float32)
    grid = WorkingGrid.fitting(values.shape, (1.0, 1.0), 600)
    assert not grid.exact
    assert np.abs(grid.finer(grid.means(values)) - values).max() < 0.2 * np.ptp(values)
