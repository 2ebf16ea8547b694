"""Locks that a process holds as long as it lives, and no longer: however it ends, the system gives them back."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import ModuleType

from jlabel.errors import JobError
from jlabel.files.plain_files import open_plain


def take_lock(file: Path, patience: float = 0.0) -> int | None:
    """An open descriptor that holds the lock, or None where another process holds it for longer than ``patience`` s.

    The lock belongs to the descriptor: a child that inherits it holds it too. It is given back when all are closed.

    Raises:
        JobError: The file cannot be made, or its file system (or Windows) knows no locks.
    """
    fcntl = _fcntl()
    deadline = time.monotonic() + patience
    try:
        descriptor = open_plain(file, os.O_RDWR | os.O_CREAT)
    except OSError as error:
        raise JobError(f"{file}: the job's lock cannot be made: {error.strerror}") from error
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                os.close(descriptor)
                return None
            time.sleep(0.01)
        except OSError as error:
            os.close(descriptor)
            raise JobError(f"{file}: this file system knows no locks, and jobs need them: {error.strerror}") from error
        else:
            return descriptor


def _fcntl() -> ModuleType:
    try:
        import fcntl
    except ImportError as error:
        raise JobError("background jobs need Linux or macOS: this system has no file locks of that kind") from error
    return fcntl
