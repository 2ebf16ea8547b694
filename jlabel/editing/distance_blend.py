"""Shapes between two shapes, from their signed distance maps."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.editing.edit import Bools
from jlabel.imaging import Region, bounding_region

_MARGIN = 2


class Blend(Protocol):
    """The shapes on the way from one slice to another."""

    region: Region
    """Where in the slice they lie."""

    def at(self, part: float) -> Bools:
        """The shape in the region after a part of the way, above 0 and below 1."""
        ...


class StaticBlend:
    """The distance maps are blended where they are.

    Args:
        first: The shape in one slice, shape (i, j); not empty.
        last: The shape in the other slice.
        spacing: Distance of neighbouring voxels along both axes, in mm.
    """

    def __init__(self, first: Bools, last: Bools, spacing: tuple[float, ...]) -> None:
        self.region = _around(first | last)
        self._first = signed_distance(first[self.region.slices], spacing)
        self._last = signed_distance(last[self.region.slices], spacing)

    def at(self, part: float) -> Bools:
        """The shape after a part of the way."""
        inside: Bools = (1 - part) * self._first + part * self._last > 0
        return inside


class AlignedBlend:
    """Both shapes are moved to the line between their centroids before their distance maps are blended."""

    def __init__(self, first: Bools, last: Bools, spacing: tuple[float, ...]) -> None:
        self._static = StaticBlend(first, last, spacing)
        self.region = self._static.region
        self._way = np.argwhere(last).mean(axis=0) - np.argwhere(first).mean(axis=0)

    def at(self, part: float) -> Bools:
        """The shape after a part of the way."""
        first = _moved(self._static._first, part * self._way)
        last = _moved(self._static._last, (part - 1) * self._way)
        inside: Bools = (1 - part) * first + part * last > 0
        return inside


class Fading:
    """A shape that has no counterpart gets smaller evenly until nothing is left.

    Args:
        shape: The shape, shape (i, j); not empty.
        spacing: Distance of neighbouring voxels along both axes, in mm.
        forward: Whether it is in the first slice and ends; else it begins.
    """

    def __init__(self, shape: Bools, spacing: tuple[float, ...], forward: bool) -> None:
        self.region = _around(shape)
        self._distance = signed_distance(shape[self.region.slices], spacing)
        self._forward = forward

    def at(self, part: float) -> Bools:
        """The shape after a part of the way."""
        gone = part if self._forward else 1 - part
        inside: Bools = self._distance > gone * self._distance.max()
        return inside


def signed_distance(inside: Bools, spacing: tuple[float, ...]) -> NDArray[np.float32]:
    """Distance to the nearest voxel on the other side of the border, in mm: above 0 inside, below 0 outside."""
    if inside.all():
        return np.full(inside.shape, np.linalg.norm(np.multiply(inside.shape, spacing)), np.float32)
    within = ndimage.distance_transform_edt(inside, sampling=spacing)
    return np.asarray(within - ndimage.distance_transform_edt(~inside, sampling=spacing), np.float32)


def _around(shape: Bools) -> Region:
    box = bounding_region(shape) or Region.whole(shape.shape)
    return box.grow(_MARGIN, shape.shape)


def _moved(distance: NDArray[np.float32], by: NDArray[np.float64]) -> NDArray[np.float32]:
    if not by.any():
        return distance
    return np.asarray(ndimage.shift(distance, by, order=1, mode="nearest"), np.float32)
