"""How well two labels of one image agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Overlap:
    """Voxels of one label value in two label arrays.

    Attributes:
        first: Voxels in the first.
        second: Voxels in the second.
        both: Voxels that are in both.
    """

    first: int
    second: int
    both: int

    @property
    def dice(self) -> float | None:
        """The Dice coefficient, 2·both / (first + second); None where neither array has the label.

        Dice, L. R.: Measures of the amount of ecologic association between species. Ecology 26 (1945), 297-302.
        """
        total = self.first + self.second
        return 2 * self.both / total if total else None


class OverlapCount:
    """Counts two label arrays part by part, so that large ones are never held twice."""

    def __init__(self) -> None:
        self._counts = np.zeros((3, 256), np.int64)

    def add(self, first: NDArray[np.unsignedinteger[Any]], second: NDArray[np.unsignedinteger[Any]]) -> None:
        """Count a part.

        Args:
            first: Label values, uint8 or uint16.
            second: Label values of the same shape.

        Raises:
            ValueError: The shapes differ.
        """
        if first.shape != second.shape:
            raise ValueError(f"parts of shapes {first.shape} and {second.shape} cannot be compared")
        one, two = first.ravel(order="K"), second.ravel(order="K")
        if first.strides != second.strides:
            one, two = first.ravel(), second.ravel()
        for row, values in enumerate((one, two, one[one == two])):
            counted = np.bincount(values)
            if counted.size > self._counts.shape[1]:
                self._counts = np.pad(self._counts, ((0, 0), (0, counted.size - self._counts.shape[1])))
            self._counts[row, : counted.size] += counted

    def of(self, value: int) -> Overlap:
        """What was counted of a label."""
        if value >= self._counts.shape[1]:
            return Overlap(0, 0, 0)
        first, second, both = (int(n) for n in self._counts[:, value])
        return Overlap(first, second, both)

    @property
    def values(self) -> list[int]:
        """The label values that were met in either array, without the background."""
        return [int(value) for value in np.flatnonzero(self._counts.any(axis=0)) if value != 0]
