"""Which names may be ids and tags, and which paths may be written: nothing outside the studies folder."""

from __future__ import annotations

import os
from pathlib import Path

from jlabel.errors import DatastoreError


def problem_with_id(image_id: str) -> str | None:
    """Why a text cannot be an image id (a relative path with ``/``), as a clause; None where it can."""
    if not isinstance(image_id, str) or not image_id:
        return "is not a text"
    if "\0" in image_id or "\\" in image_id:
        return "holds a backslash or a NUL character"
    try:
        image_id.encode()
    except UnicodeEncodeError:
        return "is not valid unicode"
    parts = image_id.split("/")
    if any(part in ("", "..") or part.startswith(".") for part in parts):
        return (
            "is not a plain path inside the studies folder (no leading or double slash, no name that starts with a dot)"
        )
    return None


def check_image_id(image_id: str) -> str:
    """The id, if it is safe.

    Raises:
        DatastoreError: It could reach outside the studies folder, or into hidden files.
    """
    problem = problem_with_id(image_id)
    if problem is not None:
        raise DatastoreError(f"{image_id!r} cannot be an image id: it {problem}")
    return image_id


def check_tag(tag: str) -> str:
    """The tag, if it is one safe name for a folder.

    Raises:
        DatastoreError: It is not.
    """
    if problem_with_id(tag) is not None or "/" in tag or len(tag) > 100:
        raise DatastoreError(f"{tag!r} cannot be a label tag: use a short name without slashes that starts with no dot")
    return tag


def check_writable_place(root: Path, path: Path) -> None:
    """Refuse to write to a path that symbolic links lead out of the studies folder.

    Raises:
        DatastoreError: The folder of ``path`` is really somewhere else.
    """
    real_root = os.path.realpath(root)
    real = os.path.realpath(path.parent)
    if os.path.commonpath([real_root, real]) != real_root:
        raise DatastoreError(
            f"{path.parent} leads to {real}, outside the studies folder {root}: nothing is written there"
        )
