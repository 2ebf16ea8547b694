"""The pixels of a DICOM object: decoded, coloured, and as ``(i, j)``: ``i`` counts columns, ``j`` rows.

What decides (PS3.3 C.7.6.3, PS3.5 section 8): Rows, Columns, SamplesPerPixel, PlanarConfiguration, BitsAllocated,
BitsStored, HighBit and PixelRepresentation say which bits are a pixel's, PhotometricInterpretation what its samples
mean. Bits above BitsStored (overlays) are no part of the value; values that do not begin at the lowest bit, as was
allowed long ago, are refused, since programs read them in two ways. MONOCHROME1 keeps its values, its display is
inverted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError
from jlabel.imaging.formats.dicom_decoders import whole_frame, why_not_decoded
from jlabel.imaging.formats.dicom_objects import big_endian
from jlabel.imaging.formats.dicom_tables import coloured, palette
from jlabel.imaging.formats.voxel_types import voxel_bytes

_PACKED_MOST = 20_000
_GREY = ("MONOCHROME1", "MONOCHROME2")
_COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")
_FLOATS = {"FloatPixelData": 32, "DoubleFloatPixelData": 64}


def frame_count(path: Path, dataset: Any) -> int:
    """How many frames the object has.

    Raises:
        ImageError: NumberOfFrames is no positive whole number.
    """
    value = dataset.get("NumberOfFrames", 1)
    try:
        count = int(value if value is not None and value != "" else 1)
    except (TypeError, ValueError) as error:
        raise ImageError(path, f"is damaged: its NumberOfFrames is {value!r}") from error
    if count < 1:
        raise ImageError(path, f"is damaged: its NumberOfFrames is {value!r}")
    return count


def frame_pixels(path: Path, dataset: Any, frame: int, notes: dict[str, str], file: str = "") -> NDArray[Any]:
    """One frame: shape ``(i, j)``, as stored (not rescaled), or ``(i, j, 3)`` in uint8.

    Args:
        path: The image, named in errors.
        dataset: A pydicom dataset with pixel data.
        frame: Which frame.
        notes: Gets a note about colours or inverted grey.
        file: The file among several that errors name too.

    Raises:
        ImageError: The pixels are damaged, of a kind that is not supported, or no decoder for them is installed.
    """
    subject = f"its file {file!r} " if file else ""
    try:
        _check_size(path, dataset, subject)
        array = _decoded(*whole_frame(dataset, frame, frame_count(path, dataset), notes))
        meaning = str(dataset.PhotometricInterpretation).strip()
        if meaning == "PALETTE COLOR":
            array = coloured(array, palette(dataset), notes)
    except ImageError:
        raise
    except Exception as error:
        raise ImageError(path, subject + why_not_decoded(dataset, error)) from error
    if array.ndim == 3:
        return _eight_bits(dataset, array, notes).transpose(1, 0, 2)
    if meaning == "MONOCHROME1":
        notes["intensities"] = "small values are meant to be bright (MONOCHROME1); the values are kept as they are"
    return array.T


def _decoded(dataset: Any, frame: int) -> NDArray[Any]:
    from pydicom.pixels.utils import pixel_array

    samples, meaning = int(dataset.get("SamplesPerPixel") or 1), str(dataset.PhotometricInterpretation).strip()
    wanted = 3 if meaning in _COLOUR else 1
    if meaning not in (*_GREY, *_COLOUR, "PALETTE COLOR") or samples != wanted:
        raise ValueError(f"pixels of {samples} samples that are {meaning!r} are not supported")
    if not any(name in dataset for name in _FLOATS):
        _check_bits(dataset, meaning)
    return np.asarray(pixel_array(dataset, index=frame))


def _check_bits(dataset: Any, meaning: str) -> None:
    """Refuse bits that programs read in two ways."""
    if dataset.file_meta.TransferSyntaxUID.is_compressed:
        return
    allocated, stored, high = (int(dataset.get(name) or 0) for name in ("BitsAllocated", "BitsStored", "HighBit"))
    if high > stored - 1 and meaning in (*_GREY, "PALETTE COLOR"):
        raise ValueError(
            f"values of {stored} bits that end at bit {high}, and not at bit {stored - 1}, are not supported"
        )
    if allocated > 16 and big_endian(dataset):
        raise ValueError(
            f"values of {allocated} bits in big endian order are not supported: programs differ about them"
        )


def _eight_bits(dataset: Any, array: NDArray[Any], notes: dict[str, str]) -> NDArray[Any]:
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind != "u":
        array = np.clip(array, 0, None)
    bits = int(dataset.BitsStored)
    notes["colour depth"] = f"{bits} bits a colour were cut to 8"
    return np.asarray(array >> max(0, bits - 8)).astype(np.uint8)


def _check_size(path: Path, dataset: Any, subject: str) -> None:
    rows, columns = int(dataset.get("Rows") or 0), int(dataset.get("Columns") or 0)
    packed = next((name for name in ("PixelData", *_FLOATS) if name in dataset), "PixelData")
    bits = _FLOATS.get(packed) or int(dataset.get("BitsAllocated") or 0)
    if min(rows, columns, bits) < 1:
        raise ImageError(path, f"{subject}has no pixels: {columns} columns, {rows} rows of {bits} bits")
    promised = voxel_bytes((rows, columns, int(dataset.get("SamplesPerPixel") or 1)), max(1, bits // 8))
    held = len(dataset[packed].value or b"")
    if promised > held * _PACKED_MOST:
        raise ImageError(
            path, f"{subject}has a header that lies about its size: {held} bytes for {columns} × {rows} pixels"
        )
