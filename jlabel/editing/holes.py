"""Filling the holes of a label."""

from __future__ import annotations

import numpy as np

from jlabel.editing.components import components, of_parts
from jlabel.editing.edit import Bools, Edit, Labels
from jlabel.editing.extent import EVERYWHERE, Extent
from jlabel.editing.structure import change_structure
from jlabel.progress import NO_PROGRESS, Progress


def fill_holes(
    mask: Labels,
    value: int,
    extent: Extent = EVERYWHERE,
    progress: Progress = NO_PROGRESS,
) -> Edit:
    """Give a label the background that it encloses; voxels of other labels in a hole stay what they are.

    A hole is enclosed when no way through shared faces (edges in 2D) leads out of it to the border of the image.

    Args:
        mask: Label values, shape (i, j) or (i, j, k).
        value: The label.
        extent: Enclosed in 3D, in one slice or in each slice.
        progress: Who waits.

    Raises:
        EditError: The label is not painted there.
        Cancelled: Nobody waits any more.
    """
    spacing = (1.0,) * mask.ndim
    return change_structure(mask, value, spacing, extent, _filled, keep_others=True, progress=progress)


def _filled(inside: Bools, _: tuple[float, ...], progress: Progress) -> Bools:
    progress.check()
    parts, count = components(~inside, corners=False)
    # The array is the structure's bounding box: whatever touches a side of it leads out.
    enclosed = np.ones(count + 1, bool)
    enclosed[0] = False
    for axis in range(parts.ndim):
        sides = np.moveaxis(parts, axis, 0)
        for side in (sides[0], sides[-1]):
            enclosed[side.ravel()] = False
    progress.check()
    return inside | of_parts(parts, enclosed, progress)
