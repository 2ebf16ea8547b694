"""In which planes a volume's slices are learnt: those in which a person can see a structure as it is, and so clicks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from monai.data.utils import affine_to_spacing
from monai.transforms import Spacing, Transform

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


class SpaceSlices(Transform):  # type: ignore[misc]
    """Brings pictures, and all slices of volumes that are learnt, to one spacing, and says which those are.

    A near isotropic volume gets that spacing along all axes; another keeps the one across its slices.

    Args:
        keys: The image and its label, (1, spatial).
        spacing: mm along both axes of a slice.
    """

    def __init__(self, keys: tuple[str, str], spacing: float) -> None:
        self.keys = keys
        self.spacing = spacing

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data with both changed, and the axes for a volume."""
        image = data[self.keys[0]]
        axes = image.ndim - 1
        wanted, across = [self.spacing] * axes, tuple[int, ...]()
        if axes == 3:
            across = slice_axes(affine_to_spacing(image.affine, 3).tolist())
            if len(across) == 1:
                wanted[across[0]] = -1.0
        spaced = Spacing(wanted)
        changed = {
            key: spaced(data[key], mode=mode) for key, mode in zip(self.keys, ("bilinear", "nearest"), strict=True)
        }
        return {**data, **changed, ACROSS: across}
