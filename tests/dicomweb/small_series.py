"""Small DICOM series, made with pydicom."""

from __future__ import annotations

from typing import Any

import numpy as np
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

ROWS, COLUMNS = 8, 6
#: The id that :func:`slices` get.
CASE = "P1/20240102_Thorax/3_axial"


def uid(*words: object) -> str:
    """A UID that is always the same for the same words."""
    return str(generate_uid(entropy_srcs=["test", *map(str, words)]))


def slices(count: int = 3, series: str = "axial", first: int = 0, **tags: Any) -> list[Dataset]:
    """Slices of a CT series; ``tags`` are other values for the elements of each."""
    return [_slice(number, series, tags) for number in range(first, first + count)]


def _slice(number: int, series: str, tags: dict[str, Any]) -> Dataset:
    one = Dataset()
    one.preamble = b"\0" * 128
    one.file_meta = FileMetaDataset()
    one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    one.SOPClassUID = CTImageStorage
    one.SOPInstanceUID = uid("slice", series, number)
    one.file_meta.MediaStorageSOPClassUID = CTImageStorage
    one.file_meta.MediaStorageSOPInstanceUID = one.SOPInstanceUID
    one.SpecificCharacterSet = "ISO_IR 192"
    one.StudyInstanceUID, one.SeriesInstanceUID = uid("study"), uid("series", series)
    one.FrameOfReferenceUID = uid("frame")
    one.PatientName, one.PatientID, one.PatientBirthDate, one.PatientSex = "Doe^Jane", "P1", "19700101", "F"
    one.StudyDate, one.StudyTime, one.StudyDescription = "20240102", "101500", "Thorax"
    one.AccessionNumber, one.StudyID, one.Modality = "", "", "CT"
    one.SeriesNumber, one.SeriesDescription, one.InstanceNumber = 3, series, number + 1
    one.ImagePositionPatient, one.ImageOrientationPatient = [0, 0, 2.5 * number], [1, 0, 0, 0, 1, 0]
    one.PixelSpacing, one.SliceThickness = [0.7, 0.7], 2.5
    one.Rows, one.Columns, one.SamplesPerPixel = ROWS, COLUMNS, 1
    one.PhotometricInterpretation, one.BitsAllocated, one.BitsStored, one.HighBit = "MONOCHROME2", 16, 16, 15
    one.PixelRepresentation, one.RescaleIntercept, one.RescaleSlope = 0, -1000, 1
    values = np.arange(ROWS * COLUMNS, dtype=np.uint16).reshape(ROWS, COLUMNS) + 100 * number
    one.PixelData = values.tobytes()
    for name, value in tags.items():
        setattr(one, name, value)
    return one
