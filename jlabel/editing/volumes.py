"""How large the labels of a mask are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jlabel.editing.edit import Labels
from jlabel.editing.structure import check_spacing
from jlabel.progress import NO_PROGRESS, Progress

_SLAB = 16


@dataclass(frozen=True)
class LabelVolume:
    """The size of one label.

    Attributes:
        voxels: Number of voxels.
        ml: Volume in millilitres; None in a 2D image.
    """

    voxels: int
    ml: float | None


def label_volumes(mask: Labels, spacing: Sequence[float], progress: Progress = NO_PROGRESS) -> dict[int, LabelVolume]:
    """The size of each label that has a voxel, by its value.

    Args:
        mask: Label values (8 or 16 bits, unsigned), shape (i, j) or (i, j, k).
        spacing: Distance of neighbouring voxels along each axis, in mm.
        progress: Who waits.

    Raises:
        EditError: The spacing does not fit the mask.
        Cancelled: Nobody waits any more.
    """
    steps = check_spacing(mask, spacing)
    millilitres = math.prod(steps) / 1000 if mask.ndim == 3 else None
    count = np.zeros(np.iinfo(mask.dtype).max + 1, np.int64)
    for start in range(0, mask.shape[-1], _SLAB):
        progress.step(start, mask.shape[-1])
        part = mask[..., start : start + _SLAB]
        count += np.bincount(part.reshape(-1, order="A"), minlength=count.size)
    found = {int(value): int(count[value]) for value in np.flatnonzero(count) if value != 0}
    return {value: LabelVolume(n, n * millilitres if millilitres is not None else None) for value, n in found.items()}
