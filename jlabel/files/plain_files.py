"""Opening files that somebody else may have put there: only regular ones, never through a link, no larger than is said.

A link, a pipe or a device in the place of a file of jlabel's own would have it write where the link leads, or wait for
ever. They are refused by name.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
# A pipe that nobody writes to is opened at once, and then refused.
_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def open_plain(path: Path, flags: int = os.O_RDONLY, mode: int = 0o666) -> int:
    """A descriptor of a regular file.

    Args:
        path: The file; what is above it is not looked at, see :func:`link_above`.
        flags: As for :func:`os.open`.
        mode: Of a file that is made.

    Raises:
        OSError: It is a link, a folder or no regular file, or the system refuses.
    """
    if not _NO_FOLLOW and is_link(path):
        raise _refused(path, "is a link, and jlabel follows none here")
    try:
        descriptor = os.open(path, flags | _NO_FOLLOW | _NO_WAIT, mode)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK) or is_link(path):
            raise _refused(path, "is a link, and jlabel follows none here") from error
        if error.errno in (errno.ENXIO, errno.ENODEV):
            raise _refused(path, "is not a regular file") from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _refused(path, "is not a regular file")
    return descriptor


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
            raise _refused(path, f"has {size} bytes, and may have {most}", errno.EFBIG)
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


def is_link(path: Path) -> bool:
    """Whether there is a symbolic link (or a junction of Windows), wherever it leads."""
    try:
        return path.is_symlink() or bool(getattr(os.path, "isjunction", lambda _: False)(path))
    except (OSError, ValueError):
        return False


def link_above(top: Path, path: Path) -> Path | None:
    """The first link on the way from a folder down to a path, the path itself included; None where there is none."""
    place = top
    for part in path.relative_to(top).parts:
        place = place / part
        if is_link(place):
            return place
    return None


def _refused(path: Path, why: str, number: int = errno.EINVAL) -> OSError:
    return OSError(number, why, str(path))
