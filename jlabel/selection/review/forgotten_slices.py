"""Slices of a structure that look forgotten: a jump of area between neighbours that are alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jlabel.selection.review.label_measures import Gap
from jlabel.types import Mask

#: So many empty slices in a row are taken for forgotten; more are a structure of two parts.
LONGEST = 3
_LEAST_VOXELS = 4
#: A slice smaller than this part of the largest one says little of its neighbours.
_LEAST_SHARE = 0.05


def largest_gap(mask: Mask) -> Gap:
    """The slices of a volume that look most like forgotten ones, along any of its axes.

    The figure of a slice is the Dice of the slices on both sides of it, less the Dice of the slice with that neighbour
    which it is more like: 1 for an empty slice between two that are the same, and 0 or less for one that is like its
    neighbours. Up to :data:`LONGEST` empty slices in a row count as one.

    Args:
        mask: Of shape ``(i, j, k)``; a picture has no slices, and no gap.

    Returns:
        A gap of figure 0 where there is none.
    """
    if mask.ndim != 3:
        return Gap()
    return max((_along(mask, axis) for axis in range(3)), key=lambda gap: gap.figure)


def _along(mask: Mask, axis: int) -> Gap:
    slices = np.moveaxis(mask, axis, 0)
    areas = np.count_nonzero(slices, axis=(1, 2)).astype(float)
    good = areas >= max(_LEAST_VOXELS, _LEAST_SHARE * areas.max(initial=0))
    best = Gap()
    for length in range(1, LONGEST + 1):
        if len(areas) < length + 2:
            break
        between = np.lib.stride_tricks.sliding_window_view(areas[1:-1], length).sum(axis=1)
        around = good[: -length - 1] & good[length + 1 :]
        if length > 1:
            around &= between == 0
        figures = _dice(slices, areas, length + 1)
        if length == 1:
            near = _dice(slices, areas, 1)
            figures = figures - np.maximum(near[:-1], near[1:])
        figures = np.where(around, figures, 0.0)
        at = int(figures.argmax())
        if figures[at] > best.figure:
            best = Gap(float(figures[at]), axis, at + 1, at + length, bool(between[at] == 0))
    return best


def _dice(slices: Mask, areas: NDArray[np.float64], step: int) -> NDArray[np.float64]:
    """The Dice of each slice with the one so many steps further."""
    both = np.count_nonzero(slices[:-step] & slices[step:], axis=(1, 2))
    return np.asarray(2 * both / np.maximum(areas[:-step] + areas[step:], 1))
