"""Connected parts of a structure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.editing.edit import Bools
from jlabel.progress import Progress

_CHUNK = 1 << 22
_SLAB = 16


def components(inside: Bools, corners: bool) -> tuple[NDArray[np.int32], int]:
    """Number the connected parts of a structure.

    Args:
        inside: The structure, 2D or 3D.
        corners: Whether voxels that share only an edge or a corner are connected, too.

    Returns:
        The part of each voxel (0 outside, 1 to n; Fortran order) and n.
    """
    parts = np.empty(inside.shape, np.int32, order="F")
    neighbours = ndimage.generate_binary_structure(inside.ndim, inside.ndim if corners else 1)
    # In the order in which the voxels lie in memory.
    count = int(ndimage.label(inside.T, neighbours, output=parts.T))
    return parts, count


def sizes(parts: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """Number of voxels outside and in each of ``count`` parts."""
    total = np.zeros(count + 1, np.int64)
    flat = parts.reshape(-1, order="F")
    for start in range(0, flat.size, _CHUNK):
        total += np.bincount(flat[start : start + _CHUNK], minlength=count + 1)
    return total


def of_parts(parts: NDArray[np.int32], chosen: Bools, progress: Progress) -> Bools:
    """The voxels of the parts whose entry in ``chosen`` is set; in slabs, for indexing widens them."""
    inside = np.empty(parts.shape, bool, order="F")
    for start in range(0, parts.shape[-1], _SLAB):
        progress.step(start, parts.shape[-1])
        inside[..., start : start + _SLAB] = chosen[parts[..., start : start + _SLAB]]
    return inside
