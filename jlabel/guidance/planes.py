"""In which planes a volume's slices are learnt: those in which a person can see a structure as it is, and so clicks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

#: Under which an item says across which axes its slices are learnt.
ACROSS = "slices_across"
_NEAR_ISOTROPIC = 2.0  # of the largest spacing to the smallest


def slice_axes(spacing: Sequence[float]) -> tuple[int, ...]:
    """The array axes across which slices are learnt: all three where the voxels are near isotropic, else the thick one.

    Args:
        spacing: mm along each axis of a volume.
    """
    if max(spacing) <= _NEAR_ISOTROPIC * min(spacing):
        return (0, 1, 2)
    return (int(np.argmax(spacing)),)


def slice_size(sizes: Sequence[float], spacing: Sequence[float]) -> tuple[float, float]:
    """What holds all slices that are learnt, along both of their axes.

    Args:
        sizes: Along each axis of a volume; those of a picture are as they are.
        spacing: mm along each axis.
    """
    if len(sizes) == 2:
        return sizes[0], sizes[1]
    slices = [np.delete(np.asarray(sizes, dtype=float), axis) for axis in slice_axes(spacing)]
    rows, columns = np.max(slices, axis=0)
    return float(rows), float(columns)
