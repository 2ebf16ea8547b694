"""How far an operation reaches: the whole volume, one slice, or each slice on its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jlabel.editing.edit import Labels
from jlabel.errors import EditError
from jlabel.imaging import Region, bounding_region
from jlabel.progress import NO_PROGRESS, Progress

_SLAB = 16


@dataclass(frozen=True)
class Extent:
    """Where an operation works: ``Extent()`` in 3D, ``Extent(axis, index)`` in one slice, ``Extent(axis)`` in each.

    A 2D mask has one extent, ``Extent()``.

    Attributes:
        axis: The array axis across the slices; None for the whole mask at once.
        index: The slice along that axis; None for each of them, on its own.
    """

    axis: int | None = None
    index: int | None = None

    def region(self, shape: Sequence[int]) -> Region:
        """The part of a mask of that shape that the operation may change.

        Raises:
            EditError: There is no such axis or slice.
        """
        whole = Region.whole(shape)
        if self.axis is None:
            return whole
        if not 0 <= self.axis < len(shape) or len(shape) != 3:
            raise EditError(f"a mask of shape {tuple(shape)} has no slices along axis {self.axis}")
        if self.index is None:
            return whole
        if not 0 <= self.index < shape[self.axis]:
            raise EditError(f"there is no slice {self.index} along axis {self.axis}; there are {shape[self.axis]}")
        lower, upper = list(whole.lower), list(whole.upper)
        lower[self.axis], upper[self.axis] = self.index, self.index + 1
        return Region(tuple(lower), tuple(upper))

    def spacing(self, spacing: Sequence[float]) -> tuple[float, ...]:
        """The spacing along the axes in which the operation works, in mm."""
        return tuple(float(s) for axis, s in enumerate(spacing) if axis != self.axis)

    def margin(self, voxels: Sequence[int]) -> list[int]:
        """A margin for each axis of the mask, from one for each axis in which the operation works."""
        margins = list(voxels)
        if self.axis is not None:
            margins.insert(self.axis, 0)
        return margins


EVERYWHERE = Extent()


def find_label(mask: Labels, value: int, within: Region, progress: Progress = NO_PROGRESS) -> Region | None:
    """The smallest region within another that holds every voxel of a label, or None; searched in slabs."""
    found: Region | None = None
    for start in range(within.lower[-1], within.upper[-1], _SLAB):
        progress.check()
        stop = min(start + _SLAB, within.upper[-1])
        slab = Region((*within.lower[:-1], start), (*within.upper[:-1], stop))
        part = bounding_region(mask[slab.slices] == value)
        if part is not None:
            found = part.moved(slab.lower) if found is None else found.union(part.moved(slab.lower))
    return found


def need_label(mask: Labels, value: int, extent: Extent, progress: Progress = NO_PROGRESS) -> Region:
    """As :func:`find_label`, within an extent.

    Raises:
        EditError: The label has no voxel there.
    """
    found = find_label(mask, value, extent.region(mask.shape), progress)
    if found is None:
        raise EditError("the label is not painted " + ("in this slice" if extent.index is not None else "anywhere yet"))
    return found
