"""Where a mask is wrong, and where in an error a person would click."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.imaging.region import Region, bounding_region
from jlabel.prompts.prompt import Position


@dataclass(frozen=True, eq=False)
class ErrorRegion:
    """A connected region of voxels that are all wrong in the same way.

    Attributes:
        lower: Where in the image the first voxel of ``inside`` lies.
        inside: The region's voxels in the box around it, bool.
    """

    lower: Position
    inside: NDArray[np.bool_]

    @property
    def size(self) -> int:
        """Voxels in it."""
        return int(np.count_nonzero(self.inside))

    @property
    def box(self) -> Region:
        """The box around it in the image."""
        return Region(self.lower, tuple(low + n for low, n in zip(self.lower, self.inside.shape, strict=True)))

    def contains(self, position: Position) -> bool:
        """Whether a voxel of the image is one of the region's."""
        index = tuple(i - low for i, low in zip(position, self.lower, strict=True))
        return all(0 <= i < n for i, n in zip(index, self.inside.shape, strict=True)) and bool(self.inside[index])

    def innermost(self, spacing: Sequence[float] | None = None) -> Position:
        """The voxel that is furthest from the region's edge, with ``spacing`` mm along each axis (1 if not given)."""
        return self._position(int(self._depth(spacing).argmax()))

    def deepest(self) -> list[Position]:
        """All voxels that are furthest from the region's edge, in voxels and in the array's order."""
        depth = self._depth(None)
        return [self._position(int(flat)) for flat in np.flatnonzero(depth == depth.max())]

    def width(self) -> float:
        """The diameter of the largest ball in the region, in voxels."""
        return max(1.0, 2.0 * float(self._depth(None).max()) - 1.0)

    def drawn(self, random: np.random.RandomState, spacing: Sequence[float] | None = None) -> Position:
        """A voxel drawn at random, the deeper inside the likelier: in proportion to the square of its depth."""
        weights = self._depth(spacing).ravel() ** 2
        return self._position(int(random.choice(weights.size, p=weights / weights.sum())))

    def anywhere(self, random: np.random.Generator) -> Position:
        """A voxel drawn at random, each as likely as the others."""
        return self._position(int(random.choice(np.flatnonzero(self.inside))))

    def at_border(self, random: np.random.Generator) -> Position:
        """A voxel drawn at random among those with a neighbour along an axis that is not the region's."""
        core = ndimage.binary_erosion(self.inside)
        return self._position(int(random.choice(np.flatnonzero(self.inside & ~core))))

    def nearest(self, position: Position) -> Position:
        """The region's voxel that is nearest to a position, in voxels; the position itself where it lies inside."""
        if self.contains(position):
            return position
        places = np.argwhere(self.inside)
        away = ((places + np.array(self.lower) - np.array(position)) ** 2).sum(axis=1)
        return tuple(int(i) + low for i, low in zip(places[int(away.argmin())], self.lower, strict=True))

    def _depth(self, spacing: Sequence[float] | None) -> NDArray[np.float64]:
        depth = ndimage.distance_transform_edt(np.pad(self.inside, 1), sampling=spacing)
        return np.asarray(depth[(slice(1, -1),) * self.inside.ndim])

    def _position(self, flat: int) -> Position:
        place = np.unravel_index(flat, self.inside.shape)
        return tuple(int(i) + low for i, low in zip(place, self.lower, strict=True))


class ErrorRegions:
    """The connected regions of what is not 0: how large each is, and each on demand.

    Args:
        errors: Not 0 where a mask is wrong; of the image's shape.
        full: Whether voxels that share an edge or a corner alone are neighbours too; if not, neighbours share a face.
    """

    def __init__(self, errors: NDArray[Any], *, full: bool = False) -> None:
        wrong = np.asarray(errors, dtype=bool)
        box = bounding_region(wrong)
        self._lower: Position = (0,) * wrong.ndim if box is None else box.lower
        self._components: NDArray[np.int32] = np.zeros((0,) * wrong.ndim, np.int32)
        if box is not None:
            neighbours = ndimage.generate_binary_structure(wrong.ndim, wrong.ndim if full else 1)
            self._components, _ = ndimage.label(wrong[box.slices], neighbours)
        #: Voxels in each.
        self.sizes: NDArray[np.int64] = np.bincount(self._components.ravel(), minlength=1)[1:]

    def __len__(self) -> int:
        return len(self.sizes)

    def __getitem__(self, index: int) -> ErrorRegion:
        part = ndimage.find_objects(self._components, max_label=index + 1)[index]
        lower = tuple(int(s.start) + low for s, low in zip(part, self._lower, strict=True))
        return ErrorRegion(lower, self._components[part] == index + 1)

    def at(self, position: Position) -> ErrorRegion | None:
        """The region that a voxel of the image lies in, None where that voxel is right."""
        index = tuple(i - low for i, low in zip(position, self._lower, strict=True))
        if not all(0 <= i < n for i, n in zip(index, self._components.shape, strict=True)):
            return None
        component = int(self._components[index])
        return self[component - 1] if component else None


def largest_region(errors: NDArray[Any], *, full: bool = False) -> ErrorRegion | None:
    """The largest connected region of what is not 0; None where all is 0. See :class:`ErrorRegions`."""
    regions = ErrorRegions(errors, full=full)
    return regions[int(regions.sizes.argmax())] if len(regions) else None
