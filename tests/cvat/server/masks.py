"""Masks in annotations: run lengths in row order within a box, background first, then left, top, right, bottom."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from tests.cvat.server.records import Frame


def encoded(mask: NDArray[np.bool_]) -> list[int]:
    """The points of a mask that has pixels.

    Args:
        mask: Rows and columns of the whole picture.
    """
    rows, columns = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    top, bottom, left, right = (int(number) for number in (rows[0], rows[-1], columns[0], columns[-1]))
    flat = mask[top : bottom + 1, left : right + 1].ravel().tolist()
    runs = [len(list(run)) for _, run in groupby(flat)]
    return [*([0] if flat[0] else []), *runs, left, top, right, bottom]


def decoded(points: Sequence[float], frame: Frame) -> NDArray[np.bool_]:
    """The mask of points, rows and columns of the whole picture."""
    *runs, left, top, right, bottom = (int(number) for number in points)
    inside = np.arange(len(runs)) % 2 == 1
    mask = np.zeros((frame.height, frame.width), bool)
    box = np.repeat(inside, runs).reshape(bottom - top + 1, right - left + 1)
    mask[top : bottom + 1, left : right + 1] = box
    return mask


def fault_of(points: Sequence[float], frame: Frame) -> str | None:
    """What is wrong with the points of a mask; None where nothing is.

    CVAT itself asks for five numbers only (`ShapeSerializer.validate`), and its page breaks later at masks that do not
    fit. Here all of it is checked, so that a client that sends such masks is found out.
    """
    if len(points) < 5:
        return "invalid length for shape type 'mask'"
    if any(number != int(number) for number in points):
        return "a mask has whole numbers only"
    *runs, left, top, right, bottom = (int(number) for number in points)
    if not (0 <= left <= right < frame.width and 0 <= top <= bottom < frame.height):
        return f"the box of the mask is not inside the frame of {frame.width} x {frame.height} pixels"
    if runs[0] < 0 or any(run <= 0 for run in runs[1:]):
        return "a run of a mask has no pixel"
    area = (right - left + 1) * (bottom - top + 1)
    if sum(runs) != area:
        return f"the runs of the mask have {sum(runs)} pixels, its box has {area}"
    return None if len(runs) > 1 else "the mask is empty"
