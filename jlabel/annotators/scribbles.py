"""Scribbles as people draw them into a structure or an error: a line through it, its centre line, its contour.

Each lies in one slice, which is drawn in proportion to the voxels that the structure has there. The path is warped by a
smooth random field, as a hand is not straight, and cut to the structure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.imaging.region import bounding_region
from jlabel.prompts.prompt import Scribble

#: Standard deviation of how far a path is warped, and how smooth that is, in voxels.
WARP, SMOOTH = 1.5, 6.0
# A contour is drawn inside of the border, at this part of the depth of the middle at most and as many voxels at least,
# and not all around.
_INSIDE, _LEAST_INSIDE = 0.5, 1.0
_ARC = (0.3, 1.0)

Points = NDArray[np.float64]
Plane = NDArray[np.bool_]


def line(truth: NDArray[Any], random: np.random.Generator, *, positive: bool = True, axis: int = -1) -> Scribble:
    """A line through the structure in a random direction, from border to border.

    Args:
        truth: The structure or error, not 0 inside, of shape ``(i, j, k)`` or ``(i, j)``.
        random: What slice, place, direction and warp are drawn from.
        positive: The scribble's sign.
        axis: The axis across the slices.

    Raises:
        ValueError: There is nothing to draw into.
    """
    return _drawn(_line, truth, random, positive, axis)


def centre_line(truth: NDArray[Any], random: np.random.Generator, *, positive: bool = True, axis: int = -1) -> Scribble:
    """The skeleton of the structure in a slice; arguments and errors as for :func:`line`."""
    return _drawn(_centre_line, truth, random, positive, axis)


def contour(truth: NDArray[Any], random: np.random.Generator, *, positive: bool = True, axis: int = -1) -> Scribble:
    """A part of the structure's outline in a slice, a little inside; arguments and errors as for :func:`line`."""
    return _drawn(_contour, truth, random, positive, axis)


#: Each by its name.
SCRIBBLES: Mapping[str, Callable[..., Scribble]] = {"line": line, "centre line": centre_line, "contour": contour}


def _drawn(
    path: Callable[[Plane, np.random.Generator], Points],
    truth: NDArray[Any],
    random: np.random.Generator,
    positive: bool,
    axis: int,
) -> Scribble:
    inside = np.asarray(truth, dtype=bool)
    box = bounding_region(inside)
    if box is None:
        raise ValueError("a scribble is drawn into a structure, and there is none")
    part = inside[box.slices]
    if inside.ndim == 2:
        across, number, plane = None, 0, part
    else:
        across = axis % inside.ndim
        sizes = part.sum(axis=tuple(other for other in range(part.ndim) if other != across))
        number = int(random.choice(len(sizes), p=sizes / sizes.sum()))
        plane = np.take(part, number, axis=across)
    voxels = _cut(_warped(path(plane, random), plane.shape, random), plane)
    places = [list(map(int, voxel)) for voxel in voxels]
    if across is not None:
        for place in places:
            place.insert(across, number)
    return Scribble(tuple(tuple(i + low for i, low in zip(p, box.lower, strict=True)) for p in places), positive)


def _line(plane: Plane, random: np.random.Generator) -> Points:
    places = np.argwhere(plane)
    depth = _depth(plane)[plane]
    through = places[int(random.choice(len(places), p=depth / depth.sum()))]
    angle = random.uniform(0, np.pi)
    reach = np.arange(-np.hypot(*plane.shape), np.hypot(*plane.shape), 0.5)
    points = through + reach[:, None] * np.array([np.cos(angle), np.sin(angle)])
    there = _inside(points, plane)
    # Only the run about the place it goes through: a hand does not leave the structure and come back.
    runs, _ = ndimage.label(there)
    return np.asarray(points[runs == runs[len(reach) // 2]] if there.any() else through[None], np.float64)


def _centre_line(plane: Plane, random: np.random.Generator) -> Points:
    from skimage.morphology import skeletonize

    return np.argwhere(skeletonize(plane)).astype(np.float64)


def _contour(plane: Plane, random: np.random.Generator) -> Points:
    depth = _depth(plane)
    at = max(_LEAST_INSIDE, random.uniform(0, _INSIDE) * float(depth.max()))
    ring = plane & (np.abs(depth - at) < 0.75)
    points = np.argwhere(ring if ring.any() else plane).astype(np.float64)
    middle = points.mean(axis=0)
    angles = np.arctan2(*(points - middle).T) % (2 * np.pi)
    start, length = random.uniform(0, 2 * np.pi), random.uniform(*_ARC) * 2 * np.pi
    arc = points[(angles - start) % (2 * np.pi) <= length]
    return arc if len(arc) else points[:1]


def _warped(points: Points, shape: tuple[int, ...], random: np.random.Generator) -> Points:
    moved = points.copy()
    for each in range(2):
        noise = ndimage.gaussian_filter(random.normal(size=shape), SMOOTH, mode="nearest")
        field = noise * WARP / max(float(noise.std()), 1e-9)
        moved[:, each] += ndimage.map_coordinates(field - field.mean(), points.T, order=1, mode="nearest")
    return moved


def _cut(points: Points, plane: Plane) -> NDArray[np.int64]:
    """The voxels of the path that are the structure's; where none is, the structure's voxel nearest to the path."""
    there = points[_inside(points, plane)]
    if len(there):
        return np.unique(np.rint(there).astype(np.int64), axis=0)
    places = np.argwhere(plane)
    away = ((places - points.mean(axis=0)) ** 2).sum(axis=1)
    return places[[int(away.argmin())]]


def _inside(points: Points, plane: Plane) -> NDArray[np.bool_]:
    voxels = np.rint(points).astype(np.int64)
    there: NDArray[np.bool_] = np.all((voxels >= 0) & (voxels < plane.shape), axis=1)
    there[there] = plane[tuple(voxels[there].T)]
    return there


def _depth(plane: Plane) -> NDArray[np.float64]:
    return np.asarray(ndimage.distance_transform_edt(np.pad(plane, 1))[1:-1, 1:-1])
