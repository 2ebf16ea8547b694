"""The headers of the instances that an image was read from, complete enough to write a segmentation of them.

What is changed is changed in memory alone: empty values for tags that every image has to have and that this one lacks,
and one orientation for slices that differ in their last decimals.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jlabel.errors import ImageError, LabelError
from jlabel.exchange.dicom_seg.label_object import instance_uid
from jlabel.imaging import Image

_EMPTY = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "StudyID",
    "StudyDate",
    "StudyTime",
)
_SHARED = ("ImageOrientationPatient", "PixelSpacing")


@dataclass(frozen=True)
class SourceHeaders:
    """What a segmentation is made of.

    Attributes:
        datasets: One for each slice, or a single one with many frames.
        frames: For each slice of the image its place among the datasets, or among the frames of the single one.
        count: How many frames there are.
    """

    datasets: list[Any]
    frames: list[int]
    count: int


def source_headers(image: Image, image_id: str) -> SourceHeaders:
    """The headers of an image's files.

    Raises:
        LabelError: It has no DICOM files, or no segmentation can refer to them.
        ImageError: A file is gone, or cannot be read any more.
    """
    if not image.sources:
        raise LabelError(
            f"image {image_id!r} is of no DICOM files, and a DICOM segmentation refers to such: save its label in "
            "another format"
        )
    if len(set(image.sources)) < len(image.sources):
        raise LabelError(f"image {image_id!r} is a mosaic, of whose slices no segmentation can be made")
    files = list(dict.fromkeys(file for file, _ in image.sources))
    datasets = [_header(file) for file in files]
    count = int(datasets[0].get("NumberOfFrames") or 1)
    if len(files) > 1 and count > 1:
        raise LabelError(
            f"image {image_id!r} is one object in {len(files)} files with many frames each, of which no segmentation "
            "can be made"
        )
    _complete(datasets, image)
    if len(files) > 1:
        return SourceHeaders(datasets, [files.index(file) for file, _ in image.sources], len(files))
    return SourceHeaders(datasets, [frame for _, frame in image.sources], count)


def _header(file: Path) -> Any:
    import pydicom

    try:
        dataset = pydicom.dcmread(file, stop_before_pixels=True, force=True)
    except Exception as error:
        raise ImageError(file, f"cannot be read any more: {error or type(error).__name__}") from error
    dataset.SOPInstanceUID = instance_uid(dataset)
    dataset.SOPClassUID = dataset.get("SOPClassUID") or getattr(dataset.file_meta, "MediaStorageSOPClassUID", "")
    if not dataset.SOPInstanceUID or not dataset.SOPClassUID:
        raise LabelError(f"{file}: it has no SOPInstanceUID or no SOPClassUID, so no segmentation can refer to it")
    return dataset


def _complete(datasets: list[Any], image: Image) -> None:
    from pydicom.uid import generate_uid

    first = datasets[0]
    thickness = float(np.linalg.norm(image.affine[:3, 2]))
    series, study, space = (
        str(first.get(name) or "") or generate_uid(entropy_srcs=[str(first.SOPInstanceUID), name])
        for name in ("SeriesInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID")
    )
    for dataset in datasets:
        for name in _EMPTY:
            if name not in dataset:
                setattr(dataset, name, "")
        dataset.SeriesInstanceUID, dataset.StudyInstanceUID = series, study
        if not dataset.get("SpecificCharacterSet"):
            dataset.pop("SpecificCharacterSet", None)  # an empty one is none, and refused
        if image.oriented:
            dataset.FrameOfReferenceUID = space
        if "SharedFunctionalGroupsSequence" in dataset or not image.oriented:
            continue
        for name in _SHARED:
            if name in first:
                setattr(dataset, name, first.get(name))
        if not dataset.get("SliceThickness"):
            dataset.SliceThickness = f"{thickness:.6g}"
