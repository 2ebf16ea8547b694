"""Checks of what a label holds: empty labels, structures that it lacks or has beyond the others, forgotten slices."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from jlabel.selection.review.check import Check, LabelTable
from jlabel.selection.review.label_measures import Gap
from jlabel.selection.review.percentiles import Floats, deviations, rarity, unlikeliness

_GAP = 0.15
#: How unlikely an empty label is where there are too few to compare it with.
_EMPTY = 0.05


def presence_checks(table: LabelTable) -> Iterator[Check]:
    """Those of whole labels, then of each structure."""
    empty = np.array([not (one.structures or one.others) for one in table.measures], bool)
    yield _empty(empty)
    yield _unknown(table)
    for value, name in table.names.items():
        there = table.present(value)
        if there.any():
            yield _present(there, empty, name)


def gap_checks(table: LabelTable) -> Iterator[Check]:
    """Forgotten slices of each structure, and of all together."""
    for value, name in table.names.items():
        held = [one.structures.get(value) for one in table.measures]
        if any(one is not None for one in held):
            yield _gap([None if one is None else one.gap for one in held], f" of {name}", (name,))
    if len(table.names) > 1:
        yield _gap([one.gap for one in table.measures], "", ())


def _empty(empty: NDArray[np.bool_]) -> Check:
    rare = rarity(empty)
    return Check(
        "empty",
        np.where(empty, np.where(np.isnan(rare), _EMPTY, rare), np.nan),
        lambda _: f"the label is empty, as {_share(empty.mean())} of the labels are",
        lambda _: (),
    )


def _unknown(table: LabelTable) -> Check:
    has = np.array([bool(one.others) for one in table.measures], bool)

    def words(row: int) -> str:
        values = ", ".join(map(str, table.measures[row].others[:5]))
        return f"it holds values that no label has: {values}"

    return Check("unknown", np.where(has, rarity(has), np.nan), words, lambda _: ())


def _present(there: NDArray[np.bool_], empty: NDArray[np.bool_], name: str) -> Check:
    share = float(there.mean())

    def words(row: int) -> str:
        if there[row]:
            return f"{name} is there, which only {_share(share)} of the labels have"
        return f"{name} is missing, which {_share(share)} of the labels have"

    # That an empty label lacks everything is said once.
    return Check("presence", np.where(empty, np.nan, rarity(there)), words, lambda _: (name,))


def _gap(gaps: list[Gap | None], of: str, labels: tuple[str, ...]) -> Check:
    figures: Floats = np.array([np.nan if gap is None else gap.figure for gap in gaps], float)

    def words(row: int) -> str:
        gap = gaps[row] or Gap()
        axis = "ijk"[gap.axis]
        if gap.first != gap.last:
            return f"slices {axis} = {gap.first} to {gap.last}{of} are empty between filled ones"
        kind = "empty" if gap.empty else "much smaller or elsewhere"
        return f"slice {axis} = {gap.first}{of} is {kind} between {'filled ones' if gap.empty else 'two alike'}"

    unlikely = unlikeliness(deviations(figures, _GAP, centre=0.0), by_itself=True)
    return Check("slices", unlikely, words, lambda _: labels)


def _share(part: float) -> str:
    return f"{part:.0%}"
