"""Whether other processes have a folder open: each holds a shared lock for as long as it does, however it ends."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path

from jlabel.files.plain_files import open_plain, write_all

if sys.platform != "win32":
    import fcntl

_CAME, _WENT = b"+", b"-"
_MOST_MARKS = 1024**2
_PATIENCE = 10.0  # seconds that another process may take to look through the folder


def is_locked(file: Path) -> bool | None:
    """Whether a living process holds the lock of a file for itself alone.

    None where nobody can tell: there is no such file, it may not be opened, or the system or the file system knows no
    locks.
    """
    try:
        descriptor = open_plain(file)
    except OSError:
        return None
    try:
        if sys.platform == "win32":
            return None
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return False


class Presence:
    """This process in a folder, from :meth:`enter` to :meth:`leave`.

    Attributes:
        alone: Whether nobody else was there at first: until :meth:`stay` nobody comes in either. Never so where the
            system or the file system knows no locks.
        unclean: Whether somebody who was there was killed, or that is not known; where one is alone.
    """

    def __init__(self) -> None:
        self.alone = False
        self.unclean = True
        self._descriptor: int | None = None

    def enter(self, file: Path) -> None:
        """Come in.

        Args:
            file: The lock's file; made where there is none.

        Raises:
            OSError: It cannot be made, or something else is in its place.
        """
        self._descriptor = open_plain(file, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        if sys.platform == "win32":
            return
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._share()
        else:
            self.alone = True
            # A mark of everybody who came and one of everybody who went; an empty file is new, or of before.
            marks = os.pread(self._descriptor, _MOST_MARKS, 0)
            self.unclean = not marks or marks.count(_CAME) != marks.count(_WENT)
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, 0)
        self._mark(_CAME)

    def stay(self) -> None:
        """Let others in."""
        if self.alone:
            self.alone = False
            self._share()

    def leave(self) -> None:
        """Go, and say so."""
        if self._descriptor is not None:
            self._mark(_WENT)
            os.close(self._descriptor)
            self._descriptor = None

    def _mark(self, mark: bytes) -> None:
        assert self._descriptor is not None
        with contextlib.suppress(OSError):
            write_all(self._descriptor, mark)

    def _share(self) -> None:
        if sys.platform == "win32" or self._descriptor is None:
            return
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    return
                time.sleep(0.01)
            except OSError:
                return
            else:
                return
