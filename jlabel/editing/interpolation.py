"""Filling the gaps between painted slices.

Shape-based interpolation: S. P. Raya and J. K. Udupa, "Shape-based interpolation of multidimensional objects", IEEE
Transactions on Medical Imaging 9(1), 1990. The signed distance maps of two painted slices are blended, and the blend is
cut at zero. A part that goes on as one part is moved to the line between its two centroids first, so that what shifts
from slice to slice does not get thin on the way.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jlabel.editing.distance_blend import AlignedBlend, Blend, Fading, StaticBlend
from jlabel.editing.edit import Bools, Edit, Labels
from jlabel.editing.extent import Extent, need_label
from jlabel.editing.matching import match
from jlabel.editing.structure import check_spacing
from jlabel.errors import EditError
from jlabel.imaging import Region
from jlabel.progress import NO_PROGRESS, Progress


@dataclass(frozen=True)
class _Gap:
    """Two painted slices with empty ones between them."""

    first: int
    last: int

    @property
    def missing(self) -> range:
        return range(self.first + 1, self.last)


def interpolate(
    mask: Labels, value: int, spacing: Sequence[float], axis: int, progress: Progress = NO_PROGRESS
) -> Edit:
    """Fill every gap between the slices in which a label is painted; the painted slices stay as they are.

    Args:
        mask: Label values, shape (i, j, k).
        value: The label.
        spacing: Distance of neighbouring voxels along each axis, in mm.
        axis: The array axis across the slices.
        progress: Who waits; asked at every slice.

    Raises:
        EditError: The label is painted in fewer than two slices, or there is no gap between them.
        Cancelled: Nobody waits any more.
    """
    extent = Extent(axis)
    steps = extent.spacing(check_spacing(mask, spacing))
    region = need_label(mask, value, extent, progress)
    gaps = _gaps(mask, value, region, axis)
    total = sum(len(gap.missing) for gap in gaps)
    # The way between two shapes can lead a little out of the box around both.
    box = region.grow(extent.margin([2, 2]), mask.shape)
    slices = np.moveaxis(mask[box.slices], axis, 0)
    after = mask[box.slices].copy(order="F")
    filled = np.moveaxis(after, axis, 0)
    done = 0
    for gap in gaps:
        first, last = (slices[at - box.lower[axis]] == value for at in (gap.first, gap.last))
        blends = _blends(first, last, steps)
        for at in gap.missing:
            progress.step(done, total)
            done += 1
            part = (at - gap.first) / (gap.last - gap.first)
            for blend in blends:
                filled[at - box.lower[axis]][blend.region.slices][blend.at(part)] = value
    return Edit(box, after)


def _gaps(mask: Labels, value: int, region: Region, axis: int) -> list[_Gap]:
    slices = np.moveaxis(mask[region.slices], axis, 0)
    painted = [at + region.lower[axis] for at, plane in enumerate(slices) if (plane == value).any()]
    if len(painted) < 2:
        raise EditError("paint the label in two slices or more first; the slices between them are then filled")
    gaps = [_Gap(a, b) for a, b in itertools.pairwise(painted) if b - a > 1]
    if not gaps:
        raise EditError("there is no empty slice between the painted ones in this plane")
    return gaps


def _blends(first: Bools, last: Bools, steps: tuple[float, ...]) -> list[Blend]:
    """How each part of a slice becomes parts of the other one."""
    pairs = match(first, last, steps)
    blends: list[Blend] = [StaticBlend(a, b, steps) for a, b in pairs.many]
    blends += [AlignedBlend(a, b, steps) for a, b in pairs.single]
    blends += [Fading(a, steps, forward=True) for a in pairs.ending]
    blends += [Fading(b, steps, forward=False) for b in pairs.beginning]
    return blends
