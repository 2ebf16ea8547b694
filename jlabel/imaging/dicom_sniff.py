"""Telling DICOM files and folders at a glance, without reading their pixels."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from jlabel.imaging.names import is_image_name

_LOOK_AT = 8
_VALUE_KINDS = {b"AE", b"CS", b"DA", b"LO", b"OB", b"SH", b"TM", b"UI", b"UL", b"US"}


def is_dicom_head(head: bytes) -> bool:
    """Whether bytes from the start of a file (132 or more) are DICOM's, with its preamble or without one."""
    if head[128:132] == b"DICM":
        return True
    group, element = int.from_bytes(head[:2], "little"), int.from_bytes(head[2:4], "little")
    if len(head) < 132 or group not in (0x0002, 0x0008) or element > 0x0070:
        return False
    return head[4:6] in _VALUE_KINDS or int.from_bytes(head[4:8], "little") <= 128


def is_dicom(path: Path) -> bool:
    """Whether a file's first bytes are DICOM's; False where it cannot be read."""
    try:
        with path.open("rb") as file:
            return is_dicom_head(file.read(132))
    except OSError:
        return False


def is_dicom_folder(path: Path | str) -> bool:
    """Whether a folder is to be taken as one image, a DICOM series: the first files looked at decide (at most 8).

    Files of another image format among them say no; hidden files and subfolders say nothing. DICOM files that are
    pictures of their own say no too: they have no position in the patient, or each is of another series.
    """
    series: list[str | None] = []
    try:
        for file in _first_files(Path(path)):
            if is_image_name(file.name) and not file.name.lower().endswith(".dcm"):
                return False
            if is_dicom(file):
                series.append(_series_with_position(file))
                if len(series) != len(set(series)):
                    return series[-1] is not None
    except OSError:
        return False
    return len(series) == 1 and series[0] is not None


def _first_files(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        files = (e for e in entries if not e.name.startswith(".") and e.name != "DICOMDIR" and e.is_file())
        for entry in islice(files, _LOOK_AT):
            yield Path(entry.path)


def _series_with_position(file: Path) -> str | None:
    """The series of a file that lies somewhere in the patient; None where it does not."""
    from pydicom import dcmread

    try:
        tags = ["SeriesInstanceUID", "ImagePositionPatient"]
        dataset = dcmread(file, stop_before_pixels=True, force=True, specific_tags=tags)
        return str(dataset.get("SeriesInstanceUID", "")) if dataset.get("ImagePositionPatient") else None
    except Exception:  # noqa: BLE001 - pydicom raises many kinds; what is wrong with the file is said when it is opened
        return ""
