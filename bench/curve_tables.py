"""What learning curves come to: area, final Dice, labels to 95 % of the full Dice, and paired tests."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import stats

from bench.curve_units import FULL

SHARE = 0.95
BASELINES = ("random", "foreground_random")

Row = Mapping[str, Any]


def area(row: Row) -> float:
    """The area under the curve over its width (AUBC): the mean Dice over the budget, by trapezoids."""
    return float(np.trapezoid(row["dice"], row["labels"]) / (row["labels"][-1] - row["labels"][0]))


def labels_to(row: Row, dice: float) -> float:
    """With how many labels the curve reaches a Dice and stays there, by straight lines; NaN where it does not."""
    pairs = list(zip(row["labels"], row["dice"], strict=True))
    if pairs[-1][1] < dice:
        return float("nan")
    reached = float(pairs[-1][0])
    for (before, low), (after, high) in reversed(list(itertools.pairwise(pairs))):
        if low < dice:
            return before + (after - before) * (dice - low) / (high - low)
        reached = float(before)
    return reached


def figures(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """A row for each strategy, the largest area first, with paired tests over the seeds that both have.

    ``p_random`` and ``p_foreground_random`` are those of two-sided paired t-tests of the areas, corrected by Holm for
    the number of strategies; ``d_…`` are the mean differences.
    """
    full = {row["seed"]: row["dice"][-1] for row in rows if row["strategy"] == FULL}
    by_strategy: dict[str, dict[int, Row]] = {}
    for row in rows:
        if row["strategy"] != FULL:
            by_strategy.setdefault(row["strategy"], {})[row["seed"]] = row
    table = [_figure(name, of_seed, full) for name, of_seed in by_strategy.items()]
    areas = {name: {seed: area(row) for seed, row in of_seed.items()} for name, of_seed in by_strategy.items()}
    for baseline in BASELINES:
        if baseline in areas:
            _compare(table, areas, baseline)
    return sorted(table, key=lambda each: -each["aubc"])


def paired(one: Mapping[int, float], other: Mapping[int, float]) -> tuple[float, float]:
    """The mean difference over the seeds that both have, and the p of a paired t-test; NaN with fewer than two."""
    seeds = sorted(one.keys() & other.keys())
    differences = np.array([one[seed] - other[seed] for seed in seeds])
    if len(seeds) < 2 or np.ptp(differences) == 0:
        return float(differences.mean()) if len(seeds) else float("nan"), float("nan")
    return float(differences.mean()), float(stats.ttest_1samp(differences, 0.0).pvalue)


def holm(values: Sequence[float]) -> list[float]:
    """Corrected for as many tests as there are numbers."""
    known = [value for value in values if not np.isnan(value)]
    corrected, highest = dict[int, float](), 0.0
    order = sorted((number for number, value in enumerate(values) if not np.isnan(value)), key=lambda n: values[n])
    for rank, number in enumerate(order):
        highest = max(highest, min(1.0, values[number] * (len(known) - rank)))
        corrected[number] = highest
    return [corrected.get(number, float("nan")) for number in range(len(values))]


def _figure(name: str, of_seed: Mapping[int, Row], full: Mapping[int, float]) -> dict[str, Any]:
    areas = [area(row) for row in of_seed.values()]
    needed = [labels_to(row, SHARE * full[seed]) for seed, row in of_seed.items() if seed in full]
    reached = [count for count in needed if not np.isnan(count)]
    return {
        "strategy": name,
        "seeds": len(of_seed),
        "aubc": round(float(np.mean(areas)), 4),
        "sd": round(float(np.std(areas, ddof=1)), 4) if len(areas) > 1 else None,
        "final": round(float(np.mean([row["dice"][-1] for row in of_seed.values()])), 4),
        # Where not every seed reaches it, the mean of those that do would look too good.
        "labels_95": round(float(np.mean(reached)), 1) if reached and len(reached) == len(needed) else None,
        "reached": f"{len(reached)} of {len(needed)}",
    }


def _compare(table: Sequence[dict[str, Any]], areas: Mapping[str, Mapping[int, float]], baseline: str) -> None:
    others = [row for row in table if row["strategy"] != baseline]
    found = [paired(areas[row["strategy"]], areas[baseline]) for row in others]
    corrected = holm([p for _, p in found])
    for row, (difference, _), p in zip(others, found, corrected, strict=True):
        row[f"d_{baseline}"] = None if np.isnan(difference) else round(difference, 4)
        row[f"p_{baseline}"] = None if np.isnan(p) else round(p, 4)
