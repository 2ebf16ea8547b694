"""DICOM objects that are pictures: no place in the patient, one frame shown of perhaps many.

What decides about the size of a pixel: PixelSpacing, else ImagerPixelSpacing or NominalScannedPixelSpacing (at the
detector or the scanner), else the deltas of SequenceOfUltrasoundRegions where all its regions agree, else the shape of
a pixel alone by PixelAspectRatio (its height first), else nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError
from jlabel.imaging.formats.dicom_pixels import frame_pixels
from jlabel.imaging.formats.dicom_places import number_list
from jlabel.imaging.formats.dicom_values import (
    modality_lookup,
    note_padding,
    padding_range,
    padding_tags,
    rescale,
    rescaled,
    scaled_padding,
)
from jlabel.imaging.formats.voxel_types import plain_type
from jlabel.imaging.image import Channels, Image

_ELSEWHERE = {"ImagerPixelSpacing": "at the detector", "NominalScannedPixelSpacing": "on the scanned film"}
_CENTIMETRES = 3


def read_picture_object(path: Path, dataset: Any, frame: int, count: int, notes: dict[str, str]) -> Image:
    """One frame of an object without a place: shape ``(i, j)``, or ``(i, j, 3)`` in colour.

    Raises:
        ImageError: There is no such frame, or its pixels cannot be read.
    """
    if not 0 <= frame < count:
        raise ImageError(path, f"has {count} frame{'s' * (count > 1)}, so there is no frame {frame}")
    array: NDArray[Any] = frame_pixels(path, dataset, frame, notes)
    unmeasured = None
    if array.ndim == 2:
        padding, table = padding_range(padding_tags([dataset]), array.dtype), modality_lookup(path, dataset)
        padded = padding is not None and note_padding(array[..., None], padding, notes)
        if padding is not None and padded and table is None:
            unmeasured = scaled_padding(padding, [rescale(path, dataset)])
        if table is not None:
            array = table.of(array)
        array = plain_type(rescaled(array[..., None], [rescale(path, dataset)])[..., 0], notes)
    spacing = _spacing(path, dataset, notes)
    if number_list(path, dataset, "ImagePositionPatient", 3) is None:
        notes["position"] = "the file does not say where the image lies in the patient"
    else:
        notes["position"] = "the file does not say how it stands in the patient, or its frames lie in one place"
    affine = np.diag([-spacing[1], -spacing[0], 1.0, 1.0])
    channels: Channels = "rgb" if array.ndim == 3 else "scalar"
    inverted = dataset.get("PhotometricInterpretation") == "MONOCHROME1"
    return Image(array, affine, channels, frame, count, False, notes, path, inverted, unmeasured, ((path, frame),))


def _spacing(path: Path, dataset: Any, notes: dict[str, str]) -> list[float]:
    """The distance between rows and between columns in mm."""
    spacing = number_list(path, dataset, "PixelSpacing", 2)
    if spacing is None:
        name = next((name for name in _ELSEWHERE if number_list(path, dataset, name, 2) is not None), None)
        if name is not None:
            spacing = number_list(path, dataset, name, 2)
            notes["voxel size"] = f"the size of a pixel is that {_ELSEWHERE[name]} ({name})"
    if spacing is None:
        spacing = _ultrasound_spacing(dataset)
        if spacing is not None:
            notes["voxel size"] = "the size of a pixel is that of the ultrasound regions"
    if spacing is None or min(spacing) <= 0:
        return _shape_alone(path, dataset, notes)
    return spacing


def _shape_alone(path: Path, dataset: Any, notes: dict[str, str]) -> list[float]:
    ratio = number_list(path, dataset, "PixelAspectRatio", 2)
    if ratio is None or min(ratio) <= 0 or ratio[0] == ratio[1]:
        notes["voxel size"] = "the file gives no usable pixel spacing; 1 mm is assumed"
        return [1.0, 1.0]
    high, wide = ratio
    notes["voxel size"] = (
        f"the file gives the shape of a pixel (PixelAspectRatio {high:g}:{wide:g}) and no size; 1 mm is assumed for "
        "its shorter side"
    )
    return [high / min(ratio), wide / min(ratio)]


def _ultrasound_spacing(dataset: Any) -> list[float] | None:
    regions = dataset.get("SequenceOfUltrasoundRegions") or []
    found = set()
    for region in regions:
        units = region.get("PhysicalUnitsXDirection"), region.get("PhysicalUnitsYDirection")
        deltas = region.get("PhysicalDeltaY"), region.get("PhysicalDeltaX")
        if units != (_CENTIMETRES, _CENTIMETRES) or None in deltas:
            return None
        found.add((abs(float(deltas[0])) * 10, abs(float(deltas[1])) * 10))
    return list(found.pop()) if len(found) == 1 else None
