"""What the learning curves count, and that every strategy has one; nothing here is timed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bench import curve_units
from bench.curve_data import SETS, Cases
from bench.curve_network import mean_dice, train
from bench.curve_project import STRATEGIES, Project
from bench.curve_tables import area, figures, holm, labels_to, paired
from bench.curve_units import FULL, CurvePlan, Unit, all_units, measure, results, write
from jlabel.selection.appearance_vector import LENGTH


def curve(strategy, seed, dice, labels=(5, 10, 20)):
    return {"strategy": strategy, "seed": seed, "labels": list(labels), "dice": list(dice)}


def test_the_area_is_the_mean_dice_over_the_budget():
    assert area(curve("random", 0, [0.5, 0.7, 0.7])) == pytest.approx((5 * 0.6 + 10 * 0.7) / 15)
    assert area(curve("random", 0, [0.8, 0.8, 0.8])) == pytest.approx(0.8)


def test_labels_to_a_dice_count_where_the_curve_stays_above_it():
    assert labels_to(curve("random", 0, [0.5, 0.7, 0.8]), 0.6) == 7.5
    assert labels_to(curve("random", 0, [0.7, 0.5, 0.7]), 0.6) == 15
    assert labels_to(curve("random", 0, [0.7, 0.7, 0.7]), 0.6) == 5
    assert np.isnan(labels_to(curve("random", 0, [0.7, 0.7, 0.5]), 0.6))


def test_tests_are_paired_by_seed_and_corrected():
    difference, p = paired({0: 0.5, 1: 0.6, 2: 0.7}, {0: 0.4, 1: 0.52, 2: 0.58, 3: 0.9})
    assert difference == pytest.approx(0.1)
    assert p == pytest.approx(0.0131, abs=1e-3)
    assert np.isnan(paired({0: 0.5}, {0: 0.4})[1])
    corrected = holm([0.01, 0.04, 0.03, float("nan")])
    assert corrected[:3] == pytest.approx([0.03, 0.06, 0.06])
    assert np.isnan(corrected[3])


def test_the_table_has_the_best_strategy_first_and_compares_it_with_the_baselines():
    rows = [curve(FULL, seed, [0.9], [80]) for seed in range(3)]
    rows += [curve("random", seed, [0.5, 0.6 + seed / 50, 0.7]) for seed in range(3)]
    rows += [curve("entropy", seed, [0.5, 0.8 + seed / 100, 0.88]) for seed in range(3)]
    best, other = figures(rows)
    assert (best["strategy"], other["strategy"], best["seeds"]) == ("entropy", "random", 3)
    assert best["d_random"] == pytest.approx(best["aubc"] - other["aubc"], abs=1e-3)
    assert best["p_random"] < 0.05
    assert "p_random" not in other
    assert (best["reached"], other["reached"], other["labels_95"]) == ("3 of 3", "0 of 3", None)
    assert 10 < best["labels_95"] < 20


@pytest.fixture
def cases() -> Cases:
    """Sixteen pictures of discs, some of them dark."""
    random = np.random.default_rng(0)
    grid = np.indices((24, 24))
    labels = np.array([((grid - random.integers(8, 16, (2, 1, 1))) ** 2).sum(0) < 30 for _ in range(16)]).astype(
        np.uint8
    )
    images = labels[:, None] * np.where(np.arange(16) % 4, 2.0, -2.0)[:, None, None, None]
    images = (images + random.normal(0, 0.3, images.shape)).astype(np.float32)
    looks = random.normal(size=(16, LENGTH)).astype(np.float32)
    return Cases(tuple(f"disc_{n:02}" for n in range(16)), images, labels, looks, np.full(16, 0.2, np.float32))


def test_a_network_learns_the_same_from_the_same_seed(cases: Cases) -> None:
    networks = [train(cases, 2, 30, seed) for seed in (0, 0, 1)]
    dice = [mean_dice(network, cases, 2) for network in networks]
    assert dice[0] == dice[1] != dice[2]
    assert dice[0] > 0.5
    # It learns on from there, and leaves the network of before as it was.
    assert mean_dice(train(cases, 2, 10, 2, networks[0]), cases, 2) > 0.5
    assert mean_dice(networks[0], cases, 2) == dice[0]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_chooses_with_the_scores_of_the_newest_network(
    cases: Cases, tmp_path: Path, strategy: str
) -> None:
    project = Project(tmp_path / "pool", cases, {"nucleus": 1}, strategy, 12, seed=0)
    try:
        labelled = [0, 1, 2, 3, 4]
        project.label(labelled)
        for round_ in range(2):
            project.publish(train(cases[np.array(labelled)], 2, 3, seed=round_))
            chosen = project.choose(3)
            assert len(set(chosen)) == 3
            assert not set(chosen) & set(labelled)
            project.label(chosen)
            labelled += chosen
    finally:
        project.close()


def test_a_unit_is_the_same_in_every_run_and_written_as_a_line(
    cases: Cases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curve_units, "_cases", lambda name, plan: (cases[np.arange(12)], cases[np.arange(12, 16)]))
    plan = CurvePlan(tmp_path, tmp_path / "work", (5, 7, 9), 3, 2)
    plan.work.mkdir()
    file = plan.work / "curves.jsonl"
    for strategy in ("entropy", "random", FULL):
        row = measure(Unit("nuclei_dsb2018", strategy, 1), plan)
        again = measure(Unit("nuclei_dsb2018", strategy, 1), plan)
        assert {**row, "cpu_seconds": 0} == {**again, "cpu_seconds": 0}
        write(file, row)
    with file.open("a") as out:
        out.write('{"name": "nuclei_dsb2018", "strat')  # killed
    write(file, row)
    entropy, drawn, full, last = results(file, plan)
    assert (entropy["labels"], full["labels"], last) == ([5, 7, 9], [12], full)
    assert entropy["dice"][0] == drawn["dice"][0]
    assert entropy["chosen"][0] == drawn["chosen"][0]
    assert [len(each) for each in entropy["chosen"]] == [5, 2, 2]
    assert results(file, CurvePlan(tmp_path, plan.work, (5, 7, 9), 4, 2)) == []
    assert results(file, CurvePlan(tmp_path, plan.work, (5, 9), 3, 2)) == []
    assert results(file, CurvePlan(tmp_path, plan.work, (5, 9), 3, 4)) == [full, full]
    assert json.loads(file.read_text().splitlines()[0]) == entropy


def test_units_of_one_seed_come_together() -> None:
    units = all_units(["hippocampus_msd"], ["random", "clasp"], [0, 1])
    assert [unit[1:] for unit in units] == [(s, n) for n in (0, 1) for s in (FULL, "random", "clasp")]
    assert set(SETS) == {"hippocampus_msd", "nuclei_dsb2018"}
