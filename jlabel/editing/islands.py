"""Removing the small parts of a label."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.editing.components import components, of_parts, sizes
from jlabel.editing.edit import Bools, Edit, Labels
from jlabel.editing.extent import EVERYWHERE, Extent
from jlabel.editing.structure import change_structure, check_amount, check_spacing
from jlabel.progress import NO_PROGRESS, Progress

Choose = Callable[[NDArray[np.int64]], NDArray[Any]]


def keep_largest(
    mask: Labels,
    value: int,
    extent: Extent = EVERYWHERE,
    progress: Progress = NO_PROGRESS,
) -> Edit:
    """Erase all parts of a label but the largest; parts that touch at a corner are one.

    Args:
        mask: Label values, shape (i, j) or (i, j, k).
        value: The label.
        extent: The largest in 3D, in one slice or in each.
        progress: Who waits.

    Raises:
        EditError: The label is not painted there.
        Cancelled: Nobody waits any more.
    """
    return _keep(mask, value, extent, lambda size: np.arange(size.size) == np.argmax(size), progress)


def remove_islands(
    mask: Labels,
    value: int,
    spacing: Sequence[float],
    smallest: float,
    extent: Extent = EVERYWHERE,
    progress: Progress = NO_PROGRESS,
) -> Edit:
    """Erase the parts of a label that are smaller than a size; parts that touch at a corner are one.

    Args:
        mask: Label values, shape (i, j) or (i, j, k).
        value: The label.
        spacing: Distance of neighbouring voxels along each axis, in mm.
        smallest: The size of the smallest part that stays: in mm³, or in mm² in slices and in a 2D mask.
        extent: Parts in 3D, in one slice or in each.
        progress: Who waits.

    Raises:
        EditError: The label is not painted there, or the size is not above 0.
        Cancelled: Nobody waits any more.
    """
    steps = extent.spacing(check_spacing(mask, spacing))
    limit = check_amount(smallest, "the size of the smallest part", "mm³" if len(steps) == 3 else "mm²")
    return _keep(mask, value, extent, lambda size: size * math.prod(steps) >= limit, progress)


def _keep(mask: Labels, value: int, extent: Extent, choose: Choose, progress: Progress) -> Edit:
    def change(inside: Bools, _: tuple[float, ...], progress: Progress) -> Bools:
        progress.check()
        parts, count = components(inside, corners=True)
        size = sizes(parts, count)
        size[0] = 0
        progress.check()
        chosen = np.asarray(choose(size), bool)
        chosen[0] = False
        return of_parts(parts, chosen, progress)

    return change_structure(mask, value, (1.0,) * mask.ndim, extent, change, progress=progress)
