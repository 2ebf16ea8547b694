"""One check of all labels: how unlikely each one's figure is, and how to say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jlabel.selection.review.label_measures import LabelMeasures, StructureMeasures
from jlabel.selection.review.percentiles import Floats


@dataclass(frozen=True, eq=False)
class Check:
    """A figure of one structure, compared over all labels.

    Attributes:
        name: What is compared, such as ``"size"``.
        unlikely: Shape ``(label,)``: see :func:`jlabel.selection.review.percentiles.unlikeliness`.
        words: What is unusual of a label, given its place in the list.
        labels: The names of the structures that a label's figure concerns, given its place in the list.
    """

    name: str
    unlikely: Floats
    words: Callable[[int], str]
    labels: Callable[[int], tuple[str, ...]]


class LabelTable:
    """The measures of many labels, read by structure.

    Args:
        measures: Of each label.
        names: The structures: their values and names.
    """

    def __init__(self, measures: Sequence[LabelMeasures], names: Mapping[int, str]) -> None:
        self.measures = measures
        self.names = names

    def __len__(self) -> int:
        return len(self.measures)

    def present(self, value: int) -> NDArray[np.bool_]:
        """Which labels hold a structure."""
        return np.array([value in one.structures for one in self.measures], bool)

    def figures(self, value: int, read: Callable[[StructureMeasures], float]) -> Floats:
        """A figure of a structure in each label, shape ``(label,)``; NaN where it is not there."""
        held = [one.structures.get(value) for one in self.measures]
        return np.array([np.nan if one is None else read(one) for one in held], float)

    def points(self, value: int, read: Callable[[StructureMeasures], Sequence[float]]) -> Floats:
        """Figures of a structure in each label, shape ``(label, figure)``; NaN where it is not there, or has fewer."""
        return as_rows([() if one is None else read(one) for one in (m.structures.get(value) for m in self.measures)])

    @property
    def extent(self) -> float:
        """The diagonal of most images."""
        return float(np.median([one.extent for one in self.measures]))


def as_rows(points: Sequence[Sequence[float]]) -> Floats:
    """Points of different lengths as rows, filled up with NaN."""
    rows = np.full((len(points), max((len(point) for point in points), default=0)), np.nan)
    for row, point in zip(rows, points, strict=True):
        row[: len(point)] = point
    return rows


def middle_of(values: Floats) -> float:
    """The median of the numbers among them; NaN where there are none."""
    numbers = values[np.isfinite(values)]
    return float(np.median(numbers)) if numbers.size else np.nan
