"""Checks of where structures lie: in the image, among each other, and whether two of them are exchanged."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from jlabel.selection.review.check import Check, LabelTable, as_rows, middle_of
from jlabel.selection.review.percentiles import FEWEST, Floats, deviations, unlikeliness

#: By how much places vary among correct labels: a part of the image's diagonal.
_PLACE = 0.05
_EXCHANGED = 0.5


def place_checks(table: LabelTable) -> Iterator[Check]:
    """Those of all that is labelled, then of each structure."""
    if len(table.names) > 1:
        whole = as_rows([one.place for one in table.measures])
        yield _place("position", "the label as a whole", whole, table)
    places = {value: table.points(value, lambda one: one.place) for value in table.names}
    places = {value: rows for value, rows in places.items() if np.isfinite(rows).any()}
    for value, rows in places.items():
        yield _place("position", table.names[value], rows, table)
    if len(places) > 1 and len({rows.shape for rows in places.values()}) == 1:
        yield from _among_each_other(table, places)


def _place(check: str, name: str, rows: Floats, table: LabelTable, among: str = "") -> Check:
    unlikely = unlikeliness(deviations(rows, _PLACE * table.extent), figures=rows.shape[1])
    usual = np.array([middle_of(column) for column in rows.T])

    def words(row: int) -> str:
        distance = float(np.sqrt(np.nansum((rows[row] - usual) ** 2)))
        far = f"{distance:.3g} mm" if table.measures[row].oriented else f"{distance:.0%} of the image's side"
        return f"{name} lies {far} from where others have it{among}"

    return Check(check, unlikely, words, lambda _: (name,) if name in table.names.values() else ())


def _among_each_other(table: LabelTable, places: dict[int, Floats]) -> Iterator[Check]:
    values = list(places)
    at = np.stack([places[value] for value in values])
    usual = np.array([[middle_of(column) for column in rows.T] for rows in at])
    moved = at - usual[:, None]
    together = np.array([[middle_of(column) for column in moved[:, row].T] for row in range(len(table))])
    for number, value in enumerate(values):
        yield _place("arrangement", table.names[value], moved[number] - together, table, ", seen from the other labels")
    for number, value in enumerate(values):
        # Each pair is looked at once, from the first of the two.
        if number + 1 < len(values):
            yield _exchanged(table, value, values[number + 1 :], at[number], at[number + 1 :])


def _exchanged(table: LabelTable, value: int, others: list[int], own: Floats, theirs: Floats) -> Check:
    """Whether the way to another structure leads the opposite way: -1 where it is as in others, 1 where exchanged."""
    ways = theirs - own
    usual = np.array([[middle_of(column) for column in way.T] for way in ways])
    length = np.sum(usual**2, axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        figures = -np.sum(ways * usual[:, None], axis=-1) / length[:, None]
    figures[~_reliable(figures)] = np.nan
    worst = np.where(np.isfinite(figures), figures, -np.inf).argmax(axis=0)
    figure = figures[worst, np.arange(len(table))]
    away = deviations(figure, _EXCHANGED, centre=-1.0)
    # What leads the usual way, however far, is no exchange.
    unlikely = unlikeliness(np.where(figure > 0, away, np.where(np.isnan(figure), np.nan, 0.0)))

    def pair(row: int) -> tuple[str, ...]:
        return table.names[value], table.names[others[int(worst[row])]]

    return Check("exchanged", unlikely, lambda row: "{} and {} look exchanged".format(*pair(row)), pair)


def _reliable(figures: Floats) -> NDArray[np.bool_]:
    """The pairs whose way is the same in nearly all labels, in which structures do not lie around each other."""
    known = np.isfinite(figures)
    spread = np.array([middle_of(np.abs(row + 1)) for row in figures])
    return np.asarray((known.sum(axis=1) >= FEWEST) & (1.4826 * spread < 1 / 3))
