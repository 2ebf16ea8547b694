"""How well the surfaces of two masks agree: the normalised surface distance (NSD), also called surface Dice.

Nikolov et al. 2021 (https://doi.org/10.2196/26151): of the surfaces of both masks, the part that is no further from the
other surface than a tolerance. A surface runs between the voxels' centres as marching cubes draws it, its elements lie
at the corners of voxels, and each counts by its area (in a picture by its length).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.imaging.region import bounding_region


def surface_dice(
    truth: NDArray[Any], mask: NDArray[Any], spacing: Sequence[float] | None = None, tolerance: float = 2.0
) -> float:
    """The normalised surface distance of two masks of one shape, 0 to 1; 1 if both are empty, 0 if one of them is.

    Args:
        truth: Not 0 inside, of shape ``(i, j, k)`` or ``(i, j)``.
        mask: Likewise.
        spacing: mm along each axis; 1 where not given.
        tolerance: mm.

    Examples:
        >>> from jlabel.simulation import surface_dice
        >>> truth = np.zeros((20, 20, 20), bool)
        >>> truth[5:15, 5:15, 5:15] = True
        >>> surface_dice(truth, np.roll(truth, 1, axis=0)), surface_dice(truth, truth * 0)
        (1.0, 0.0)
    """
    a, b = np.asarray(truth, dtype=bool), np.asarray(mask, dtype=bool)
    if not a.any() or not b.any():
        return float(a.any() == b.any())
    box = bounding_region(a | b)
    assert box is not None
    steps = tuple(float(step) for step in spacing) if spacing is not None else (1.0,) * a.ndim
    sizes = _element_sizes(steps)
    codes = [_codes(each[box.slices]) for each in (a, b)]
    borders = [(code > 0) & (code < len(sizes) - 1) for code in codes]
    near = total = 0.0
    for (code, border), other in zip(zip(codes, borders, strict=True), reversed(borders), strict=True):
        away = ndimage.distance_transform_edt(~other, sampling=steps)[border]
        size = sizes[code[border]]
        near, total = near + float(size[away <= tolerance].sum()), total + float(size.sum())
    return near / total


def _codes(inside: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """For each corner between voxels, which of those about it are inside: a bit for each, the first the highest."""
    padded = np.pad(inside, 1).astype(np.uint8)
    found = np.zeros(tuple(n + 1 for n in inside.shape), np.uint8)
    for corner in itertools.product((0, 1), repeat=inside.ndim):
        here = padded[tuple(slice(at, at + n + 1) for at, n in zip(corner, inside.shape, strict=True))]
        found = (found << 1) | here
    return found


@cache
def _element_sizes(spacing: tuple[float, ...]) -> NDArray[np.float64]:
    """Area of the surface (length of the outline) in the cell of 2 voxels along each axis, for each code."""
    count = 2 ** len(spacing)
    sizes = np.zeros(2**count)
    for code in range(1, 2**count - 1):
        cell = np.array([code >> (count - 1 - bit) & 1 for bit in range(count)], np.uint8).reshape((2,) * len(spacing))
        # What is inside and what is outside has one surface: the fewer voxels say where it runs.
        cell = 1 - cell if cell.sum() > count // 2 else cell
        sizes[code] = _outline(cell, spacing) if len(spacing) == 2 else _area(cell, spacing)
    return sizes


def _outline(cell: NDArray[np.uint8], spacing: tuple[float, ...]) -> float:
    corner = float(np.hypot(spacing[0], spacing[1])) / 2
    if cell.sum() == 1:
        return corner
    if cell[0, 0] == cell[1, 1]:
        return 2 * corner
    return spacing[0] if cell[0, 0] == cell[1, 0] else spacing[1]


def _area(cell: NDArray[np.uint8], spacing: tuple[float, ...]) -> float:
    from skimage.measure import marching_cubes, mesh_surface_area

    points, triangles, _, _ = marching_cubes(cell.astype(np.float32), 0.5, method="lorensen", spacing=spacing)
    return float(mesh_surface_area(points, triangles))
