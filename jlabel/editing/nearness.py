"""Which voxels lie within a distance of a structure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jlabel.editing.edit import Bools

# A voxel at the distance itself counts, however the product of its steps was rounded.
ROUNDING = 1 + 1e-5


def near(inside: Bools, spacing: Sequence[float], radius: float) -> Bools:
    """Whether the centre of a voxel of the structure is at most ``radius`` away (Euclidean distance, exact).

    The squared distance is a sum over the axes, so its minimum is found along one axis after the other, and only as far
    as the radius goes. For a few voxels that takes a tenth of the time of a transform that finds every distance.

    Args:
        inside: The structure, 2D or 3D.
        spacing: Distance of neighbouring voxels along each axis, in mm.
        radius: In mm.
    """
    squared = np.where(inside, np.float32(0), np.float32(np.inf))
    for axis, step in enumerate(spacing):
        squared = _along(squared, axis, step, radius)
    return np.asarray(squared <= (radius * ROUNDING) ** 2)


def _along(squared: NDArray[np.float32], axis: int, step: float, radius: float) -> NDArray[np.float32]:
    """The smallest squared distance over all shifts along an axis."""
    before = np.moveaxis(squared, axis, 0)
    nearest = squared.copy(order="K")
    after = np.moveaxis(nearest, axis, 0)
    shifted = np.empty_like(before)
    for k in range(1, min(len(before), int(radius * ROUNDING / step) + 1)):
        further = np.add(before, np.float32((k * step) ** 2), out=shifted)
        np.minimum(after[k:], further[:-k], out=after[k:])
        np.minimum(after[:-k], further[k:], out=after[:-k])
    return nearest
