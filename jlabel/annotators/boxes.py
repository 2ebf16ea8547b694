"""Boxes as people and protocols draw them around a structure."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging.region import Region, bounding_region
from jlabel.prompts.prompt import Box

# The challenge moves the sides of its boxes by up to so many of 256 pixels.
_MOST_PIXELS, _OF_PIXELS = 5, 256


def loose_box(truth: NDArray[Any], random: np.random.Generator, by: float = 0.1) -> Box:
    """The box around a structure with each of its sides moved, outwards or inwards.

    Args:
        truth: The structure, not 0 inside, of shape ``(i, j, k)`` or ``(i, j)``.
        random: What the moves are drawn from.
        by: How far at most, as a part of the box's edge along that axis; each distance up to it is as likely.

    Raises:
        ValueError: There is no structure.
    """
    around = _around(truth)
    lower, upper = [], []
    for low, high, n in zip(around.lower, around.upper, np.shape(truth), strict=True):
        moved = np.rint((high - low) * random.uniform(-by, by, 2)).astype(int)
        first, last = sorted((low + int(moved[0]), high - 1 + int(moved[1])))
        lower.append(int(np.clip(first, 0, n - 1)))
        upper.append(int(np.clip(last, 0, n - 1)))
    return Box(tuple(lower), tuple(upper))


def middle_slice_box(truth: NDArray[Any], random: np.random.Generator, axis: int = -1) -> Box:
    """The box of the CVPR 2025 challenge: around the structure in its middle slice, through all slices that have it.

    In the slice all four sides move outwards by one number of pixels of 0 to 5, for an image with an edge of 256.

    Args:
        truth: The structure, not 0 inside, of shape ``(i, j, k)`` or ``(i, j)``; a picture is one slice.
        random: What the number is drawn from.
        axis: The axis across the slices.

    Raises:
        ValueError: There is no structure.
    """
    inside = np.asarray(truth, dtype=bool)
    around = _around(inside)
    across = None if inside.ndim < 3 else axis % inside.ndim
    if across is not None:
        others = tuple(other for other in range(inside.ndim) if other != across)
        having = np.flatnonzero(inside.any(axis=others))
        middle = int(having[len(having) // 2])
        slab = (slice(None),) * across + (slice(middle, middle + 1),)
        in_slice = _around(inside[slab])
    else:
        in_slice = around
    pixels = int(random.integers(0, _MOST_PIXELS + 1))
    lower, upper = list(around.lower), [n - 1 for n in around.upper]
    for each, n in enumerate(inside.shape):
        if each != across:
            by = int(pixels * n / _OF_PIXELS)
            lower[each] = max(0, in_slice.lower[each] - by)
            upper[each] = min(n - 1, in_slice.upper[each] - 1 + by)
    return Box(tuple(lower), tuple(upper))


def _around(truth: NDArray[Any]) -> Region:
    box = bounding_region(np.asarray(truth, dtype=bool))
    if box is None:
        raise ValueError("a box is drawn around a structure, and there is none")
    return box
