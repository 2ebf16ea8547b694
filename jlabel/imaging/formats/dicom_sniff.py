"""Telling DICOM files at a glance, by their first bytes."""

from __future__ import annotations

from pathlib import Path

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
