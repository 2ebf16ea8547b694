"""Growing and shrinking a label by millimetres."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from jlabel.editing.edit import Bools, Edit, Labels
from jlabel.editing.extent import EVERYWHERE, Extent
from jlabel.editing.nearness import ROUNDING, near
from jlabel.editing.structure import change_structure, check_amount, check_spacing
from jlabel.editing.tiles import filter_in_tiles
from jlabel.errors import EditError
from jlabel.progress import NO_PROGRESS, Progress

DistanceTest = Callable[[Bools, tuple[float, ...]], Bools]


def grow(
    mask: Labels,
    value: int,
    spacing: Sequence[float],
    radius: float,
    extent: Extent = EVERYWHERE,
    progress: Progress = NO_PROGRESS,
) -> Edit:
    """Add every voxel whose centre is at most so far from the centre of a voxel of the label (Euclidean distance).

    Args:
        mask: Label values, shape (i, j) or (i, j, k).
        value: The label.
        spacing: Distance of neighbouring voxels along each axis, in mm.
        radius: How far, in mm.
        extent: In 3D, in one slice or in each.
        progress: Who waits.

    Raises:
        EditError: The label is not painted there, or the distance is shorter than a voxel.
        Cancelled: Nobody waits any more.
    """

    def within(part: Bools, grid: tuple[float, ...]) -> Bools:
        return near(part, grid, radius)

    return _moved_border(mask, value, spacing, radius, extent, within, progress)


def shrink(
    mask: Labels,
    value: int,
    spacing: Sequence[float],
    radius: float,
    extent: Extent = EVERYWHERE,
    progress: Progress = NO_PROGRESS,
) -> Edit:
    """Take away every voxel whose centre is at most so far from the centre of a voxel that is not of the label.

    What lies beyond the image's border is unknown and takes nothing away, so that shrinking what was grown by the same
    distance gives back all of the label. Arguments and errors are those of :func:`grow`; besides:

    Raises:
        EditError: Nothing would be left.
    """

    def deep(part: Bools, grid: tuple[float, ...]) -> Bools:
        return ~near(~part, grid, radius)

    edit = _moved_border(mask, value, spacing, radius, extent, deep, progress)
    if not (edit.after == value).any():
        raise EditError(f"nothing of the label would be left; it is nowhere thicker than {2 * radius:g} mm")
    return edit


def _moved_border(
    mask: Labels,
    value: int,
    spacing: Sequence[float],
    radius: float,
    extent: Extent,
    test: DistanceTest,
    progress: Progress,
) -> Edit:
    distance = check_amount(radius, "the distance")
    steps = extent.spacing(check_spacing(mask, spacing))
    if distance * ROUNDING < min(steps):
        raise EditError(
            f"{distance:g} mm is less than one voxel; choose {math.ceil(min(steps) * 100) / 100:g} mm or more"
        )
    reach = [int(distance / step) + 1 for step in steps]

    def change(inside: Bools, grid: tuple[float, ...], progress: Progress) -> Bools:
        return filter_in_tiles(inside, reach, bool, True, lambda part: test(part, grid), progress)

    return change_structure(mask, value, spacing, extent, change, reach, progress=progress)
