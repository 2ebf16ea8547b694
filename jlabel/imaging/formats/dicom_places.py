"""Where the frames of a DICOM object lie.

What decides: an enhanced object has PlanePositionSequence, PlaneOrientationSequence and PixelMeasuresSequence for each
frame or for all (PS3.3 C.7.6.16). One frame has ImagePositionPatient, ImageOrientationPatient and PixelSpacing at the
top. Of older objects with many frames see :mod:`jlabel.imaging.formats.dicom_multiframe`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from jlabel.errors import ImageError
from jlabel.imaging.formats.dicom_marks import classic_marks, enhanced_marks
from jlabel.imaging.formats.dicom_slices import Slice
from jlabel.imaging.formats.dicom_stacks import Part


def enhanced_parts(path: Path, dataset: Any, count: int) -> list[Part] | None:
    """The frames of an object with functional groups, or None where it does not say where they lie."""
    per_frame = dataset.get("PerFrameFunctionalGroupsSequence")
    if per_frame is None or len(per_frame) != count:
        raise ImageError(path, f"is damaged: it has {count} frames and positions for {len(per_frame or ())}")
    shared = (dataset.get("SharedFunctionalGroupsSequence") or [None])[0]
    parts = []
    for index, group in enumerate(per_frame):
        places = [group] if shared is None else [group, shared]
        place = slice_of(path, places, f"frame {index + 1}")
        if place is None:
            return None
        parts.append(Part(0, index, place, enhanced_marks(group)))
    return parts


def single_part(path: Path, dataset: Any, name: str, file: int = 0) -> Part | None:
    """The slice of an object with one frame, or None where it does not say where it lies."""
    groups = (dataset.get(tag) or [None] for tag in ("SharedFunctionalGroupsSequence", "DetectorInformationSequence"))
    place = slice_of(path, [dataset, *(group[0] for group in groups if group[0] is not None)], name)
    return None if place is None else Part(file, 0, place, classic_marks(dataset))


def slice_of(path: Path, places: list[Any], name: str) -> Slice | None:
    """The slice that the tags in some parts of an object describe, the first part that has one counts."""
    position = _group_floats(path, places, "PlanePositionSequence", "ImagePositionPatient", 3)
    turn = _group_floats(path, places, "PlaneOrientationSequence", "ImageOrientationPatient", 6)
    spacing = _group_floats(path, places, "PixelMeasuresSequence", "PixelSpacing", 2)
    if position is None or turn is None or spacing is None:
        return None
    if min(spacing) <= 0:
        raise ImageError(path, f"has a pixel spacing that is no distance in {name}: {spacing}")
    thick = _group_floats(path, places, "PixelMeasuresSequence", "SpacingBetweenSlices", 1)
    thick = thick or _group_floats(path, places, "PixelMeasuresSequence", "SliceThickness", 1) or [1.0]
    columns, rows = np.array(turn[:3]), np.array(turn[3:])
    if abs(np.linalg.norm(columns) - 1) > 1e-2 or abs(np.linalg.norm(rows) - 1) > 1e-2 or abs(columns @ rows) > 1e-2:
        raise ImageError(path, f"has an orientation that is no rotation in {name}: {turn}")
    return Slice(name, np.array(position), columns, rows, (spacing[1], spacing[0]), abs(thick[0]) or 1.0)


def number_list(path: Path, dataset: Any, key: str, count: int) -> list[float] | None:
    """The ``count`` finite numbers of a tag, or None where the tag is absent or empty."""
    value = dataset.get(key)
    if value is None or value == "":
        return None
    try:
        numbers = [float(v) for v in (value if count > 1 else [value])]
    except (TypeError, ValueError) as error:
        raise ImageError(path, f"is damaged: its {key} is {value!r}") from error
    if not numbers:
        return None
    if len(numbers) != count or not np.isfinite(numbers).all():
        raise ImageError(path, f"is damaged: its {key} is {numbers}")
    return numbers


def _group_floats(path: Path, places: list[Any], group: str, key: str, count: int) -> list[float] | None:
    for place in places:
        inner = place.get(group)
        values = number_list(path, inner[0] if inner else place, key, count)
        if values is not None:
            return values
    return None
