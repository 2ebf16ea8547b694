"""A fifth of the images has a rare look: strategies that are to find it find more of it than chance does."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from scipy.stats import binomtest

from jlabel.imaging import Image
from jlabel.selection import Pool, make_pool
from jlabel.selection.appearance_vector import appearance
from jlabel.selection.feature_kinds import APPEARANCE, FeatureKind, comparable
from jlabel.selection.strategies.clasp import clasp
from jlabel.selection.strategies.coreset import coreset
from jlabel.selection.strategies.score_strategy import highest
from tests.selection.synthetic_pools import score_table

SEEDS, IMAGES, RARE, FIRST = range(5), 50, 10, 10
LOOKS = ("two bodies", "inverted", "stripes", "coarse")


def volume(rng: np.random.Generator, look: str | None) -> Image:
    """A bright body in the dark; of a rare look, another one."""
    size = np.array([18, 16, 14]) + rng.integers(-1, 2, 3)
    grid = np.stack(np.meshgrid(*(np.linspace(-1, 1, side) for side in size), indexing="ij"))
    body = np.linalg.norm(grid - rng.normal(0, 0.08, (3, 1, 1, 1)), axis=0) < rng.uniform(0.5, 0.65)
    if look == "two bodies":
        body = np.abs(np.linalg.norm(grid[1:], axis=0) + np.abs(np.abs(grid[0]) - 0.6)) < 0.45
    array = np.where(body, rng.uniform(90, 110), rng.uniform(20, 30)) + rng.normal(0, 5, size)
    if look == "inverted":
        array = 130 - array
    elif look == "stripes":
        array += 30 * np.sin(np.arange(size[0]) * 2.5)[:, None, None] * body
    affine = np.diag([1, 1, 4.0 if look == "coarse" else 1, 1])
    return Image(array.astype(np.float32), affine)


@cache
def planted(seed: int, look: str) -> tuple[Pool, np.ndarray]:
    """A pool with ten images of a rare look, of which a model is less sure, and which these are."""
    rng = np.random.default_rng(seed)
    rare = rng.permutation(np.arange(IMAGES) < RARE)
    vectors = np.stack([appearance(volume(rng, look if is_rare else None))[0] for is_rare in rare])
    ids = [f"image_x{number:03d}" for number in range(IMAGES)]
    entropy = np.clip(rng.normal(np.where(rare, 0.6, 0.3), 0.1), 0.01, 1)
    features = comparable(FeatureKind(APPEARANCE), vectors.astype(np.float16).astype(np.float32))
    return make_pool(ids, None, score_table(ids, entropy), features, labeled=5), rare


def by_chance(pool: Pool, count: int, seed: int) -> list[tuple[int, bool]]:
    return [(int(number), True) for number in np.random.default_rng(seed).permutation(len(pool.ids))[:count]]


def found(choose: Callable[..., list]) -> float:
    """How likely it is to find so many by chance, of all looks and seeds taken together."""
    hits = 0
    for look in LOOKS:
        for seed in SEEDS:
            pool, rare = planted(seed, look)
            hits += sum(bool(rare[pick[0]]) for pick in choose(pool, FIRST, seed))
    return binomtest(hits, FIRST * len(SEEDS) * len(LOOKS), RARE / IMAGES, alternative="greater").pvalue


@pytest.mark.parametrize("choose", [coreset, highest, clasp])
def test_a_rare_look_is_found_more_often_than_by_chance(choose):
    assert found(choose) < 0.001


def test_chance_finds_no_more_than_chance():
    assert found(by_chance) > 0.05
