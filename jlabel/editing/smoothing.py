"""Smoothing the border of a label."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.editing.edit import Bools, Edit, Labels
from jlabel.editing.extent import EVERYWHERE, Extent
from jlabel.editing.structure import change_structure, check_amount, check_spacing
from jlabel.editing.tiles import filter_in_tiles
from jlabel.progress import NO_PROGRESS, Progress

# The Gaussian is cut where it has fallen to about 1 % of its peak; the smoothed structure is held in steps of 1/65535.
_TRUNCATE = 3.0
_FULL = np.iinfo(np.uint16).max


def smooth(
    mask: Labels,
    value: int,
    spacing: Sequence[float],
    radius: float,
    extent: Extent = EVERYWHERE,
    progress: Progress = NO_PROGRESS,
) -> Edit:
    """Smooth a label: a Gaussian of its voxels, cut at the level at which it has as many voxels as before.

    Cutting at one half would eat thin parts away; the level that keeps the volume does not.

    Args:
        mask: Label values, shape (i, j) or (i, j, k).
        value: The label.
        spacing: Distance of neighbouring voxels along each axis, in mm.
        radius: Standard deviation of the Gaussian, in mm: about the size of the bumps that go.
        extent: In 3D, in one slice or in each.
        progress: Who waits.

    Raises:
        EditError: The label is not painted there, or the size is not above 0.
        Cancelled: Nobody waits any more.
    """
    size = check_amount(radius, "the size of the bumps to smooth")
    sigmas = [size / step for step in extent.spacing(check_spacing(mask, spacing))]
    reach = [math.ceil(_TRUNCATE * sigma) for sigma in sigmas]

    def blur(part: Bools) -> NDArray[Any]:
        soft = ndimage.gaussian_filter(part.astype(np.float32), sigmas, mode="nearest", truncate=_TRUNCATE)
        return np.asarray(np.rint(soft * _FULL))

    def change(inside: Bools, grid: tuple[float, ...], progress: Progress) -> Bools:
        soft = filter_in_tiles(inside, reach, np.uint16, _FULL, blur, progress)
        cut: Bools = soft >= _level(soft, int(np.count_nonzero(inside)))
        return cut

    return change_structure(mask, value, spacing, extent, change, reach, progress=progress)


def _level(soft: NDArray[np.uint16], count: int) -> int:
    """The level, above 0, that the number of voxels nearest to ``count`` reach."""
    histogram = np.zeros(_FULL + 1, np.int64)
    flat = soft.reshape(-1, order="F")
    for start in range(0, flat.size, 1 << 22):
        histogram += np.bincount(flat[start : start + (1 << 22)], minlength=_FULL + 1)
    reaching = np.cumsum(histogram[::-1])[::-1]
    return 1 + int(np.argmin(np.abs(reaching[1:] - count)))
