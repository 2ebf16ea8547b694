"""The connected parts of a mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]


def connected_to(mask: Mask, marks: Mask) -> Mask:
    """The parts of a mask that hold a voxel of ``marks``; voxels that share a corner are connected.

    Args:
        mask: 2D or 3D.
        marks: Of the mask's shape.
    """
    parts, count = ndimage.label(mask, structure=np.ones((3,) * mask.ndim))
    kept = np.zeros(count + 1, dtype=bool)
    kept[parts[marks]] = True
    kept[0] = False
    return np.asarray(kept[parts])
