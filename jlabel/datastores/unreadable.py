"""What is noted of an image that cannot be read, or whose final label cannot be shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jlabel.imaging.formats.dicom_groups import path_on_disk

#: Why the image's file cannot be read, and which file that was.
UNREADABLE_KEY = "unreadable"
#: Which version of its final label cannot be shown.
UNSHOWN_KEY = "unshown_label"


def unreadable_note(path: Path, problem: str) -> dict[str, Any]:
    """What is noted under :data:`UNREADABLE_KEY`.

    Raises:
        OSError: The file is gone.
    """
    return {"problem": problem, "file": _stamp(path)}


def is_another_file(note: Any, path: Path) -> bool:
    """Whether the file is not the one any more that could not be read; False where it is gone."""
    try:
        stamp = _stamp(path)
    except OSError:
        return False
    return not isinstance(note, Mapping) or note.get("file") != stamp


def _stamp(path: Path) -> list[int]:
    state = path_on_disk(path).stat()
    return [state.st_mtime_ns, state.st_size]
