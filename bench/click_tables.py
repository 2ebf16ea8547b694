"""From the rows of single structures to figures of a set, and a table for people."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from bench.click_measures import Row

AT = (1, 3, 5, 10)
ENOUGH = 0.85
LOWERED = (0.02, 0.1, 0.3)


def from_nothing(sessions: Sequence[Row]) -> dict[str, float]:
    """Figures of sessions that began with nothing, of one set and hand."""
    scores = np.array([session["scores"] for session in sessions])
    clicks = scores.shape[1] - 1
    figures = {f"dice_{n}": scores[:, n].mean() for n in AT if n <= clicks}
    reached = np.where(scores >= ENOUGH, np.arange(clicks + 1), clicks).min(axis=1)
    figures["noc_85"] = reached.mean()
    figures["below_half"] = (scores[:, min(5, clicks)] < 0.5).mean()
    seconds = [step["seconds"] for step in _steps(sessions)]
    if seconds:
        figures |= {"seconds": np.median(seconds), "seconds_p95": np.percentile(seconds, 95)}
    return _rounded(figures) | lowered(sessions)


def lowered(sessions: Sequence[Row]) -> dict[str, float]:
    """How many clicks were correct, which part of their error they fixed, and how often they lowered the Dice."""
    correct = [step for step in _steps(sessions) if step["fixed"] is not None]
    if not correct:
        return {"correct": 0}
    change = np.array([step["change"] for step in correct])
    shares = {f"lowered_{round(100 * by):02}": (change < -by).mean() for by in LOWERED}
    fixed = np.mean([step["fixed"] for step in correct])
    return {"correct": len(correct)} | _rounded({"fixed": fixed, **shares})


def first_masks(sessions: Sequence[Row]) -> dict[str, float]:
    """Mean Dice on the way, and the part of the error that is left after three clicks, of one set and kind.

    ``left`` is the mean of (1 - Dice after) / (1 - Dice before), ``left_of_means`` the same of the mean Dice.
    """
    scores = np.array([session["scores"] for session in sessions])
    means = {f"dice_{n}": scores[:, n].mean() for n in (0, 1, 3, 5)}
    wrong = scores[:, 0] < 1
    left = (1 - scores[wrong, 3]) / (1 - scores[wrong, 0])
    of_means = (1 - means["dice_3"]) / (1 - means["dice_0"]) if wrong.any() else 0.0
    return _rounded({"left": left.mean() if wrong.any() else 0.0, "left_of_means": of_means, **means}) | lowered(
        sessions
    )


def means(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Mean of every figure."""
    return _rounded({key: np.mean([row[key] for row in rows]) for key in rows[0]})


def text_table(title: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Columns for people, as wide as they must be."""
    heads = list(dict.fromkeys(itertools.chain.from_iterable(rows)))
    lines = [heads, *([_cell(row.get(head)) for head in heads] for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(heads))]
    drawn = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join(["", title, *drawn, ""])


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def _steps(sessions: Iterable[Row]) -> list[Row]:
    return [step for session in sessions for step in session["steps"]]


def _rounded(figures: Mapping[str, Any]) -> dict[str, float]:
    return {key: round(float(value), 4) for key, value in figures.items()}
