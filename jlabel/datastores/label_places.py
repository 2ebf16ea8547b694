"""How the kept versions of labels are named, so that their rows can be made again from the files alone."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from jlabel.datastores.safe_names import is_extension, problem_with_id
from jlabel.files.folder_handle import FolderHandle
from jlabel.imaging.file_names import split_image_name

_NAMED = re.compile(r"(?P<name>.+)\.v(?P<number>[0-9]{1,9})", re.DOTALL)
_NUMBERED = re.compile(r"\.v(?P<number>[0-9]{1,9})")
# File systems take 255 bytes; ".v", a number and the longest extension come behind the name.
_MOST_BYTES = 220


class Kept(NamedTuple):
    """What the name of a kept version says.

    Attributes:
        image_id: The image.
        number: The version.
        ext: The file's extension.
    """

    image_id: str
    number: int
    ext: str


def kept_name(image_id: str, number: int, ext: str) -> str:
    """The path of a version below the folder of its tag; for a name that leaves no room, in a folder of that name."""
    if len(image_id.rpartition("/")[2].encode()) > _MOST_BYTES:
        return f"{image_id}/.v{number}{ext}"
    return f"{image_id}.v{number}{ext}"


def parse_kept(folder: str, name: str) -> Kept | None:
    """What a file is, where :func:`kept_name` named it.

    Args:
        folder: Below the folder of its tag, "" for that.
        name: The file's name.
    """
    numbered = _NUMBERED.match(name)
    if numbered is not None and folder:
        return Kept(folder, int(numbered["number"]), name[numbered.end() :])
    stem, ext = split_image_name(name)
    named = _NAMED.fullmatch(stem)
    if named is None:
        return None
    return Kept(f"{folder}/{named['name']}" if folder else named["name"], int(named["number"]), ext)


def kept_versions(top: Path) -> Iterator[tuple[str, Kept, Path]]:
    """Every version that is kept below a folder: its tag, what its name says, its file.

    Links and whatever is no regular file are passed by.
    """
    with contextlib.ExitStack() as stack:
        try:
            opened = stack.enter_context(FolderHandle.reach(top))
        except OSError:
            return
        for parts, folder, _, names in opened.walk():
            tag, sub = (parts or ("",))[0], "/".join(parts[1:])
            if problem_with_id(tag) is not None:
                continue
            for name in names:
                kept = parse_kept(sub, name)
                if kept is not None and is_extension(kept.ext) and folder.is_plain(name):
                    yield tag, kept, folder.path / name
