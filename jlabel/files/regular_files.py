"""Opening a regular file and nothing else: no link, no pipe that nobody writes to, no device."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from jlabel.files.links import is_link, refused

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
# A pipe that nobody writes to is opened at once, and then refused.
_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def open_regular(place: str | Path, path: Path, flags: int, mode: int = 0o666, within: int | None = None) -> int:
    """A descriptor of a regular file.

    Args:
        place: The file, for the system.
        path: The whole path, to name it by.
        flags: As for :func:`os.open`.
        mode: Of a file that is made.
        within: The descriptor of the folder that ``place`` is relative to.

    Raises:
        OSError: It is a link, a folder or no regular file, or the system refuses.
    """
    if not _NO_FOLLOW and is_link(path):
        raise refused(path)
    try:
        descriptor = os.open(place, flags | _NO_FOLLOW | _NO_WAIT, mode, dir_fd=within)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK) or (within is None and is_link(path)):
            raise refused(path) from error
        if error.errno in (errno.ENXIO, errno.ENODEV):
            raise refused(path, "is not a regular file") from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise refused(path, "is not a regular file")
    return descriptor
