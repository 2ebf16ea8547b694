"""What the tags of a DICOM object say about its frames: where each lies, and how its values are scaled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from jlabel.errors import ImageError
from jlabel.imaging.dicom_slices import Slice


def frame_slices(path: Path, dataset: Any, count: int, name: str = "") -> list[Slice] | None:
    """Where each frame lies, or None where the file does not say."""
    per_frame = dataset.get("PerFrameFunctionalGroupsSequence")
    shared = (dataset.get("SharedFunctionalGroupsSequence") or [None])[0]
    if per_frame is not None and len(per_frame) != count:
        raise ImageError(path, f"is damaged: it has {count} frames and positions for {len(per_frame)}")
    if per_frame is None and count > 1:
        return None
    found = []
    for index in range(count):
        places = [dataset] if per_frame is None else [per_frame[index], *([shared] if shared is not None else [])]
        one = _slice(path, places, name or f"frame {index + 1}")
        if one is None:
            return None
        found.append(one)
    return found


def _slice(path: Path, places: list[Any], name: str) -> Slice | None:
    position = _group_floats(path, places, "PlanePositionSequence", "ImagePositionPatient", 3)
    turn = _group_floats(path, places, "PlaneOrientationSequence", "ImageOrientationPatient", 6)
    spacing = _group_floats(path, places, "PixelMeasuresSequence", "PixelSpacing", 2)
    if position is None or turn is None or spacing is None:
        return None
    thick = _group_floats(path, places, "PixelMeasuresSequence", "SpacingBetweenSlices", 1)
    thick = thick or _group_floats(path, places, "PixelMeasuresSequence", "SliceThickness", 1) or [1.0]
    columns, rows = np.array(turn[:3]), np.array(turn[3:])
    if abs(np.linalg.norm(columns) - 1) > 1e-2 or abs(np.linalg.norm(rows) - 1) > 1e-2 or abs(columns @ rows) > 1e-2:
        raise ImageError(path, f"has an orientation that is no rotation in {name}: {turn}")
    return Slice(name, np.array(position), columns, rows, (spacing[1], spacing[0]), abs(thick[0]) or 1.0)


def _group_floats(path: Path, places: list[Any], group: str, key: str, count: int) -> list[float] | None:
    for place in places:
        inner = place.get(group)
        values = number_list(path, inner[0] if inner else place, key, count)
        if values is not None:
            return values
    return None


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


def transformation(dataset: Any, group: Any, shared: Any) -> Any:
    """The part of an object that rescales a frame."""
    for place in (group, shared):
        inner = place.get("PixelValueTransformationSequence") if place is not None else None
        if inner:
            return inner[0]
    return dataset
