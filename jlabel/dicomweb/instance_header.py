"""The header of an instance as a small DICOM file, made of what the server tells of it: what its image is grouped by.

Nothing else of the patient than PatientID is in it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from jlabel.datastores.remote.remote_object import RemoteObject
from jlabel.dicomweb.series import instance_name
from jlabel.dicomweb.server import Json, first_value, is_uid
from jlabel.imaging.formats.library_warnings import warnings_heard

_KEPT = (
    "SOPClassUID",
    "SOPInstanceUID",
    "Modality",
    "SeriesDescription",
    "PatientID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "SeriesNumber",
    "InstanceNumber",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "FrameOfReferenceUID",
    "ConcatenationUID",
    "SamplesPerPixel",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "PixelSpacing",
    "BitsAllocated",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
)
_GROUP, _CREATOR = 0x0009, "JLABEL LISTING"
_SMALLEST = 1024


@dataclass(frozen=True)
class Instance:
    """An instance of a series.

    Attributes:
        name: Of its file.
        uid: SOPInstanceUID.
        study: StudyInstanceUID.
        series: SeriesInstanceUID.
        size: Bytes, about; the server does not tell.
        tag: Another one where the header is another.
    """

    name: str
    uid: str
    study: str
    series: str
    size: int
    tag: str

    def at(self, folder: str) -> RemoteObject:
        """As what lies in a folder."""
        return RemoteObject(f"{folder}/{self.name}", self.size, self.tag)


def make_header(metadata: Json) -> tuple[Instance, bytes] | None:
    """The instance that metadata is of, and the bytes of its header; None where it names no instance, study or series.

    Raises:
        ValueError: It cannot be understood.
    """
    from pydicom import dcmwrite
    from pydicom.datadict import tag_for_keyword
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    uid = first_value(metadata, "00080018")
    if not all(is_uid(one) for one in (uid, first_value(metadata, "0020000D"), first_value(metadata, "0020000E"))):
        return None
    tags = {f"{tag_for_keyword(name):08X}" for name in _KEPT}
    text = json.dumps(metadata, sort_keys=True, default=str)
    out = BytesIO()
    try:
        with warnings_heard():  # of values that are longer than their kind allows
            dataset = Dataset.from_json({tag: one for tag, one in metadata.items() if tag in tags})
            block = dataset.private_block(_GROUP, _CREATOR, create=True)
            block.add_new(1, "LO", hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32])
            dataset.SpecificCharacterSet = "ISO_IR 192"
            dataset.file_meta = FileMetaDataset()
            dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
            dataset.file_meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", "")
            dataset.file_meta.MediaStorageSOPInstanceUID = uid
            dcmwrite(out, dataset, enforce_file_format=True)
            return _instance(dataset), out.getvalue()
    except Exception as error:
        raise ValueError(f"the header of instance {uid} is damaged: {error}") from error


def read_instance(header: bytes) -> Instance:
    """The instance that a header is of.

    Raises:
        ValueError: It is none of :func:`make_header`.
    """
    from pydicom import dcmread

    try:
        return _instance(dcmread(BytesIO(header)))
    except Exception as error:
        raise ValueError(f"no header of an instance: {error}") from error


def _instance(dataset: Any) -> Instance:
    tag = str(dataset.private_block(_GROUP, _CREATOR)[1].value)
    uid = str(dataset.SOPInstanceUID)
    study, series = str(dataset.StudyInstanceUID), str(dataset.SeriesInstanceUID)
    return Instance(instance_name(_whole(dataset, "InstanceNumber", 0), uid), uid, study, series, _size(dataset), tag)


def _size(dataset: Any) -> int:
    names = ("Rows", "Columns", "BitsAllocated")
    pixels = 1
    for name in names:
        pixels *= _whole(dataset, name, 0)
    for name in ("NumberOfFrames", "SamplesPerPixel"):
        pixels *= _whole(dataset, name, 1)
    return _SMALLEST + pixels // 8


def _whole(dataset: Any, name: str, default: int) -> int:
    try:
        return max(0, int(dataset.get(name)))
    except (TypeError, ValueError):
        return default
