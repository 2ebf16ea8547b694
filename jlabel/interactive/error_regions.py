"""Where a mask is wrong, and where in the largest error a person would click."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.imaging.region import bounding_region
from jlabel.tasks.prompts import Position


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
        return int(self.inside.sum())

    def innermost(self, spacing: Sequence[float] | None = None) -> Position:
        """The voxel that is furthest from the region's edge, with ``spacing`` mm along each axis (1 if not given)."""
        return self._position(int(self._depth(spacing).argmax()))

    def drawn(self, random: np.random.RandomState, spacing: Sequence[float] | None = None) -> Position:
        """A voxel drawn at random, the deeper inside the likelier: in proportion to the square of its depth."""
        weights = self._depth(spacing).ravel() ** 2
        return self._position(int(random.choice(weights.size, p=weights / weights.sum())))

    def _depth(self, spacing: Sequence[float] | None) -> NDArray[np.float64]:
        depth = ndimage.distance_transform_edt(np.pad(self.inside, 1), sampling=spacing)
        return np.asarray(depth[(slice(1, -1),) * self.inside.ndim])

    def _position(self, flat: int) -> Position:
        place = np.unravel_index(flat, self.inside.shape)
        return tuple(int(i) + low for i, low in zip(place, self.lower, strict=True))


def largest_region(errors: NDArray[Any]) -> ErrorRegion | None:
    """The largest connected region of what is not 0; None where all is 0."""
    wrong = np.asarray(errors, dtype=bool)
    box = bounding_region(wrong)
    if box is None:
        return None
    components, _ = ndimage.label(wrong[box.slices])
    index = int(np.bincount(components.ravel())[1:].argmax())
    part = ndimage.find_objects(components)[index]
    lower = tuple(int(s.start) + low for s, low in zip(part, box.lower, strict=True))
    return ErrorRegion(lower, components[part] == index + 1)
