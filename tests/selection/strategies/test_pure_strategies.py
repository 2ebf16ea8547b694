"""Strategies as functions of a pool: what holds for all of them, and what each is for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jlabel.selection import make_pool
from jlabel.selection.patients import slice_place
from jlabel.selection.strategies.clasp import beta_at, clasp
from jlabel.selection.strategies.coreset import coreset
from jlabel.selection.strategies.foreground_random import foreground_random
from jlabel.selection.strategies.power import power
from jlabel.selection.strategies.score_strategy import highest
from jlabel.selection.strategies.typiclust import typiclust
from tests.selection.synthetic_pools import pools, random_pool, score_table

STRATEGIES = {
    "highest": highest,
    "coreset": coreset,
    "typiclust": typiclust,
    "clasp": clasp,
    "clasp batch": lambda pool, count, seed: clasp(pool, count, seed, 30, batch=True),
    "power": power,
    "power batch": lambda pool, count, seed: power(pool, count, seed, 2.0, batch=True),
    "foreground_random": lambda pool, count, seed: foreground_random(pool, pool.foreground, count, seed),
}


@pytest.mark.parametrize("name", STRATEGIES)
@settings(max_examples=40, deadline=None)
@given(pools(), st.integers(1, 16), st.integers(0, 3))
def test_images_are_distinct_the_same_for_the_same_seed_and_of_many_patients(name, pool, count, seed):
    numbers = [pick[0] for pick in STRATEGIES[name](pool, count, seed)]
    assert numbers == [pick[0] for pick in STRATEGIES[name](pool, count, seed)]
    assert len(set(numbers)) == len(numbers) <= min(count, len(pool.ids))
    assert set(numbers) <= set(range(len(pool.ids)))
    slices = [place for number in numbers if (place := slice_place(pool.ids[number])) is not None]
    assert not any((volume, at + 1) in slices for volume, at in slices)
    if not slices:
        assert len(numbers) == min(count, len(pool.ids))
    patients = [pool.patients[number] for number in numbers]
    most = min(len(numbers), len(set(pool.patients)))
    assert len(set(patients[:most])) == most


@pytest.mark.parametrize("name", ["clasp", "power", "foreground_random", "power batch"])
def test_another_seed_draws_others(name):
    pool = random_pool(40)
    drawn = {tuple(pick[0] for pick in STRATEGIES[name](pool, 3, seed)) for seed in range(8)}
    assert len(drawn) > 4


@pytest.mark.parametrize("name", ["highest", "clasp", "power", "power batch", "foreground_random"])
def test_images_without_a_score_come_after(name):
    ids = [f"image_x{number:02d}" for number in range(8)]
    values = np.array([np.nan, 0.1, np.nan, 0.4, 0.2, np.nan, 0.9, 0.3])
    pool = make_pool(ids, None, score_table(ids, values, foreground=values))
    numbers = [pick[0] for pick in STRATEGIES[name](pool, 8, 0)]
    assert set(numbers[:5]) == {1, 3, 4, 6, 7}
    assert set(numbers[5:]) == {0, 2, 5}


def test_highest_takes_the_best_and_the_least_alike_of_three_times_as_many():
    ids = [f"image_x{number:02d}" for number in range(12)]
    features = np.zeros((12, 2), np.float32)
    features[3] = (5, 5)
    features[11] = (-9, -9)
    pool = make_pool(ids, None, score_table(ids, np.linspace(1, 0, 12)), features)
    assert [number for number, _ in highest(pool, 2)] == [0, 3]


def test_clasp_goes_by_the_whole_image_where_the_label_whose_turn_it_is_is_predicted_nowhere():
    ids = [f"image_x{number}" for number in range(4)]
    by_label = np.array([[0.5, np.nan], [0.5, np.nan], [np.nan, 0.4], [np.nan, np.nan]])
    values = np.array([0.5, 0.5, 0.4, np.nan])
    for labeled in range(6):
        pool = make_pool(ids, None, score_table(ids, values, by_label), labeled=labeled)
        assert [number for number, _ in clasp(pool, 4)][-1] == 3


def test_coreset_leaves_no_image_far_from_a_labelled_one():
    features = np.array([[0], [0.2], [5], [5.2], [-4], [0.1]], np.float32)
    pool = make_pool(
        [f"image_x{number:02d}" for number in range(6)], None, None, features, np.array([[0.05]], np.float32)
    )
    picks = coreset(pool, 2)
    assert [number for number, _ in picks] == [3, 4]
    assert picks[0].reason.startswith("least like the labelled images")
    none_labelled = make_pool(pool.ids, None, None, features - features.mean())
    assert coreset(none_labelled, 1)[0].reason == "the most average image: none is labelled yet"


def test_coreset_comes_within_twice_the_best_radius():
    rng = np.random.default_rng(3)
    centers = rng.normal(size=(5, 4)) * 20
    features = (centers[rng.integers(0, 5, 100)] + rng.uniform(-1, 1, (100, 4))).astype(np.float32)
    pool = make_pool([f"image_x{number:03d}" for number in range(100)], None, None, features)
    chosen = features[[number for number, _ in coreset(pool, 5)]]
    radius = np.linalg.norm(features[:, None] - chosen, axis=-1).min(1).max()
    assert radius <= 2 * 2 * np.sqrt(4)


def test_typiclust_takes_a_typical_image_of_each_large_cluster_without_a_labelled_one():
    rng = np.random.default_rng(0)
    centers = np.array([[0, 0], [20, 0], [0, 20]])
    sizes = (20, 12, 8)
    features = np.concatenate(
        [center + rng.normal(size=(size, 2)) for center, size in zip(centers, sizes, strict=True)]
    )
    ids = [f"image_x{number:03d}" for number in range(40)]
    pool = make_pool(ids, None, None, features.astype(np.float32), np.array([[0.1, 0.1]], np.float32))
    picks = typiclust(pool, 2, seed=1)
    assert {number for number, _ in picks} <= set(range(20, 40))
    assert [any(number in part for number, _ in picks) for part in (range(20, 32), range(32, 40))] == [True, True]
    for number, reason in picks:
        mine = features[20:32] if number < 32 else features[32:]
        assert np.linalg.norm(features[number] - mine.mean(0)) < 1.2
        assert "none of them labelled" in reason


def test_power_noise_draws_in_proportion_to_the_power_of_the_score():
    ids = ["image_xa", "image_xb"]
    pool = make_pool(ids, None, score_table(ids, np.array([0.2, 0.6])))
    for beta, share in ((0.0, 0.5), (1.0, 0.75), (2.0, 0.9)):
        drawn = np.mean([power(pool, 1, seed, beta)[0][0] == 1 for seed in range(2000)])
        assert abs(drawn - share) < 0.05
    assert all(power(pool, 1, seed, 500.0)[0][0] == 1 for seed in range(50))


def test_foreground_random_draws_in_proportion_to_the_foreground():
    ids = ["image_xa", "image_xb"]
    pool = make_pool(ids, None, score_table(ids, np.ones(2), foreground=np.array([0.1, 0.4])))
    drawn = np.mean([foreground_random(pool, pool.foreground, 1, seed)[0][0] == 1 for seed in range(2000)])
    assert abs(drawn - 0.8) < 0.05


def test_clasp_grows_sure_over_the_budget():
    assert [beta_at(done, 100) for done in (0, 50, 100, 300)] == pytest.approx([1, 10, 100, 100])
    ids = [f"image_x{number:02d}" for number in range(30)]
    scores = score_table(ids, np.linspace(0.2, 0.9, 30))
    early, late = (make_pool(ids, None, scores, labeled=labeled) for labeled in (0, 100))
    best = [np.mean([clasp(pool, 1, seed)[0].number >= 27 for seed in range(200)]) for pool in (early, late)]
    assert best[0] < 0.35
    assert best[1] > 0.95


def test_clasp_goes_round_the_labels():
    ids = [f"image_x{number:02d}" for number in range(40)]
    by_label = np.zeros((40, 2))
    by_label[:20, 0], by_label[20:, 1] = 0.9, 0.01
    pool = make_pool(ids, None, score_table(ids, by_label.max(1), by_label), labeled=99)
    picks = clasp(pool, 9, seed=0)
    of_second = [number >= 20 for number, _ in picks]
    assert 3 <= sum(of_second) <= 4
    assert any("turn of posterior" in reason for _, reason in picks)
    assert any(reason.startswith("an uncertain image") for _, reason in picks)
