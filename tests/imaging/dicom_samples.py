"""DICOM objects of every kind that decides about pixels and places, made in a test's own folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
    generate_uid,
)

SYNTAXES = {
    "implicit": ImplicitVRLittleEndian,
    "explicit": ExplicitVRLittleEndian,
    "big endian": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
    "RLE": RLELossless,
}
SECONDARY = "1.2.840.10008.5.1.4.1.1.7"
AXIAL = (1, 0, 0, 0, 1, 0)

Change = Callable[[Dataset], Any]


def save(
    path: Path, pixels: np.ndarray, syntax: str = "explicit", *, change: Change | None = None, **tags: Any
) -> Path:
    """Write an object.

    Args:
        path: Its file; its folder is made.
        pixels: ``(rows, columns)``, ``(rows, columns, 3)``, or with a first axis of frames.
        syntax: A name of ``SYNTAXES``.
        change: Called with the dataset before it is written.
        tags: Values by keyword; None takes one away.
    """
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian if syntax == "RLE" else SYNTAXES[syntax]
    dataset.SOPClassUID, dataset.SOPInstanceUID, dataset.SeriesInstanceUID = CTImageStorage, generate_uid(), "1.2.3"
    dataset.StudyInstanceUID, dataset.Modality, dataset.PatientID = "1.2", "CT", "made"
    colour = pixels.ndim > 2 and pixels.shape[-1] == 3
    dataset.Rows, dataset.Columns = pixels.shape[-3:-1] if colour else pixels.shape[-2:]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = (3, "RGB") if colour else (1, "MONOCHROME2")
    if colour:
        dataset.PlanarConfiguration = 0
    if pixels.ndim - colour == 3:
        dataset.NumberOfFrames = pixels.shape[0]
    bits = pixels.dtype.itemsize * 8
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit, dataset.PixelRepresentation = bits - 1, int(pixels.dtype.kind == "i")
    for name, value in tags.items():
        if value is not None:
            setattr(dataset, name, value)
    _set_pixels(dataset, pixels, syntax)
    if change is not None:
        change(dataset)
    if syntax == "RLE":
        planar = dataset.get("PlanarConfiguration")
        dataset.compress(RLELossless, generate_instance_uid=False)
        if planar is not None:
            dataset.PlanarConfiguration = planar
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path


def place(
    position: Sequence[float], turn: Sequence[float] = AXIAL, spacing: Sequence[float] = (3, 2)
) -> dict[str, Any]:
    """The tags of a slice's place; ``spacing`` is that of rows, then of columns."""
    return {
        "ImagePositionPatient": [float(f"{one:.8g}") for one in position],
        "ImageOrientationPatient": [float(f"{one:.10g}") for one in turn],
        "PixelSpacing": list(spacing),
    }


def groups(**sequences: dict[str, Any]) -> Dataset:
    """Functional groups, by the names of their sequences."""
    group = Dataset()
    for name, tags in sequences.items():
        inner = Dataset()
        for tag, value in tags.items():
            setattr(inner, tag, value)
        setattr(group, name, [inner])
    return group


def plane(height: float) -> dict[str, dict[str, Any]]:
    """The groups of an axial slice at that height."""
    return {
        "PlanePositionSequence": {"ImagePositionPatient": [0, 0, height]},
        "PlaneOrientationSequence": {"ImageOrientationPatient": list(AXIAL)},
        "PixelMeasuresSequence": {"PixelSpacing": [1, 1]},
    }


def _set_pixels(dataset: Dataset, pixels: np.ndarray, syntax: str) -> None:
    big = syntax == "big endian"
    if dataset.get("PlanarConfiguration") == 1 and syntax != "RLE":
        pixels = np.moveaxis(pixels, -1, -3)
    data = pixels.astype(pixels.dtype.newbyteorder(">" if big else "<")).tobytes()
    if pixels.dtype.kind == "f":
        dataset.FloatPixelData = data
        for name in ("BitsStored", "HighBit", "PixelRepresentation"):
            delattr(dataset, name)
        return
    if big and pixels.dtype.itemsize == 1 and len(data) % 2 == 0:
        dataset.PixelData = data
        dataset["PixelData"].VR = "OB"
        return
    dataset.PixelData = data + b"\0" * (len(data) % 2)
    dataset["PixelData"].VR = "OB" if pixels.dtype.itemsize == 1 else "OW"
