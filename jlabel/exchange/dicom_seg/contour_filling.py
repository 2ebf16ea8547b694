"""Filling planar contours: the voxels whose centres lie within an odd number of them, or on one of them.

The even-odd rule makes a hole of a contour within another one, whether it is a contour of its own or joined to the
outer one by a channel there and back (a keyhole).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# Positions are rounded to so many parts of a voxel: millimetres in a file are decimal texts, and what was drawn through
# the centres of voxels is to pass through them.
_PARTS = 1000


def filled(contours: Sequence[NDArray[np.floating]], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """The voxels of a slice within some contours.

    Args:
        contours: The corners of each, ``(n, 2)``, in voxels; the last one is joined to the first.
        shape: Of the slice.

    Returns:
        A mask of the slice.
    """
    turns = np.zeros((shape[0] + 1, shape[1]), np.int32)
    rounded = [np.rint(np.asarray(contour, float) * _PARTS) / _PARTS for contour in contours]
    starts = np.concatenate(rounded)
    ends = np.concatenate([np.roll(contour, -1, axis=0) for contour in rounded])
    rows, crossings = _crossings(starts, ends, shape[1])
    order = np.lexsort((crossings, rows))
    rows, crossings = rows[order], crossings[order]
    # Each row is crossed an even number of times: from one crossing to the next its voxels are inside, then outside.
    first, last = crossings[::2], crossings[1::2]
    _fill(turns, rows[::2], np.ceil(first), np.floor(last))
    _fill_borders(turns, starts, ends)
    return np.cumsum(turns[:-1], axis=0) > 0


def _crossings(
    starts: NDArray[np.floating], ends: NDArray[np.floating], count: int
) -> tuple[NDArray[np.intp], NDArray[np.floating]]:
    """Where the edges cross the rows of centres: the rows (the second axis) and the places along them."""
    low, high = np.minimum(starts[:, 1], ends[:, 1]), np.maximum(starts[:, 1], ends[:, 1])
    # An edge belongs to the rows from its lower end on, but not to that of its upper end: corners count once.
    first = np.clip(np.ceil(low), 0, count).astype(np.intp)
    number = np.clip(np.ceil(high), 0, count).astype(np.intp) - first
    edge = np.repeat(np.arange(len(starts)), number)
    rows = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number) + first[edge]
    part = (rows - starts[edge, 1]) / (ends[edge, 1] - starts[edge, 1])
    places = starts[edge, 0] + part * (ends[edge, 0] - starts[edge, 0])
    return rows, np.rint(places * _PARTS) / _PARTS


def _fill(
    turns: NDArray[np.int32], rows: NDArray[np.intp], first: NDArray[np.floating], last: NDArray[np.floating]
) -> None:
    """Note runs of voxels along the first axis, from the first to the last one of each, within the slice."""
    lower = np.clip(first, 0, turns.shape[0] - 1).astype(np.intp)
    upper = np.clip(last + 1, 0, turns.shape[0] - 1).astype(np.intp)
    some = upper > lower
    np.add.at(turns, (lower[some], rows[some]), 1)
    np.add.at(turns, (upper[some], rows[some]), -1)


def _fill_borders(turns: NDArray[np.int32], starts: NDArray[np.floating], ends: NDArray[np.floating]) -> None:
    """Note the centres on edges along a row, and those at corners, which no crossing shows."""
    flat = (starts[:, 1] == ends[:, 1]) | (starts == np.rint(starts)).all(axis=1)
    flat &= (starts[:, 1] == np.rint(starts[:, 1])) & (starts[:, 1] >= 0) & (starts[:, 1] < turns.shape[1])
    other = np.where(starts[:, 1] == ends[:, 1], ends[:, 0], starts[:, 0])[flat]
    along = starts[flat, 0]
    low, high = np.minimum(along, other), np.maximum(along, other)
    _fill(turns, starts[flat, 1].astype(np.intp), np.ceil(low), np.floor(high))
