"""Flood fill: of what is one colour in the mask, and of what is about as bright in the image."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.editing.components import components
from jlabel.editing.edit import Bools, Edit, Labels, painted
from jlabel.editing.extent import Extent
from jlabel.editing.nearness import ROUNDING
from jlabel.editing.structure import check_amount, check_spacing
from jlabel.errors import EditError
from jlabel.imaging import Region, bounding_region
from jlabel.progress import NO_PROGRESS, Progress

_FIRST_REACH = 32


def fill_label(
    mask: Labels, seed: Sequence[int], value: int, axis: int | None = None, progress: Progress = NO_PROGRESS
) -> Edit:
    """Give a label the connected voxels that have the same value as the seed: a hole, or a part of another label.

    Args:
        mask: Label values, shape (i, j) or (i, j, k).
        seed: Voxel index.
        value: The label that they get.
        axis: The array axis across the seed's slice, to stay in it; None for 3D.
        progress: Who waits.

    Raises:
        EditError: The seed is outside, or has the value already.
        Cancelled: Nobody waits any more.
    """
    limit = _limit(mask, seed, axis)
    present = mask[tuple(seed)]
    if present == value:
        raise EditError("this place has the label already; point at a hole or at another label")
    region, inside = _connected(lambda box: mask[box.slices] == present, seed, limit, None, progress)
    return painted(mask, region, inside, value)


def fill_alike(
    mask: Labels,
    image: NDArray[Any],
    seed: Sequence[int],
    value: int,
    spacing: Sequence[float],
    tolerance: float,
    radius: float | None = None,
    most: int | None = None,
    axis: int | None = None,
    progress: Progress = NO_PROGRESS,
) -> Edit:
    """Give a label the connected voxels that are about as bright as the seed.

    A seed that is like none of the voxels around it is noise: the median of them stands for it.

    Args:
        mask: Label values, shape (i, j) or (i, j, k).
        image: Intensities, of the mask's shape; RGB with a last axis of 3, each channel within the tolerance.
        seed: Voxel index.
        value: The label that they get.
        spacing: Distance of neighbouring voxels along each axis, in mm.
        tolerance: The largest difference to the seed's intensity, in the image's units.
        radius: How far from the seed at most, in mm.
        most: How many voxels at most.
        axis: The array axis across the seed's slice, to stay in it; None for 3D.
        progress: Who waits.

    Raises:
        EditError: The seed is outside or has no intensity, a number makes no sense, or the fill runs over ``most``.
        Cancelled: Nobody waits any more.
    """
    steps = check_spacing(mask, spacing)
    limit = _limit(mask, seed, axis)
    if not np.isfinite(tolerance) or tolerance < 0:
        raise EditError(f"the tolerance is a difference of intensities, 0 or more, not {tolerance:g}")
    centre = _brightness(mask, image, seed, limit, tolerance)
    if radius is not None:
        reach = [math.ceil(check_amount(radius, "the radius") / step) for step in steps]
        near = Region.around([seed]).grow(reach, mask.shape)
        limit = _common(near, limit)

    def alike(box: Region) -> Bools:
        inside = _within(mask, image[box.slices], centre, tolerance)
        inside[tuple(at - lo for at, lo in zip(seed, box.lower, strict=True))] = True
        return inside if radius is None else inside & _ball(box, seed, steps, radius)

    region, found = _connected(alike, seed, limit, most, progress)
    return painted(mask, region, found, value)


def _within(mask: Labels, part: NDArray[Any], centre: NDArray[np.float64], tolerance: float) -> Bools:
    inside = np.asarray((part >= centre - tolerance) & (part <= centre + tolerance))
    return np.logical_and.reduce(inside, axis=-1) if inside.ndim > mask.ndim else inside


def _brightness(
    mask: Labels, image: NDArray[Any], seed: Sequence[int], limit: Region, tolerance: float
) -> NDArray[np.float64]:
    """The seed's intensity; where the seed is like none of the voxels around it, it is noise, and their median."""
    here = np.asarray(image[tuple(seed)], np.float64)
    if not np.isfinite(here).all():
        raise EditError("the image has no intensity at this voxel; point at another")
    box = _common(Region.around([seed]).grow(1, mask.shape), limit)
    around = image[box.slices]
    parts, _ = components(_within(mask, around, here, tolerance), corners=False)
    if np.count_nonzero(parts == parts[tuple(at - lo for at, lo in zip(seed, box.lower, strict=True))]) > 1:
        return here
    return np.asarray(np.nanmedian(around, axis=tuple(range(mask.ndim))), np.float64)


def _common(a: Region, b: Region) -> Region:
    return Region(
        tuple(max(one, other) for one, other in zip(a.lower, b.lower, strict=True)),
        tuple(min(one, other) for one, other in zip(a.upper, b.upper, strict=True)),
    )


def _limit(mask: Labels, seed: Sequence[int], axis: int | None) -> Region:
    if len(seed) != mask.ndim or not all(0 <= at < n for at, n in zip(seed, mask.shape, strict=True)):
        raise EditError(f"the voxel {tuple(seed)} does not lie in an image of shape {mask.shape}")
    return (Extent() if axis is None else Extent(axis, seed[axis])).region(mask.shape)


def _connected(
    like: Callable[[Region], Bools], seed: Sequence[int], limit: Region, most: int | None, progress: Progress
) -> tuple[Region, Bools]:
    """The voxels connected with the seed through faces, in a box that grows until they end inside it."""
    box = Region(
        tuple(max(lo, at - _FIRST_REACH) for lo, at in zip(limit.lower, seed, strict=True)),
        tuple(min(hi, at + _FIRST_REACH + 1) for hi, at in zip(limit.upper, seed, strict=True)),
    )
    while True:
        progress.check()
        parts, _ = components(like(box), corners=False)
        found = parts == parts[tuple(at - lo for at, lo in zip(seed, box.lower, strict=True))]
        if most is not None and np.count_nonzero(found) > most:
            raise EditError(f"the fill runs over more than {most:,} voxels; lower the tolerance or the radius")
        wider = _wider(box, found, limit)
        if wider == box:
            part = bounding_region(found) or Region.whole(found.shape)
            return part.moved(box.lower), found[part.slices]
        progress.report(min(0.9, box.size / max(1, limit.size)))
        box = wider


def _wider(box: Region, found: Bools, limit: Region) -> Region:
    """Twice as far, within the limit, on every side of the box that what was found has reached."""
    lower, upper = list(box.lower), list(box.upper)
    for axis, n in enumerate(found.shape):
        sides = np.moveaxis(found, axis, 0)
        if sides[0].any():
            lower[axis] = max(limit.lower[axis], lower[axis] - n)
        if sides[-1].any():
            upper[axis] = min(limit.upper[axis], upper[axis] + n)
    return Region(tuple(lower), tuple(upper))


def _ball(box: Region, seed: Sequence[int], spacing: Sequence[float], radius: float) -> Bools:
    ranges = zip(box.lower, box.upper, seed, spacing, strict=True)
    squares = [(((np.arange(lo, hi) - at) * step) ** 2).astype(np.float32) for lo, hi, at, step in ranges]
    total = np.zeros((1,) * len(squares), np.float32)
    for axis, square in enumerate(squares):
        total = total + square.reshape([-1 if a == axis else 1 for a in range(len(squares))])
    inside: Bools = total <= (radius * ROUNDING) ** 2
    return inside
