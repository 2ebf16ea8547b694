"""Objects with many frames and no functional groups: nuclear medicine, doses, secondary capture, ultrasound.

What decides:

- FrameIncrementPointer (0028,0009) names what the frames run through. Time (FrameTime, FrameTimeVector, …) makes them
  moments of a picture.
- Nuclear medicine (PS3.3 C.8.4): a reconstructed object (RECON in ImageType) is a volume. SliceVector says which slice
  a frame is, the other vectors which moment. Position and orientation are in DetectorInformationSequence. The slices
  stand along the normal by SpacingBetweenSlices, whose sign is the direction.
- GridFrameOffsetVector (PS3.3 C.8.8.3.2) has each frame's distance from the first one along the normal; where its first
  value is the first frame's z, its values are z themselves. SliceLocationVector is read as distances too.
- Position, orientation and SpacingBetweenSlices at the top make a volume of the frames of any other object.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import numpy as np

from jlabel.errors import ImageError
from jlabel.imaging.formats.dicom_places import number_list, slice_of
from jlabel.imaging.formats.dicom_slices import Slice
from jlabel.imaging.formats.dicom_stacks import Part

_TIMES = {0x00181063, 0x00181065}
_SLICES = 0x00540080
_OFFSETS = ("GridFrameOffsetVector", "SliceLocationVector")
_VECTORS = {
    "EnergyWindowVector": 0x00540010,
    "DetectorVector": 0x00540020,
    "PhaseVector": 0x00540030,
    "RRIntervalVector": 0x00540060,
    "TimeSlotVector": 0x00540070,
    "TimeSliceVector": 0x00540100,
}


def multiframe_parts(path: Path, dataset: Any, count: int, notes: dict[str, str]) -> list[Part] | None:
    """The frames as slices, or None where they are moments of one picture or do not say where they lie.

    Raises:
        ImageError: What it says about its frames is damaged.
    """
    detector = (dataset.get("DetectorInformationSequence") or [None])[0]
    first = slice_of(path, [dataset] if detector is None else [dataset, detector], "frame 1")
    if first is None:
        return None
    offsets = _offsets(path, dataset, first, count)
    if offsets is not None:
        return [Part(0, index, _moved(first, index, offset)) for index, offset in enumerate(offsets)]
    pointer = _pointer(dataset)
    if str(dataset.get("Modality", "")) == "NM" and _SLICES not in pointer and not _is_reconstructed(dataset):
        return None
    if _SLICES not in pointer and pointer & _TIMES:
        return None
    step = _step(path, dataset, notes)
    if step is None:
        return None
    slices = _vector(path, dataset, "SliceVector", count) if _SLICES in pointer else None
    if slices is None:
        notes["position"] = f"the frames are taken for slices {abs(step):g} mm apart: SpacingBetweenSlices says so"
    moments = {name: _vector(path, dataset, name, count) for name, tag in _VECTORS.items() if tag in pointer}
    parts = []
    for index in range(count):
        number = index if slices is None else slices[index] - 1
        marks: dict[str, Hashable] = {name: values[index] for name, values in moments.items() if values is not None}
        offset = step * number * first.normal
        parts.append(Part(0, index, _moved(first, index, offset), marks))
    return parts


def _offsets(path: Path, dataset: Any, first: Slice, count: int) -> list[Any] | None:
    """How far each frame lies from ``first``'s position, as vectors; None where no vector says so."""
    name = next((name for name in _OFFSETS if dataset.get(name) not in (None, "")), None)
    if name is None:
        return None
    value = dataset.get(name)
    values = number_list(path, dataset, name, count) if count > 1 or not hasattr(value, "__len__") else list(value)
    assert values is not None
    start = float(values[0])
    if name == "GridFrameOffsetVector" and abs(start) > 1e-6 and abs(start - first.position[2]) < 1e-3:
        return [np.array([0.0, 0.0, value - start]) for value in values]
    if name == "SliceLocationVector":
        return [first.normal * (value - start) for value in values]
    return [first.normal * value for value in values]


def _moved(first: Slice, index: int, offset: Any) -> Slice:
    return dataclasses.replace(first, name=f"frame {index + 1}", position=first.position + offset)


def _pointer(dataset: Any) -> set[int]:
    value = dataset.get("FrameIncrementPointer")
    if value in (None, ""):
        return set()
    return {int(tag) for tag in (value if isinstance(value, list | tuple) or hasattr(value, "append") else [value])}


def _is_reconstructed(dataset: Any) -> bool:
    kinds = dataset.get("ImageType") or []
    return any("RECON" in str(kind).upper() for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _step(path: Path, dataset: Any, notes: dict[str, str]) -> float | None:
    """The distance from slice to slice along the normal, with its sign; None where there is none."""
    between = number_list(path, dataset, "SpacingBetweenSlices", 1)
    if between is not None and between[0] != 0:
        return between[0]
    thick = number_list(path, dataset, "SliceThickness", 1)
    if thick is None or thick[0] <= 0 or not (_SLICES in _pointer(dataset) or _is_reconstructed(dataset)):
        return None
    notes["voxel size"] = "there is no distance between slices; their thickness is taken"
    return thick[0]


def _vector(path: Path, dataset: Any, name: str, count: int) -> list[int] | None:
    value = dataset.get(name)
    if value in (None, ""):
        return None
    try:
        numbers = [int(one) for one in (value if hasattr(value, "__len__") else [value])]
    except (TypeError, ValueError) as error:
        raise ImageError(path, f"is damaged: its {name} is {value!r}") from error
    if len(numbers) != count:
        raise ImageError(path, f"is damaged: its {name} speaks of {len(numbers)} frames, not of {count}")
    return numbers
