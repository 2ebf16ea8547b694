"""The pixels of a DICOM object: decoded, coloured, and in the order (columns, rows)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError
from jlabel.imaging.voxels import scaled, voxel_bytes

_PACKED_MOST = 20_000


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
    """One frame: shape (columns, rows), as stored (not rescaled), or (columns, rows, 3) in uint8.

    Args:
        path: The image, named in errors.
        dataset: A pydicom dataset with pixel data.
        frame: Which frame.
        notes: Gets a note about colours or inverted grey.
        file: The file among several that errors name too.
    """
    from pydicom.pixels.processing import apply_color_lut
    from pydicom.pixels.utils import pixel_array

    subject = f"its file {file!r} " if file else ""
    _check_size(path, dataset, subject)
    try:
        array = np.asarray(pixel_array(dataset, index=frame))
        if dataset.PhotometricInterpretation == "PALETTE COLOR":
            array = apply_color_lut(array, dataset)
            notes["colour"] = "colours were converted from a palette to RGB"
    except Exception as error:
        raise ImageError(path, subject + _why(dataset, error)) from error
    if array.ndim == 3:
        if array.dtype != np.uint8:
            notes["colour depth"] = f"{array.dtype.itemsize * 8} bits a colour were cut to 8"
            bits = 16 if dataset.PhotometricInterpretation == "PALETTE COLOR" else int(dataset.BitsStored)
            array = (array >> max(0, bits - 8)).astype(np.uint8)
        return array[..., :3].transpose(1, 0, 2)
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        notes["intensities"] = "small values are meant to be bright (MONOCHROME1); the values are kept as they are"
    return array.T


def rescale(path: Path, dataset: Any) -> tuple[float, float]:
    """Slope and intercept of the modality's rescaling; (1, 0) where there is none."""
    slope, intercept = dataset.get("RescaleSlope", 1), dataset.get("RescaleIntercept", 0)
    try:
        found = float(1 if slope is None else slope), float(0 if intercept is None else intercept)
    except (TypeError, ValueError) as error:
        raise ImageError(path, f"is damaged: its rescaling is {slope!r}, {intercept!r}") from error
    if not np.isfinite(found).all() or found[0] == 0:
        raise ImageError(path, f"is damaged: its rescaling is {slope!r}, {intercept!r}")
    return found


def rescaled(volume: NDArray[Any], factors: list[tuple[float, float]]) -> NDArray[Any]:
    """A volume with each slice (last axis) scaled by its own slope and intercept."""
    if len(set(factors)) == 1:
        return scaled(volume, *factors[0])
    out = np.empty(volume.shape, dtype=np.float32, order="F")
    for index, (slope, intercept) in enumerate(factors):
        out[..., index] = volume[..., index].astype(np.float64) * slope + intercept
    return out


def _check_size(path: Path, dataset: Any, subject: str) -> None:
    rows, columns = int(dataset.get("Rows") or 0), int(dataset.get("Columns") or 0)
    bits = int(dataset.get("BitsAllocated") or 0)
    if min(rows, columns, bits) < 1:
        raise ImageError(path, f"{subject}has no pixels: {columns} columns, {rows} rows of {bits} bits")
    promised = voxel_bytes((rows, columns, int(dataset.get("SamplesPerPixel") or 1)), max(1, bits // 8))
    if promised > len(dataset.PixelData) * _PACKED_MOST:
        held = f"{len(dataset.PixelData)} bytes for {columns} × {rows} pixels"
        raise ImageError(path, f"{subject}has a header that lies about its size: {held}")


def _why(dataset: Any, error: Exception) -> str:
    syntax = getattr(getattr(dataset, "file_meta", None), "TransferSyntaxUID", None)
    words = " ".join(str(error).split())
    lacking = "missing dependencies" in words or "does not support" in words or isinstance(error, NotImplementedError)
    if syntax is not None and lacking:
        return (
            f"is compressed as {syntax.name}, for which no decoder is installed; save it uncompressed, or install a "
            "plug-in of pydicom that decodes it"
        )
    return f"has pixels that are damaged, cut short or of an unsupported kind: {words}"
