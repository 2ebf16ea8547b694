"""A simulated annotator who clicks as people do: not always at the largest error, and seldom in its very middle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.simulation.error_regions import ErrorRegion, ErrorRegions
from jlabel.tasks.prompts import Click, Position

# Draws of a place over the border before it is given up: an error may fill the whole image.
_TRIES = 50


@dataclass(frozen=True)
class HandParameters:
    """How somebody clicks.

    Attributes:
        middle: Share of the clicks that are aimed at the voxel of an error furthest from its border.
        border: Share that is aimed at the error's border; the rest is aimed anywhere in the error.
        jitter_voxels: Standard deviation, along each axis, of where a click lands about where it was aimed. A click
            that would leave the error by it lands on the error's nearest voxel: leaving it is what ``outside`` says.
        outside: Share of the clicks that land over the error's border, with the sign that was meant.
        outside_voxels: How far over the border those land at most, in voxels (Euclidean distance).
        wrong_sign: Share of the clicks that have the other sign than was meant.
    """

    middle: float = 0.5
    border: float = 0.25
    jitter_voxels: float = 1.5
    outside: float = 0.25
    outside_voxels: float = 3.0
    wrong_sign: float = 0.02

    def as_dict(self) -> dict[str, float]:
        """Names to values, to be printed beside what was measured."""
        return asdict(self)


class HumanLike:
    """Clicks at an error that is drawn, the larger the likelier, and not exactly where it was aimed.

    The errors are the connected components of the missed and of the wrongly added voxels; one of them is drawn with a
    probability in proportion to its voxels. Where in it the click lands, and with which sign, say the parameters.

    Args:
        seed: Two annotators with one seed make the same clicks on the same masks.
        parameters: How it clicks.
    """

    def __init__(self, seed: int, parameters: HandParameters | None = None) -> None:
        self.parameters = parameters or HandParameters()
        self._random = np.random.default_rng(seed)

    def next_click(
        self, truth: NDArray[Any], mask: NDArray[Any], spacing: Sequence[float] | None = None
    ) -> Click | None:
        """The click to make next, or None where the mask is right everywhere; see :class:`Annotator`."""
        wanted, found = np.asarray(truth, dtype=bool), np.asarray(mask, dtype=bool)
        missed, added = ErrorRegions(wanted & ~found), ErrorRegions(found & ~wanted)
        sizes = np.concatenate([missed.sizes, added.sizes])
        if not len(sizes):
            return None
        index = int(self._random.choice(len(sizes), p=sizes / sizes.sum()))
        positive = index < len(missed)
        region = missed[index] if positive else added[index - len(missed)]
        place = self._place(region, wanted.shape, spacing)
        return Click(place, positive != (self._random.random() < self.parameters.wrong_sign))

    def _place(self, region: ErrorRegion, shape: tuple[int, ...], spacing: Sequence[float] | None) -> Position:
        over = self._over_border(region, shape) if self._random.random() < self.parameters.outside else None
        return over or region.nearest(self._moved(self._aim(region, spacing), shape))

    def _aim(self, region: ErrorRegion, spacing: Sequence[float] | None) -> Position:
        part = self._random.random()
        if part < self.parameters.middle:
            return region.innermost(spacing)
        if part < self.parameters.middle + self.parameters.border:
            return region.at_border(self._random)
        return region.anywhere(self._random)

    def _moved(self, place: Position, shape: tuple[int, ...]) -> Position:
        steps = np.rint(self._random.normal(0, self.parameters.jitter_voxels, len(place)))
        return tuple(int(np.clip(i + step, 0, n - 1)) for i, step, n in zip(place, steps, shape, strict=True))

    def _over_border(self, region: ErrorRegion, shape: tuple[int, ...]) -> Position | None:
        """A voxel of the image near the region's border that is not the region's; None where none was found."""
        reach = int(self.parameters.outside_voxels)
        start = region.at_border(self._random)
        for _ in range(_TRIES):
            step = self._random.integers(-reach, reach + 1, len(shape))
            place = tuple(int(i + s) for i, s in zip(start, step, strict=True))
            there = all(0 <= i < n for i, n in zip(place, shape, strict=True))
            if there and (step**2).sum() <= self.parameters.outside_voxels**2 and not region.contains(place):
                return place
        return None
