"""The surfaces of a draft's labels, computed again only where the draft has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.imaging import Region
from jlabel.imaging.rendering.surface import Surface, label_surface
from jlabel.progress import NO_PROGRESS, Progress

# Voxels that are looked at in one go: it takes a few milliseconds, under the lock of whoever owns the draft.
_SLAB = 4_000_000


class KnownSurface(NamedTuple):
    """A label's surface, and a number that grows whenever it is another."""

    version: int
    surface: Surface


class LabelSurfaces:
    """The labels' surfaces as of the last look at the mask. Keeps a copy of it; used by one thread.

    Args:
        shape: The mask's, three axes.
        affine: 4×4, voxel index to RAS millimetres.
    """

    def __init__(self, shape: tuple[int, ...], affine: NDArray[np.floating]) -> None:
        self._mask: NDArray[np.unsignedinteger] = np.zeros(shape, np.uint8, order="F")
        self._affine = affine
        self._version = 0
        # Seen to be another than their surface, by a look that may not have come to its end.
        self._changed: set[int] = set()
        self.known: dict[int, KnownSurface] = {}
        #: Labels whose surface is not known or is an old one, with the box that holds them now.
        self.stale: dict[int, Region | None] = {}

    def look(self, read: Callable[[slice], NDArray[np.unsignedinteger]], progress: Progress = NO_PROGRESS) -> None:
        """Take over what has changed in the mask; a look that is given up is made good by the next one.

        Args:
            read: Gives a copy of the mask between two indices along the last axis.
            progress: Asked slab by slab whether to go on.
        """
        self._changed.update(self.stale)
        depth = max(1, _SLAB // max(1, self._mask.shape[0] * self._mask.shape[1]))
        for start in range(0, self._mask.shape[2], depth):
            progress.check()
            part = slice(start, start + depth)
            new = read(part)
            if new.dtype.itemsize > self._mask.dtype.itemsize:
                self._mask = self._mask.astype(new.dtype, order="F")
            old = self._mask[:, :, part]
            differ = new != old
            if differ.any():
                self._changed.update(_values(new[differ]), _values(old[differ]))
                old[...] = new
        self._changed.discard(0)
        boxes = self._boxes(depth, progress) if self._changed else {}
        self.stale = {value: boxes.get(value) for value in sorted(self._changed)}
        self._changed.clear()

    def update(self, value: int, progress: Progress = NO_PROGRESS) -> KnownSurface | None:
        """Find the surface of a stale label, which stays stale where that is given up.

        Returns:
            The surface; None where the label has no voxel any more.
        """
        box = self.stale[value]
        surface = None
        if box is not None:
            surface = label_surface(self._mask[box.slices] == value, self._affine, box.lower, progress=progress)
        del self.stale[value]
        if surface is None:
            self.known.pop(value, None)
            return None
        self._version += 1
        self.known[value] = KnownSurface(self._version, surface)
        return self.known[value]

    def _boxes(self, depth: int, progress: Progress) -> dict[int, Region]:
        """The box of each value, found slab by slab: each holds the interpreter only for a moment."""
        boxes: dict[int, Region] = {}
        for start in range(0, self._mask.shape[2], depth):
            progress.check()
            # Turned round, the slab lies in memory as the search goes through it.
            found = ndimage.find_objects(self._mask[:, :, start : start + depth].T)
            for value, slices in enumerate(found, start=1):
                if slices is None:
                    continue
                k, j, i = slices
                box = Region((i.start, j.start, k.start + start), (i.stop, j.stop, k.stop + start))
                boxes[value] = boxes[value].union(box) if value in boxes else box
        return boxes


def _values(voxels: NDArray[np.unsignedinteger]) -> set[int]:
    return {int(value) for value in np.flatnonzero(np.bincount(voxels))}
