"""Masks of pictures as outlines and as run lengths, and back: what COCO, YOLO and LabelMe store.

Coordinates are x to the right and y downwards, in pixels from the upper left corner of the picture: the first pixel
reaches from 0 to 1, its centre is at 0.5. Run lengths are COCO's: they count pixels column by column, beginning with
those outside; compressed ones are packed into a text, five bits a character.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Shape = tuple[int, int]
Points = NDArray[np.float64]
_CHAR, _MORE, _SIGN, _BITS = 48, 0x20, 0x10, 5


def mask_of_outline(points: Points, shape: Shape) -> NDArray[np.bool_]:
    """The pixels whose centres lie within an outline.

    Args:
        points: Shape (n, 2): x and y of its corners.
        shape: Rows and columns of the picture.
    """
    if len(points) < 3:
        return np.zeros(shape, bool)
    from skimage.draw import polygon2mask

    return np.asarray(polygon2mask(shape, points[:, ::-1] - 0.5), bool)


def outlines_of_mask(mask: NDArray[np.bool_]) -> list[Points] | None:
    """The outlines of a mask; None where it has holes, which outlines cannot tell.

    Args:
        mask: Rows and columns.
    """
    # Only now: it takes a second, and most imports and exports are of volumes.
    from scipy import ndimage
    from skimage.measure import approximate_polygon, find_contours

    if (ndimage.binary_fill_holes(mask) != mask).any():
        return None
    found = find_contours(np.pad(mask, 1).astype(float), 0.5)
    outlines = [approximate_polygon(one, 1e-6)[:-1, ::-1] - 0.5 for one in found]
    return [one for one in outlines if len(one) >= 3]


def run_lengths(mask: NDArray[np.bool_]) -> list[int]:
    """The run lengths of a mask, rows and columns."""
    flat = mask.ravel(order="F")
    changes = np.flatnonzero(np.diff(flat)) + 1
    counts = np.diff(np.concatenate([[0], changes, [flat.size]])).tolist()
    return [0, *counts] if flat.size and flat[0] else counts


def mask_of_runs(counts: Sequence[int], shape: Shape) -> NDArray[np.bool_]:
    """The mask of run lengths.

    Raises:
        ValueError: They are not those of a picture of that shape.
    """
    lengths = np.asarray(counts, dtype=np.int64)
    if (lengths < 0).any() or int(lengths.sum()) != shape[0] * shape[1]:
        raise ValueError(f"run lengths of {int(lengths.sum())} pixels are not those of a picture of {shape}")
    inside = np.arange(len(lengths)) % 2 == 1
    return np.repeat(inside, lengths).reshape(shape, order="F")


def unpacked_runs(text: str) -> list[int]:
    """The run lengths of a compressed text: from the third on, each is stored as its difference to the last but one.

    Raises:
        ValueError: It is no such text.
    """
    counts: list[int] = []
    value = shift = 0
    for character in text:
        code = ord(character) - _CHAR
        if not 0 <= code < 64:
            raise ValueError(f"{character!r} is no character of compressed run lengths")
        value |= (code & (_MORE - 1)) << shift
        shift += _BITS
        if code & _MORE:
            continue
        if code & _SIGN:
            value -= 1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        value = shift = 0
    if shift:
        raise ValueError("the compressed run lengths end in the middle of a number")
    return counts
