"""Which patient an image is of, as DICOM files say."""

from __future__ import annotations

from pathlib import Path

import pydicom
from pydicom.errors import InvalidDicomError

from jlabel.errors import ImageError
from jlabel.imaging.formats.dicom_folder import files_of
from jlabel.imaging.formats.dicom_groups import path_on_disk
from jlabel.imaging.formats.dicom_sniff import is_dicom_head

_HEAD = 4096


def patient_id(path: Path) -> str:
    """The PatientID of an image's DICOM files; "" for an image of another format, and where it says none.

    Args:
        path: As :func:`jlabel.read_image` takes it: a file, or the folder of a series.
    """
    try:
        files = sorted(files_of(path)) if path_on_disk(path).is_dir() else [path]
        for file in files:
            with file.open("rb") as opened:
                head = opened.read(_HEAD)
            if is_dicom_head(head):
                dataset = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=["PatientID"], force=True)
                return str(dataset.get("PatientID") or "").strip()
    except (OSError, InvalidDicomError, ImageError, ValueError, AttributeError):
        pass
    return ""
