"""From an operation on one structure's voxels to an edit of a mask with many labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from jlabel.editing.edit import Bools, Edit, Labels
from jlabel.editing.extent import Extent, need_label
from jlabel.errors import EditError
from jlabel.progress import NO_PROGRESS, Progress

#: From a structure's voxels, in 2D or 3D, and their spacing in mm to the voxels that it should have.
Change = Callable[[Bools, tuple[float, ...], Progress], Bools]


def change_structure(
    mask: Labels,
    value: int,
    spacing: Sequence[float],
    extent: Extent,
    change: Change,
    margin: Sequence[int] | None = None,
    keep_others: bool = False,
    progress: Progress = NO_PROGRESS,
) -> Edit:
    """Give one label other voxels, looking no further than its bounding box.

    Args:
        mask: Label values, shape (i, j) or (i, j, k).
        value: The label.
        spacing: Distance of neighbouring voxels along each axis, in mm.
        extent: Where.
        change: What to do with the structure; called once, or for each slice.
        margin: Voxels that the structure may grow by along each axis in which the operation works.
        keep_others: Whether the structure may only grow into background.
        progress: Who waits.

    Raises:
        EditError: The label has no voxel there, or the spacing does not fit.
        Cancelled: Nobody waits any more.
    """
    grid = check_spacing(mask, spacing)
    region = need_label(mask, value, extent, progress)
    if margin is not None:
        region = region.grow(extent.margin(margin), mask.shape)
    inside = mask[region.slices] == value
    if extent.axis is None:
        new = change(inside, grid, progress)
    else:
        new = _by_slices(inside, extent.axis, extent.spacing(grid), change, progress)
    after = mask[region.slices].copy(order="F")
    after[inside & ~new] = 0
    after[new & ~inside & (after == 0) if keep_others else new] = value
    return Edit(region, after)


def check_spacing(mask: Labels, spacing: Sequence[float]) -> tuple[float, ...]:
    """The spacing as numbers, one for each axis of the mask.

    Raises:
        EditError: It is not that, or not above 0.
    """
    grid = tuple(float(step) for step in spacing)
    if len(grid) != mask.ndim or not all(np.isfinite(step) and step > 0 for step in grid):
        raise EditError(f"the spacing is {mask.ndim} numbers above 0, in mm, not {spacing!r}")
    return grid


def check_amount(amount: float, what: str, unit: str = "mm") -> float:
    """A size that a person gave.

    Raises:
        EditError: It is not a number above 0.
    """
    if not np.isfinite(amount) or amount <= 0:
        raise EditError(f"{what} is a number of {unit} above 0, not {amount:g}")
    return float(amount)


def _by_slices(inside: Bools, axis: int, spacing: tuple[float, ...], change: Change, progress: Progress) -> Bools:
    new = np.zeros_like(inside)
    source, target = np.moveaxis(inside, axis, 0), np.moveaxis(new, axis, 0)
    for at, plane in enumerate(source):
        progress.step(at, len(source))
        if plane.any():
            target[at] = change(plane, spacing, NO_PROGRESS)
    return new
