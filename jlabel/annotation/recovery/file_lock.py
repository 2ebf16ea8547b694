"""Whose a draft is: the labeler that writes its file holds a lock on it, which its end frees, however it ends.

The lock is the system's (flock), on the file that the draft's path leads to at that moment. Where a system or a file
system has no such locks every draft counts as left behind, as it was before there were locks.
"""

from __future__ import annotations

import errno
import getpass
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from jlabel.files.plain_files import open_plain

if sys.platform != "win32":
    import fcntl

#: Whether a file can be renamed and removed while it is open, as holding a lock on it needs.
HOLDS_OPEN = os.name == "posix"

_HELD_BY_OTHERS = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES}
_MOST_TRIES = 5


@dataclass(frozen=True)
class Owner:
    """Who has a draft.

    Attributes:
        who: The login name.
        host: The machine.
        pid: The process.
        since: When the draft was begun (UTC).
    """

    who: str
    host: str
    pid: int
    since: datetime

    @classmethod
    def here(cls) -> Owner:
        """This process, now."""
        try:
            who = getpass.getuser()
        except (KeyError, OSError, ImportError):
            who = ""
        return cls(who, socket.gethostname(), os.getpid(), datetime.now(UTC))

    def to_json(self) -> dict[str, Any]:
        """For the journal."""
        return {"who": self.who, "host": self.host, "pid": self.pid, "since": self.since.isoformat(timespec="seconds")}

    @classmethod
    def from_json(cls, data: Any) -> Owner | None:
        """What :meth:`to_json` wrote; None for anything else."""
        if not isinstance(data, Mapping):
            return None
        try:
            since = datetime.fromisoformat(str(data["since"]))
            return cls(str(data["who"])[:100], str(data["host"])[:100], int(data["pid"]), since)
        except (KeyError, TypeError, ValueError, OverflowError):
            return None


def lock(handle: BinaryIO) -> bool:
    """Lock an open file for this handle; False where somebody else holds it."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # A file system without locks (ENOLCK, ENOTSUP) must not stop the labeling.
        return error.errno not in _HELD_BY_OTHERS
    return True


def open_locked(file: Path) -> BinaryIO | None:
    """Open a draft that was left behind, locked; None where its labeler lives.

    Raises:
        OSError: It is gone, cannot be read, or is no regular file.
    """
    for _ in range(_MOST_TRIES):
        handle = os.fdopen(open_plain(file), "rb")
        try:
            if not lock(handle):
                handle.close()
                return None
            # Whoever held it may have put another file in its place meanwhile.
            if _is_at(handle, file):
                return handle
        except BaseException:
            handle.close()
            raise
        handle.close()
    return None


def _is_at(handle: BinaryIO, file: Path) -> bool:
    opened, there = os.fstat(handle.fileno()), file.lstat()
    return (opened.st_dev, opened.st_ino) == (there.st_dev, there.st_ino)
