import numpy as np
import pytest

from jlabel.interactive.geodesic import geodesic_distance


def test_even_costs_give_city_block_distance():
    seeds = np.zeros((5, 7), dtype=bool)
    seeds[1, 2] = True
    steps = [np.ones((4, 7), np.float32), np.ones((5, 6), np.float32)]
    i, j = np.indices(seeds.shape)
    np.testing.assert_allclose(geodesic_distance(seeds, steps), abs(i - 1) + abs(j - 2))


def test_the_way_round_a_wall_is_found():
    seeds = np.zeros((5, 5), dtype=bool)
    seeds[0, 0] = True
    across = np.ones((4, 5), np.float32)
    along = np.ones((5, 4), np.float32)
    along[:4, 1] = 100  # a wall between columns 1 and 2, open in the last row
    assert geodesic_distance(seeds, [across, along])[0, 2] == pytest.approx(10)


def test_no_seed_is_infinitely_far():
    assert np.isinf(
        geodesic_distance(np.zeros((2, 1), bool), [np.ones((1, 1), np.float32), np.ones((2, 0), np.float32)])
    ).all()


def test_random_costs_agree_with_dijkstra():
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    rng = np.random.default_rng(0)
    shape = (6, 5, 4)
    index = np.arange(120).reshape(shape)
    steps = [rng.random([n - (a == axis) for a, n in enumerate(shape)]).astype(np.float32) + 0.1 for axis in range(3)]
    tails = np.concatenate([np.take(index, range(shape[a] - 1), a).ravel() for a in range(3)])
    heads = np.concatenate([np.take(index, range(1, shape[a]), a).ravel() for a in range(3)])
    graph = coo_array((np.concatenate([s.ravel() for s in steps]), (tails, heads)), shape=(120, 120)).tocsr()
    seeds = np.zeros(shape, dtype=bool)
    seeds[0, 0, 0] = True
    expected = dijkstra(graph, directed=False, indices=0).reshape(shape)
    np.testing.assert_allclose(geodesic_distance(seeds, steps, sweeps=30), expected, rtol=2e-3)
