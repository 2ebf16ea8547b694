from __future__ import annotations

import numpy as np
import pytest

from jlabel.selection.review.percentiles import corrected, deviations, rarity, unlikeliness


def test_a_deviation_is_in_robust_standard_deviations() -> None:
    values = np.random.default_rng(0).normal(5, 2, 4000)
    values[0] = 15
    found = deviations(values, typical=1.0)
    assert found[0] == pytest.approx(5, rel=0.05)
    assert np.median(found) == pytest.approx(0.67, rel=0.05)


def test_few_labels_go_by_what_is_typical() -> None:
    values = np.array([1.0, 1.0, 1.0, 1.0, 1.1])
    assert deviations(values, typical=0.15)[4] == pytest.approx(1, rel=0.01)


def test_several_figures_are_one() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(400, 6))
    values[3] += 4
    values[5, :] = np.nan
    values[6, :5] = np.nan
    found = deviations(values, typical=1.0)
    assert found.argmax() == 3 or np.nanargmax(found) == 3
    assert np.isnan(found[5])
    assert np.isfinite(found[6])


def test_what_is_far_beyond_the_others_is_less_likely_than_what_is_just_the_largest() -> None:
    deviation = np.abs(np.random.default_rng(0).normal(size=100))
    far = deviation.copy()
    far[7] = 12
    assert unlikeliness(far)[7] < 1e-4 < 0.003 < unlikeliness(deviation).min()
    assert unlikeliness(far)[7] > 0


def test_a_count_that_is_rare_is_not_impossible() -> None:
    deviation = np.zeros(100)
    deviation[:4] = 12
    assert unlikeliness(deviation, counted=True)[0] == pytest.approx(0.04**1.5)
    assert unlikeliness(deviation)[0] < 0.001


def test_labels_without_the_figure_take_no_part() -> None:
    deviation = np.array([np.nan, 0.1, 0.2, 0.3, 0.4, 9.0])
    found = unlikeliness(deviation)
    assert np.isnan(found[0])
    assert found[5] == found[1:].min()


def test_rare_things_are_unlikely_and_common_ones_are_not() -> None:
    found = rarity(np.array([True] * 19 + [False]))
    assert found[-1] == pytest.approx(0.0025)
    assert found[0] == pytest.approx(0.95**2)
    assert np.isnan(rarity(np.array([True, False]))).all()


def test_ranks_of_labels_without_an_error_are_spread_evenly() -> None:
    rng = np.random.default_rng(1)
    figures = np.stack([unlikeliness(deviations(rng.normal(size=400), 1.0)) for _ in range(20)])
    ranks = corrected(figures.min(axis=0), np.full(400, 20))
    assert np.percentile(ranks, [25, 50, 90]) == pytest.approx([0.25, 0.5, 0.9], abs=0.15)
