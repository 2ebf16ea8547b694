"""Shapes of CVAT as masks, and all shapes of a frame as one picture of values.

Coordinates are x to the right and y downwards, in pixels from the upper left corner of the picture: the first pixel
reaches from 0 to 1, its centre is at 0.5. A pixel belongs to a shape where its centre lies inside. A centre exactly on
an edge belongs to what lies to the right of the edge or below it, so that of two shapes that share an edge exactly one
has it; one on an ellipse belongs to the ellipse.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.cvat.masks import Box, blank_picture, mask_in_box, numbers_of
from jlabel.errors import CvatError

#: The types of shapes that have an area.
AREA_TYPES = ("rectangle", "ellipse", "polygon", "mask")
#: As in an answer of the server, with ``type``, ``points``, ``label_id``, ``rotation`` and ``z_order``.
Shape = Mapping[str, Any]
_LARGEST_VALUE = np.iinfo(np.uint16).max
# Further out than any picture reaches; squares of it are still exact enough.
_FURTHEST = 1e9
_POINTS = {"rectangle": (2, 2), "ellipse": (2, 2), "polygon": (3, math.inf)}
# So many edges of a polygon at once: what they cross takes memory.
_EDGES = 256


def rasterise(shape: Shape, height: int, width: int) -> NDArray[np.bool_]:
    """The pixels of a shape; what reaches out of the picture is cut off.

    Args:
        shape: A rectangle, an ellipse, a polygon or a mask.
        height: Rows of the picture.
        width: Columns of the picture.

    Returns:
        Rows and columns.

    Raises:
        CvatError: It is of another type, or its points or its rotation make no sense.
    """
    mask = blank_picture(height, width, np.bool_)
    box, inside = _patch(shape, height, width)
    mask[box] = inside
    return mask


def painted_values(shapes: Sequence[Shape], values: Sequence[int], height: int, width: int) -> NDArray[np.uint16]:
    """All shapes of a frame, each with a value.

    They are painted in the order of their ``z_order``, those of one in the order of the list: later ones cover earlier
    ones. Shapes that are ``outside`` are left out.

    Args:
        shapes: The shapes.
        values: One for each of them.
        height: Rows of the picture.
        width: Columns of the picture.

    Returns:
        Rows and columns; 0 where there is no shape.

    Raises:
        CvatError: A shape cannot be painted, see :func:`rasterise`; or a value is above 65,535.
    """
    picture: NDArray[np.uint16] = blank_picture(height, width, np.uint16)
    wrong = next((value for value in values if not 0 <= value <= _LARGEST_VALUE), None)
    if wrong is not None:
        raise CvatError(f"{wrong} is no value for a label: they go from 0 to {_LARGEST_VALUE:,}")
    for _, shape, value in sorted(
        ((_whole(shape, "z_order"), shape, value) for shape, value in zip(shapes, values, strict=True)),
        key=lambda one: one[0],
    ):
        if not shape.get("outside"):
            box, inside = _patch(shape, height, width)
            picture[box][inside] = value
    return picture


def coordinates_of(shape: Shape) -> NDArray[np.float64]:
    """The points of a rectangle, an ellipse or a polygon.

    Returns:
        Shape (n, 2): x and y. A rectangle has two opposite corners; an ellipse its centre, and the x of its right and
        the y of its upper end before it is turned.

    Raises:
        CvatError: They are not as many as such a shape has, or no coordinates.
    """
    numbers = numbers_of(shape.get("points") or ()).astype(np.float64)
    least, most = _POINTS[shape["type"]]
    if (np.abs(numbers) > _FURTHEST).any():
        raise CvatError(f"one of its points is further out than {_FURTHEST:g} pixels")
    if len(numbers) % 2:
        raise CvatError(f"its points are {len(numbers)} numbers, and not an x and a y for each")
    if not least <= len(numbers) / 2 <= most:
        needed = f"{least}" if least == most else f"{least} at least"
        raise CvatError(f"its number of points is {len(numbers) // 2}, and not {needed}")
    return numbers.reshape(-1, 2)


def rotation_of(shape: Shape) -> float:
    """How far a rectangle or an ellipse is turned about its centre: degrees, clockwise as a person sees it.

    Raises:
        CvatError: It is no number.
    """
    rotation = shape.get("rotation") or 0.0
    if not isinstance(rotation, int | float) or not abs(rotation) <= _FURTHEST:
        raise CvatError(f"its rotation of {rotation!r} is no number of degrees")
    return float(rotation)


def _patch(shape: Shape, height: int, width: int) -> tuple[Box, NDArray[np.bool_]]:
    """A shape in a box of the picture: where that lies, and the pixels in it."""
    try:
        kind = shape.get("type")
        if kind == "mask":
            return mask_in_box(shape.get("points") or (), height, width, cut=True)
        if kind == "polygon":
            return _polygon(coordinates_of(shape), height, width)
        if kind == "rectangle":
            return _rectangle(coordinates_of(shape), rotation_of(shape), height, width)
        if kind == "ellipse":
            return _ellipse(coordinates_of(shape), rotation_of(shape), height, width)
        raise CvatError(f"such a shape has no area; those of type {', '.join(AREA_TYPES)} have one")
    except CvatError as error:
        raise CvatError(f"{_named(shape)}: {error}") from error


def _rectangle(corners: NDArray[np.float64], rotation: float, height: int, width: int) -> tuple[Box, NDArray[np.bool_]]:
    (left, top), (right, bottom) = np.sort(corners, axis=0).tolist()
    cosine, sine = _turn(rotation)
    # One without an area has no pixels however it is turned, whatever is rounded.
    if (not sine and cosine > 0) or left == right or top == bottom:
        box = np.s_[_pixels(top, bottom, height), _pixels(left, right, width)]
        return box, np.ones(_size(box), np.bool_)
    middle = np.array([left + right, top + bottom]) / 2
    arms = np.array([(left, top), (right, top), (right, bottom), (left, bottom)]) - middle
    return _polygon(middle + arms @ [[cosine, sine], [-sine, cosine]], height, width)


def _ellipse(points: NDArray[np.float64], rotation: float, height: int, width: int) -> tuple[Box, NDArray[np.bool_]]:
    (x, y), (right, top) = points.tolist()
    radius_x, radius_y = abs(right - x), abs(y - top)
    cosine, sine = _turn(rotation)
    reach_x, reach_y = math.hypot(radius_x * cosine, radius_y * sine), math.hypot(radius_x * sine, radius_y * cosine)
    # A pixel more on each side, for what was rounded.
    box = np.s_[_pixels(y - reach_y - 1, y + reach_y + 1, height), _pixels(x - reach_x - 1, x + reach_x + 1, width)]
    if not (radius_x and radius_y):
        return box, np.zeros(_size(box), np.bool_)
    across = np.arange(box[1].start, box[1].stop) + 0.5 - x
    down = np.arange(box[0].start, box[0].stop)[:, None] + 0.5 - y
    along_x, along_y = across * cosine + down * sine, down * cosine - across * sine
    return box, (along_x * radius_y) ** 2 + (along_y * radius_x) ** 2 <= (radius_x * radius_y) ** 2


def _polygon(corners: NDArray[np.float64], height: int, width: int) -> tuple[Box, NDArray[np.bool_]]:
    """The pixels with an odd number of edges to their left, counted on the line through the centres of each row."""
    (left, top), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    box = np.s_[_pixels(top, bottom, height), _pixels(left, right, width)]
    rows, columns = _size(box)
    crossings = np.zeros((rows, columns + 1), np.bool_)
    upper, lower = corners, np.roll(corners, -1, axis=0)
    # Each from its upper end on: two polygons that share an edge are then parted at the same numbers.
    rising = (upper[:, 1] > lower[:, 1])[:, None]
    upper, lower = np.where(rising, lower, upper), np.where(rising, upper, lower)
    for start in range(0, len(corners), _EDGES):
        row, x = _crossed(upper[start : start + _EDGES], lower[start : start + _EDGES], box[0])
        column = np.clip(_first_pixel(x), box[1].start, box[1].stop).astype(np.int64)
        np.logical_xor.at(crossings, (row - box[0].start, column - box[1].start), True)
    return box, np.logical_xor.accumulate(crossings, axis=1)[:, :-1]


def _crossed(
    upper: NDArray[np.float64], lower: NDArray[np.float64], rows: slice
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Which rows edges cross, and at which x."""
    ends = np.stack([upper[:, 1], lower[:, 1]])
    first, last = np.clip(_first_pixel(ends), rows.start, rows.stop).astype(np.int64)
    counts = last - first
    edge = np.repeat(np.arange(len(upper)), counts)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts) + first[edge]
    (x0, y0), (x1, y1) = upper[edge].T, lower[edge].T
    return row, x0 + (row + 0.5 - y0) * ((x1 - x0) / (y1 - y0))


def _turn(degrees: float) -> tuple[float, float]:
    """Cosine and sine of an angle; exact ones for quarters of a turn."""
    quarters, rest = divmod(degrees % 360, 90)
    cosine, sine = math.cos(math.radians(rest)), math.sin(math.radians(rest))
    return ((cosine, sine), (-sine, cosine), (-cosine, -sine), (sine, -cosine))[int(quarters) % 4]


def _first_pixel(position: NDArray[np.float64]) -> NDArray[np.float64]:
    """The first pixel whose centre is at a position or after it."""
    return np.ceil(position - 0.5)


def _pixels(start: float, end: float, size: int) -> slice:
    """The pixels with centres from ``start`` on and before ``end``, as far as they lie in the picture."""
    first, stop = (min(max(math.ceil(position - 0.5), 0), size) for position in (start, end))
    return slice(first, max(first, stop))


def _size(box: Box) -> tuple[int, int]:
    return box[0].stop - box[0].start, box[1].stop - box[1].start


def _whole(shape: Shape, key: str) -> int:
    number = shape.get(key) or 0
    if not isinstance(number, int):
        raise CvatError(f"{_named(shape)}: its {key} of {number!r} is no whole number")
    return number


def _named(shape: Shape) -> str:
    """For people, such as ``polygon 17 in frame 3``."""
    number, frame = shape.get("id"), shape.get("frame")
    return (
        f"{shape.get('type')}"
        + ("" if number is None else f" {number}")
        + ("" if frame is None else f" in frame {frame}")
    )
