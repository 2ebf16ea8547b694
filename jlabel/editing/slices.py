"""Copying a label from a slice to another, and erasing it."""

from __future__ import annotations

import numpy as np

from jlabel.editing.edit import Edit, Labels
from jlabel.editing.extent import EVERYWHERE, Extent, need_label
from jlabel.errors import EditError
from jlabel.progress import NO_PROGRESS, Progress


def copy_slice(mask: Labels, axis: int, source: int, target: int, value: int | None = None) -> Edit:
    """Make a slice look like another one: a label is then exactly where it is there.

    Args:
        mask: Label values, shape (i, j, k).
        axis: The array axis across the slices.
        source: The slice to copy from.
        target: The slice to copy into.
        value: The label; None for all of them.

    Raises:
        EditError: There is no such slice, or nothing is painted in ``source``.
    """
    from_slice = Extent(axis, source).region(mask.shape)
    to_slice = Extent(axis, target).region(mask.shape)
    there = mask[from_slice.slices]
    copied = there != 0 if value is None else there == value
    if not copied.any():
        raise EditError(
            ("the label is not" if value is not None else "nothing is") + " painted in the slice to copy from"
        )
    after = mask[to_slice.slices].copy(order="F")
    after[after == value if value is not None else after != 0] = 0
    np.copyto(after, there, where=copied)
    return Edit(to_slice, after)


def erase(mask: Labels, value: int, extent: Extent = EVERYWHERE, progress: Progress = NO_PROGRESS) -> Edit:
    """Erase a label, in one slice or everywhere.

    Raises:
        EditError: The label is not painted there.
        Cancelled: Nobody waits any more.
    """
    region = need_label(mask, value, extent, progress)
    after = mask[region.slices].copy(order="F")
    after[after == value] = 0
    return Edit(region, after)
