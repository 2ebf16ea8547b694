"""The grid that a solver works on: a crop made coarser until it is quick to solve, and the way back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class WorkingGrid:
    """A crop in blocks.

    Attributes:
        full: Shape of the crop.
        factors: Voxels of the crop along each edge of a block.
        steps: Distance between neighbouring blocks along each axis, in units of the smallest of them.
    """

    full: tuple[int, ...]
    factors: tuple[int, ...]
    steps: tuple[float, ...]

    @classmethod
    def fitting(cls, shape: Sequence[int], spacing: Sequence[float], budget: int) -> WorkingGrid:
        """The finest grid of at most about ``budget`` blocks, made coarser first where its spacing is finest."""
        factors = [1] * len(shape)
        while math.prod(-(-n // f) for n, f in zip(shape, factors, strict=True)) > budget:
            size = [s * f if n // f > 4 else math.inf for s, f, n in zip(spacing, factors, shape, strict=True)]
            if min(size) == math.inf:
                break
            factors[size.index(min(size))] += 1
        wide = [max(s, 1e-6) * f for s, f in zip(spacing, factors, strict=True)]
        return cls(tuple(shape), tuple(factors), tuple(w / min(wide) for w in wide))

    @property
    def shape(self) -> tuple[int, ...]:
        """Blocks along each axis."""
        return tuple(-(-n // f) for n, f in zip(self.full, self.factors, strict=True))

    @property
    def exact(self) -> bool:
        """Whether every block is one voxel."""
        return all(f == 1 for f in self.factors)

    def means(self, array: NDArray[Any]) -> Floats:
        """The mean of each block; the array has the crop's shape."""
        values = array.astype(np.float32)
        return values if self.exact else self._blocks(values, "edge").mean(axis=self._inner, dtype=np.float32)

    def anywhere(self, mask: Mask) -> Mask:
        """Whether any voxel of each block is set."""
        if self.exact:
            return mask
        return np.asarray(self._blocks(mask, "constant").any(axis=self._inner))

    def finer(self, values: Floats) -> Floats:
        """Block values interpolated linearly at the crop's voxels."""
        if self.exact:
            return values
        for axis, (n, factor) in enumerate(zip(self.full, self.factors, strict=True)):
            at = np.clip((np.arange(n) + 0.5) / factor - 0.5, 0, values.shape[axis] - 1)
            low = at.astype(np.intp)
            high = np.minimum(low + 1, values.shape[axis] - 1)
            part = (at - low).astype(np.float32).reshape([-1 if a == axis else 1 for a in range(values.ndim)])
            values = np.take(values, low, axis) * (1 - part) + np.take(values, high, axis) * part
        return values

    def ball(self, seeds: Mask, radius: float) -> Mask:
        """The blocks within ``radius`` (in units of :attr:`steps`) of any seed."""
        if not seeds.any():
            return seeds
        near: Mask = ndimage.distance_transform_edt(~seeds, sampling=self.steps) <= radius
        return near

    @property
    def _inner(self) -> tuple[int, ...]:
        return tuple(range(1, 2 * len(self.full), 2))

    def _blocks(self, array: NDArray[Any], mode: Any) -> NDArray[Any]:
        padded = np.pad(array, [(0, -n % f) for n, f in zip(self.full, self.factors, strict=True)], mode=mode)
        split = [size for n, f in zip(padded.shape, self.factors, strict=True) for size in (n // f, f)]
        return padded.reshape(split)


def lower_upper(ndim: int, axis: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """To index the first and the second of each pair of neighbours along an axis."""
    whole = [slice(None)] * ndim
    lower, upper = list(whole), list(whole)
    lower[axis], upper[axis] = slice(None, -1), slice(1, None)
    return tuple(lower), tuple(upper)
