"""Opening files that somebody else may have put there: only regular ones, never through a link, no larger than is said.

A link, a pipe or a device in the place of a file of jlabel's own would have it write where the link leads, or wait for
ever. They are refused by name. Below ``.jlabel`` no folder on the way may be a link either, however it came there.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from jlabel.files.folder_handle import FolderHandle
from jlabel.files.links import refused, split_own
from jlabel.files.regular_files import open_regular


def open_plain(path: Path, flags: int = os.O_RDONLY, mode: int = 0o666) -> int:
    """A descriptor of a regular file.

    Args:
        path: The file. From ``.jlabel`` on no part of it may be a link; elsewhere the file itself alone.
        flags: As for :func:`os.open`.
        mode: Of a file that is made.

    Raises:
        OSError: It is a link, a folder or no regular file, or the system refuses.
    """
    if not _is_own(path):
        return open_regular(path, path, flags, mode)
    with FolderHandle.reach(path.parent) as folder:
        return folder.open(path.name, flags, mode)


def open_file(path: Path, flags: int = os.O_RDONLY, mode: int = 0o666) -> int:
    """A descriptor of a file of the user's own, whose links are followed, or of one of jlabel's.

    Args:
        path: The file; below ``.jlabel`` it is opened as :func:`open_plain` does.
        flags: As for :func:`os.open`.
        mode: Of a file that is made.

    Raises:
        OSError: The system refuses, or one below ``.jlabel`` is no regular file there.
    """
    if _is_own(path):
        return open_plain(path, flags, mode)
    return os.open(path, flags | getattr(os, "O_BINARY", 0), mode)


def read_plain(path: Path, most: int) -> bytes:
    """The bytes of a regular file.

    Args:
        path: The file.
        most: How many bytes it may have.

    Raises:
        OSError: As :func:`open_plain`, or it is larger than that.
    """
    with os.fdopen(open_plain(path), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > most:
            raise refused(path, f"has {size} bytes, and may have {most}", errno.EFBIG)
        return file.read(size)


def write_all(descriptor: int, content: bytes) -> None:
    """Write all of it, however many calls that takes.

    Raises:
        OSError: The system refuses; a part of it may be written then.
    """
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]


def is_plain(path: Path) -> bool:
    """Whether there is a regular file, and no link to one."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def _is_own(path: Path) -> bool:
    return len(split_own(path)[1]) > 1
