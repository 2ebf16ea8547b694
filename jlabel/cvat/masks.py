"""Masks as CVAT stores them: run lengths inside the smallest box around the mask.

The ``points`` of a shape of type ``mask`` are numbers of pixels, counted row by row inside the box: how many are
outside of the mask (0 where it begins at once), how many then are inside, and so on in turn. The last four numbers are
the left, top, right and bottom of the box; its last column and row are counted in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import CvatError

#: Rows and columns of a picture.
Box = tuple[slice, slice]
_BOX_NUMBERS = 4
_LARGEST = 2.0**53


def encode_mask(mask: NDArray[np.bool_]) -> list[int] | None:
    """The ``points`` of a mask; None where it is empty, for an empty mask is no shape.

    Args:
        mask: Rows and columns, of a whole picture.

    Raises:
        CvatError: It has another number of axes, or is not of bool.
    """
    if mask.ndim != 2 or mask.dtype != np.bool_:
        raise CvatError(f"a mask is of bool and has rows and columns; this is of {mask.dtype} and shape {mask.shape}")
    rows = np.flatnonzero(mask.any(axis=1))
    if not rows.size:
        return None
    columns = np.flatnonzero(mask.any(axis=0))
    (top, bottom), (left, right) = rows[[0, -1]].tolist(), columns[[0, -1]].tolist()
    flat = mask[top : bottom + 1, left : right + 1].ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    runs = np.diff(changes, prepend=0, append=flat.size).tolist()
    return [*([0] if flat[0] else []), *runs, left, top, right, bottom]


def decode_mask(points: Sequence[float], height: int, width: int) -> NDArray[np.bool_]:
    """The mask of ``points``.

    Args:
        points: Whole numbers; floats are fine.
        height: Rows of the picture.
        width: Columns of the picture.

    Returns:
        Rows and columns.

    Raises:
        CvatError: They are no mask, or not of such a picture.
    """
    mask = blank_picture(height, width, np.bool_)
    box, inside = mask_in_box(points, height, width)
    mask[box] = inside
    return mask


def decode_mask_into(points: Sequence[float], target: NDArray[Any], value: int) -> None:
    """Give the pixels of a mask a value, and leave all others as they are.

    Args:
        points: As for :func:`decode_mask`.
        target: Rows and columns, those of the picture.
        value: The value.

    Raises:
        CvatError: The points are no mask, or not of such a picture; nothing was changed.
    """
    box, inside = mask_in_box(points, *target.shape)
    target[box][inside] = value


def mask_in_box(
    points: Sequence[float], height: int, width: int, *, cut: bool = False
) -> tuple[Box, NDArray[np.bool_]]:
    """A mask in its box alone.

    Args:
        points: As for :func:`decode_mask`.
        height: Rows of the picture.
        width: Columns of the picture.
        cut: Whether a mask that reaches out of the picture is cut off there, as in CVAT's page, and not refused.

    Returns:
        Where the box lies in the picture, and the mask inside, rows and columns of the box.

    Raises:
        CvatError: The points are no mask, or not of such a picture.
    """
    numbers = _whole_numbers(points)
    if len(numbers) <= _BOX_NUMBERS:
        raise CvatError(f"a mask has one run and the four sides of its box at least, not {len(numbers)} numbers")
    left, top, right, bottom = numbers[-_BOX_NUMBERS:].tolist()
    if right < left or bottom < top:
        raise CvatError(f"its box ends before it begins: {_sides(left, top, right, bottom)}")
    # What lies further out than the picture is large is no slip at its border, and would take any amount of memory.
    out_x, out_y = (width, height) if cut else (0, 0)
    if left < -out_x or top < -out_y or right >= width + out_x or bottom >= height + out_y:
        picture = f"the picture of {height} rows and {width} columns"
        raise CvatError(f"its box lies outside of {picture}: {_sides(left, top, right, bottom)}")
    box = _unpacked(numbers[:-_BOX_NUMBERS], bottom - top + 1, right - left + 1)
    above, before = max(0, -top), max(0, -left)
    seen = box[above : max(0, height - top), before : max(0, width - left)]
    first_row, first_column = top + above, left + before
    return np.s_[first_row : first_row + seen.shape[0], first_column : first_column + seen.shape[1]], seen


def numbers_of(points: Sequence[float]) -> NDArray[Any]:
    """``points`` as an array of one axis, of finite numbers.

    Raises:
        CvatError: They are no such list.
    """
    try:
        numbers = np.asarray(points)
    except (ValueError, TypeError, OverflowError) as error:
        raise CvatError("its points are no list of numbers") from error
    if numbers.ndim != 1 or numbers.dtype.kind not in "iuf":
        raise CvatError("its points are no list of numbers, or of numbers too large for any picture")
    if numbers.dtype.kind == "f" and not np.isfinite(numbers).all():
        raise CvatError(f"{_first(numbers, ~np.isfinite(numbers))} among its points is no finite number")
    return numbers


def blank_picture(height: int, width: int, kind: type[np.generic]) -> NDArray[Any]:
    """Zeros, rows and columns.

    Raises:
        CvatError: There is no picture of that size.
    """
    if height < 1 or width < 1:
        raise CvatError(f"there is no picture of {height} rows and {width} columns")
    return np.zeros((height, width), kind)


def _whole_numbers(points: Sequence[float]) -> NDArray[np.int64]:
    numbers = numbers_of(points)
    if numbers.dtype.kind == "f":
        broken = numbers != np.rint(numbers)
        if broken.any():
            raise CvatError(f"{_first(numbers, broken)} among its points is no whole number, as those of masks are")
    large = (numbers > _LARGEST) | (numbers < -_LARGEST)
    if large.any():
        raise CvatError(f"{_first(numbers, large)} among its points is too large for any picture")
    return numbers.astype(np.int64)


def _unpacked(runs: NDArray[np.int64], rows: int, columns: int) -> NDArray[np.bool_]:
    if runs.min() < 0:
        raise CvatError(f"a run of {_first(runs, runs < 0)} pixels is among its points")
    # None is larger than the box before they are summed up: else the sum could be too large for its type.
    area = rows * columns
    if runs.max() > area or runs.sum() != area:
        given = sum(runs.tolist())
        raise CvatError(f"its runs have {given} pixels together, and its box of {rows} x {columns} has {area}")
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(rows, columns)


def _first(numbers: NDArray[Any], chosen: NDArray[np.bool_]) -> str:
    return f"{numbers[chosen][0]:g}"


def _sides(left: int, top: int, right: int, bottom: int) -> str:
    return f"left {left}, top {top}, right {right}, bottom {bottom}"
