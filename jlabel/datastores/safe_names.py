"""Which names may be ids and tags, and which paths may be written: nothing outside the studies folder."""

from __future__ import annotations

import os
import re
from pathlib import Path

from jlabel.errors import DatastoreError
from jlabel.files.links import link_above, link_refusal

_EXTENSION = re.compile(r"(\.[A-Za-z0-9_+-]{1,16}){0,3}")


def problem_with_id(image_id: str) -> str | None:
    """Why a text cannot be an image id (a relative path with ``/``), as a clause; None where it can."""
    if not isinstance(image_id, str) or not image_id:
        return "is not a text"
    if "\0" in image_id or "\\" in image_id:
        return "holds a backslash or a NUL character"
    if not is_unicode(image_id):
        return "is not valid unicode"
    parts = image_id.split("/")
    if any(part in ("", "..") or part.startswith(".") for part in parts):
        return (
            "is not a plain path inside the studies folder (no leading or double slash, no name that starts with a dot)"
        )
    return None


def is_unicode(text: str) -> bool:
    """Whether a text can be kept: half of a pair of surrogates is no letter."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_text(text: object, what: str) -> str:
    """The text, if it can be kept.

    Raises:
        DatastoreError: It is none, or no valid unicode.
    """
    if not isinstance(text, str) or not is_unicode(text):
        raise DatastoreError(f"{what} is a text of valid unicode, not {text!r:.100}")
    return text


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


def is_extension(text: object) -> bool:
    """Whether a text can be the extension of an image or label: with it, a safe id is a safe path."""
    return isinstance(text, str) and _EXTENSION.fullmatch(text) is not None


def check_own_place(root: Path, path: Path) -> None:
    """Refuse a path of jlabel's own files, below ``.jlabel``, that a link is a part of, wherever the link leads.

    Raises:
        DatastoreError: There is one; it is named.
    """
    link = link_above(root, path)
    if link is not None:
        raise DatastoreError(link_refusal(link))


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
