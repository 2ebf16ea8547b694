"""Boxes of voxels: the part of an image that a task works on, a stroke changes or a message carries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Region:
    """A half-open box of voxels, ``lower[i] <= index[i] < upper[i]``, in the array's own axis order."""

    lower: tuple[int, ...]
    upper: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.lower) != len(self.upper):
            raise ValueError(f"lower has {len(self.lower)} axes and upper {len(self.upper)}")

    @classmethod
    def whole(cls, shape: Sequence[int]) -> Region:
        """The region of a whole array of that shape."""
        return cls((0,) * len(shape), tuple(int(n) for n in shape))

    @classmethod
    def around(cls, positions: NDArray[np.integer] | Sequence[Sequence[int]]) -> Region:
        """The smallest region that holds all positions, an array of shape (n, axes) with n >= 1."""
        points = np.asarray(positions, dtype=np.int64)
        return cls(
            tuple(int(v) for v in points.min(axis=0)),
            tuple(int(v) + 1 for v in points.max(axis=0)),
        )

    @classmethod
    def from_flat(cls, flat: Sequence[int]) -> Region:
        """From the wire form ``[*lower, *upper]``."""
        half = len(flat) // 2
        return cls(tuple(int(v) for v in flat[:half]), tuple(int(v) for v in flat[half:]))

    def to_flat(self) -> list[int]:
        """The wire form ``[*lower, *upper]``."""
        return [*self.lower, *self.upper]

    @property
    def shape(self) -> tuple[int, ...]:
        """Voxels along each axis (0 where the region is empty)."""
        return tuple(max(0, u - lo) for lo, u in zip(self.lower, self.upper, strict=True))

    @property
    def size(self) -> int:
        """Number of voxels."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def slices(self) -> tuple[slice, ...]:
        """To index an array with: ``array[region.slices]``."""
        return tuple(slice(lo, max(lo, u)) for lo, u in zip(self.lower, self.upper, strict=True))

    def clip(self, shape: Sequence[int]) -> Region:
        """The part of this region inside an array of that shape."""
        return Region(
            tuple(min(max(0, lo), n) for lo, n in zip(self.lower, shape, strict=True)),
            tuple(min(max(0, u), n) for u, n in zip(self.upper, shape, strict=True)),
        )

    def grow(self, margin: int | Sequence[int], shape: Sequence[int]) -> Region:
        """Larger by ``margin`` voxels (one number, or one per axis) on every side, clipped to ``shape``."""
        margins = list(margin) if isinstance(margin, Sequence) else [int(margin)] * len(self.lower)
        return Region(
            tuple(lo - m for lo, m in zip(self.lower, margins, strict=True)),
            tuple(u + m for u, m in zip(self.upper, margins, strict=True)),
        ).clip(shape)

    def moved(self, by: Sequence[int]) -> Region:
        """The same box moved by so many voxels along each axis."""
        return Region(
            tuple(lo + step for lo, step in zip(self.lower, by, strict=True)),
            tuple(u + step for u, step in zip(self.upper, by, strict=True)),
        )

    def inside(self, outer: Region) -> Region:
        """This region in the indices of an array that fills ``outer``."""
        return self.moved([-lo for lo in outer.lower])

    def union(self, other: Region) -> Region:
        """The smallest region that holds both; an empty one adds nothing."""
        if self.size == 0:
            return other
        if other.size == 0:
            return self
        return Region(
            tuple(min(a, b) for a, b in zip(self.lower, other.lower, strict=True)),
            tuple(max(a, b) for a, b in zip(self.upper, other.upper, strict=True)),
        )

    def intersection(self, other: Region) -> Region:
        """The voxels that lie in both regions; its size is 0 where there are none."""
        return Region(
            tuple(max(a, b) for a, b in zip(self.lower, other.lower, strict=True)),
            tuple(min(a, b) for a, b in zip(self.upper, other.upper, strict=True)),
        )

    def boxes(self, most: int) -> Iterator[Region]:
        """The same voxels in boxes of at most ``most`` voxels (or of one), in the order of a Fortran array."""
        axis = max((a for a, n in enumerate(self.shape) if n > 1), default=None)
        if self.size <= most or axis is None:
            if self.size > 0:
                yield self
            return
        middle = (self.lower[axis] + self.upper[axis]) // 2
        for lower, upper in ((self.lower[axis], middle), (middle, self.upper[axis])):
            low, up = list(self.lower), list(self.upper)
            low[axis], up[axis] = lower, upper
            yield from Region(tuple(low), tuple(up)).boxes(most)

    def contains(self, other: Region) -> bool:
        """Whether ``other`` lies wholly inside."""
        return all(a <= b for a, b in zip(self.lower, other.lower, strict=True)) and all(
            a >= b for a, b in zip(self.upper, other.upper, strict=True)
        )


def changed_region(before: NDArray[np.generic], after: NDArray[np.generic]) -> Region | None:
    """The smallest region in which two arrays of one shape differ, or None where they are equal.

    Raises:
        ValueError: The shapes differ.
    """
    if before.shape != after.shape:
        raise ValueError(f"arrays of shapes {before.shape} and {after.shape} cannot be compared voxel by voxel")
    return bounding_region(before != after)


def bounding_region(mask: NDArray[np.generic]) -> Region | None:
    """The smallest region that holds every voxel of ``mask`` that is not 0, or None where there is none."""
    lower: list[int] = []
    upper: list[int] = []
    for axis in range(mask.ndim):
        others = tuple(a for a in range(mask.ndim) if a != axis)
        hit = np.flatnonzero(mask.any(axis=others))
        if hit.size == 0:
            return None
        lower.append(int(hit[0]))
        upper.append(int(hit[-1]) + 1)
        # What lies outside along this axis is empty, so the next axes need not look at it.
        mask = mask[(slice(None),) * axis + (slice(lower[-1], upper[-1]),)]
    return Region(tuple(lower), tuple(upper))
