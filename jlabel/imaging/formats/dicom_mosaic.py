"""Siemens mosaics: all slices of a volume as the tiles of one picture, taken apart and put in their places.

What decides: MOSAIC in ImageType. NumberOfImagesInMosaic and SliceNormalVector of the CSA header (0029,1010), or the
number in (0019,100A), say how many tiles there are and in which direction they stand. The tiles fill a square by rows.
ImagePositionPatient is that of the whole picture as if it were centred on the first slice: half the picture's size
less half a tile's leads to the first slice's corner. Slices are SpacingBetweenSlices apart.
"""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError
from jlabel.imaging.formats.dicom_places import number_list, single_part
from jlabel.imaging.formats.dicom_stacks import Part

_MOST_TILES = 4096


def is_mosaic(dataset: Any) -> bool:
    """Whether the object says that it is a mosaic."""
    kinds = dataset.get("ImageType") or []
    return any(str(kind).strip().upper() == "MOSAIC" for kind in ([kinds] if isinstance(kinds, str) else kinds))


def mosaic_parts(path: Path, dataset: Any, file: int, name: str) -> list[Part]:
    """The tiles as slices.

    Raises:
        ImageError: The object does not say how many tiles there are or where they lie: nothing can be drawn on it
            that would lie in the right place.
    """
    whole = single_part(path, dataset, name, file)
    header = _csa(dataset)
    count = _count(dataset, header)
    between = number_list(path, dataset, "SpacingBetweenSlices", 1) or number_list(path, dataset, "SliceThickness", 1)
    if whole is None or count is None or between is None or between[0] == 0:
        raise ImageError(
            path,
            f"{name} is a Siemens mosaic (all slices of a volume as tiles of one picture) whose private header, which "
            "says how many slices there are and where, is missing: convert the original series, for instance with "
            "dcm2niix",
        )
    side = math.ceil(math.sqrt(count))
    rows, columns = int(dataset.Rows), int(dataset.Columns)
    if rows % side or columns % side:
        raise ImageError(path, f"{name} is a mosaic of {count} tiles that do not fill its {columns} × {rows} pixels")
    place = whole.place
    shift_columns, shift_rows = (columns - columns / side) / 2, (rows - rows / side) / 2
    corner = place.position + place.along_columns * place.spacing[0] * shift_columns
    corner = corner + place.along_rows * place.spacing[1] * shift_rows
    normal = _normal(header, place.normal) * abs(between[0])
    parts = []
    for number in range(count):
        at = dataclasses.replace(place, name=f"tile {number + 1} of {name}", position=corner + number * normal)
        parts.append(Part(file, 0, at, {**whole.marks, "the file": name}, (number // side, number % side, side)))
    return parts


def tile(pixels: NDArray[Any], where: tuple[int, int, int]) -> NDArray[Any]:
    """One tile ``(i, j)`` of a mosaic ``(i, j)``: ``where`` is its row, its column and how many are to a side."""
    row, column, side = where
    width, height = pixels.shape[0] // side, pixels.shape[1] // side
    return pixels[column * width : (column + 1) * width, row * height : (row + 1) * height]


def _csa(dataset: Any) -> dict[str, Any]:
    from nibabel.nicom import csareader

    try:
        header: dict[str, Any] | None = csareader.get_csa_header(dataset, "image")
    except Exception:  # noqa: BLE001 - a private header of any length and contents; without it the mosaic is refused
        return {}
    return header or {}


def _count(dataset: Any, header: dict[str, Any]) -> int | None:
    items = header.get("tags", {}).get("NumberOfImagesInMosaic", {}).get("items", [])
    private = dataset.get((0x0019, 0x100A))
    value: Any = items[0] if items else getattr(private, "value", None)
    try:
        count = int(value) if not isinstance(value, bytes) else int.from_bytes(value[:2], "little")
    except (TypeError, ValueError):
        return None
    return count if 1 <= count <= _MOST_TILES else None


def _normal(header: dict[str, Any], normal: NDArray[np.float64]) -> NDArray[np.float64]:
    """The direction from slice to slice: the CSA header's, whose sign may be the other one."""
    items = header.get("tags", {}).get("SliceNormalVector", {}).get("items", [])
    if len(items) == 3 and float(np.dot([float(one) for one in items], normal)) < 0:
        return -normal
    return normal
