"""A small CT series, and segmentations and structure sets of it, made in a test's own folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian, RTStructureSetStorage, generate_uid

from tests.imaging.dicom_samples import AXIAL, place, save

SHAPE = (7, 6, 4)
SPACE = "1.2.840.99.1"
SERIES = "1.2.840.99.2"
SLICES = [f"1.2.840.99.2.{k + 1}" for k in range(SHAPE[2])]
TILTED = (0.8, 0.6, 0.0, -0.36, 0.48, 0.8)
PATIENT = {
    "PatientName": "Doe^Jane",
    "PatientBirthDate": "",
    "PatientSex": "F",
    "StudyDate": "20200101",
    "StudyTime": "",
    "StudyID": "1",
    "AccessionNumber": "",
    "SeriesNumber": 3,
    "SeriesDescription": "thin slices",
    "SliceThickness": 4,
}


def series(
    folder: Path, turn: Sequence[float] = AXIAL, shape: tuple[int, int, int] = SHAPE, **tags: Any
) -> list[Dataset]:
    """Slices of a volume of 7 columns, 6 rows and 4 slices, named against their order; their headers, in order."""
    normal = np.cross(turn[:3], turn[3:])
    datasets = []
    for k, uid in enumerate(SLICES[: shape[2]]):
        pixels = np.full((shape[1], shape[0]), k, np.int16)
        own = {**PATIENT, "SOPInstanceUID": uid, "SeriesInstanceUID": SERIES, "FrameOfReferenceUID": SPACE}
        own |= {"InstanceNumber": k + 1, **place(np.array([-10, 20, 30]) + 4 * k * normal, turn)}
        datasets.append(pydicom.dcmread(save(folder / f"IM{9 - k}", pixels, **{**own, **tags})))
    return datasets


def seg(path: Path, sources: list[Dataset], masks: np.ndarray, kind: str = "BINARY", **options: Any) -> Path:
    """A segmentation of ``masks`` ``(k, row, column)``, with numbers of segments or a last axis of segments.

    Args:
        path: Its file.
        sources: The headers of its series.
        masks: The segments, which are called ``"segment 1"``, …
        kind: SegmentationType.
        options: For highdicom's ``Segmentation``, or the names of the segments (``names``).
    """
    import highdicom

    count = masks.shape[-1] if masks.ndim == 4 else int(masks.max())
    names = options.pop("names", [f"segment {number}" for number in range(1, count + 1)])
    described = [
        highdicom.seg.SegmentDescription(
            number,
            name,
            codes.SCT.AnatomicalStructure,
            codes.SCT.Liver,
            highdicom.seg.SegmentAlgorithmTypeValues.MANUAL,
        )
        for number, name in enumerate(names, start=1)
    ]
    made = highdicom.seg.Segmentation(
        sources, masks, kind, described, generate_uid(), 20, generate_uid(), 1, "maker", "model", "1", "7", **options
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    made.save_as(path)
    return path


def structure_set(path: Path, regions: dict[str, list[Any]], **tags: Any) -> Path:
    """A structure set: the contours of each region, ``(n, 3)`` LPS mm, or a pair of their kind and these."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = RTStructureSetStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = generate_uid()
    dataset.Modality, dataset.SeriesInstanceUID, dataset.StructureSetLabel = "RTSTRUCT", "1.2.840.99.3", "plan"
    study, frame = Dataset(), Dataset()
    of_series = Dataset()
    of_series.SeriesInstanceUID = tags.pop("of", SERIES)
    study.RTReferencedSeriesSequence = [of_series]
    frame.FrameOfReferenceUID, frame.RTReferencedStudySequence = tags.pop("space", SPACE), [study]
    dataset.ReferencedFrameOfReferenceSequence = [frame]
    dataset.StructureSetROISequence, dataset.ROIContourSequence = [], []
    for number, (name, contours) in enumerate(regions.items(), start=1):
        region, item = Dataset(), Dataset()
        region.ROINumber, region.ROIName = number, name
        region.ReferencedFrameOfReferenceUID = frame.FrameOfReferenceUID
        item.ReferencedROINumber, item.ROIDisplayColor = number, [255, 128, number]
        item.ContourSequence = [_contour(contour) for contour in contours]
        dataset.StructureSetROISequence.append(region)
        dataset.ROIContourSequence.append(item)
    for tag, value in tags.items():
        setattr(dataset, tag, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path


def lps(affine: np.ndarray, corners: Sequence[Sequence[float]]) -> np.ndarray:
    """Voxel indices ``(n, 3)`` as positions in a DICOM file."""
    voxels = np.array(corners, float)
    return (voxels @ affine[:3, :3].T + affine[:3, 3]) * [-1, -1, 1]


def box(lower: Sequence[float], upper: Sequence[float], k: float) -> list[list[float]]:
    """The corners of a rectangle in slice ``k``, in voxels."""
    return [[lower[0], lower[1], k], [upper[0], lower[1], k], [upper[0], upper[1], k], [lower[0], upper[1], k]]


def _contour(contour: Any) -> Dataset:
    kind, corners = contour if isinstance(contour, tuple) else ("CLOSED_PLANAR", contour)
    item = Dataset()
    item.ContourGeometricType, item.NumberOfContourPoints = kind, len(corners)
    item.ContourData = [f"{value:.6g}" for value in np.ravel(corners)]
    return item
