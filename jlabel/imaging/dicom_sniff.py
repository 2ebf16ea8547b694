"""Telling DICOM files and folders at a glance, without reading them."""

from __future__ import annotations

import os
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

    Files of another image format among them say no; hidden files and subfolders say nothing.
    """
    found = looked = 0
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.name == "DICOMDIR" or not entry.is_file():
                    continue
                if is_image_name(entry.name) and not entry.name.lower().endswith(".dcm"):
                    return False
                found += is_dicom(Path(entry.path))
                looked += 1
                if found or looked >= _LOOK_AT:
                    break
    except OSError:
        return False
    return found > 0
