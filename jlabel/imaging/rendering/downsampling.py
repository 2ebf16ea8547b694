"""Coarser voxel grids for a look at the whole: blocks of voxels averaged, and where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging.finite import all_finite, filled
from jlabel.progress import NO_PROGRESS, Progress


def reduction(shape: Sequence[int], finest: int) -> tuple[int, ...]:
    """How many voxels to average along each axis so that no axis keeps more than ``finest``."""
    return tuple(max(1, -(-int(n) // finest)) for n in shape)


def block_means(array: NDArray[Any], factors: Sequence[int], progress: Progress = NO_PROGRESS) -> NDArray[np.float32]:
    """The mean of each block of voxels; at the far edges a block holds what is left.

    Args:
        array: Shape (i, j, k), any real type; a block's mean is that of its finite voxels.
        factors: Voxels of a block along each axis.
        progress: Asked before each slab of blocks whether to go on.

    Returns:
        Float32, shape ceil(n / factor) along each axis; a block without a finite voxel gets the lowest of the means.
        Memory beyond it is that of one slab of blocks.
    """
    shape = [-(-n // f) for n, f in zip(array.shape, factors, strict=True)]
    out = np.empty(shape, np.float32, order="F")
    depth = factors[2]
    for k in range(shape[2]):
        progress.check()
        slab = np.asarray(array[:, :, k * depth : (k + 1) * depth], np.float32)
        if all_finite(slab):
            out[:, :, k] = _plane_of_means(slab, factors)
            continue
        good = np.isfinite(slab)
        share = _plane_of_means(good.astype(np.float32), factors)
        with np.errstate(invalid="ignore", divide="ignore"):
            out[:, :, k] = _plane_of_means(np.where(good, slab, np.float32(0)), factors) / share
    return np.asarray(filled(out), order="F")


def _plane_of_means(slab: NDArray[np.float32], factors: Sequence[int]) -> NDArray[np.float32]:
    plane: NDArray[np.float32] = slab.mean(axis=2)
    for axis in (0, 1):
        plane = _means_along(plane, factors[axis], axis)
    return plane


def reduced_affine(
    affine: NDArray[np.floating], factors: Sequence[int], lower: Sequence[int] = (0, 0, 0)
) -> NDArray[np.float64]:
    """The affine of a grid of blocks: the first one begins at voxel ``lower``, and its middle is index (0, 0, 0)."""
    steps = np.array(factors, dtype=float)
    blocks = np.diag([*steps, 1.0])
    blocks[:3, 3] = np.asarray(lower, dtype=float) + (steps - 1) / 2
    reduced: NDArray[np.float64] = np.asarray(affine, dtype=float) @ blocks
    return reduced


def _means_along(plane: NDArray[np.float32], factor: int, axis: int) -> NDArray[np.float32]:
    if factor == 1:
        return plane
    starts = np.arange(0, plane.shape[axis], factor)
    sizes = np.diff(np.append(starts, plane.shape[axis])).astype(np.float32)
    sums: NDArray[np.float32] = np.add.reduceat(plane, starts, axis=axis)
    return sums / (sizes[:, None] if axis == 0 else sizes)
