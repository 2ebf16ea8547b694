"""Files that are either the old one or the new one, whatever happens while they are written."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from jlabel.errors import DatastoreError
from jlabel.files.temporary import temporary_name


def atomic_write(path: Path | str, write: Callable[[BinaryIO], object]) -> None:
    """Write a file so that a reader, a crash or a full disk never meets half of it.

    The bytes go to a hidden file beside it (``.jlabel-….tmp``), are synced, and the file is renamed over ``path``; then
    the folder is synced too, so that the new file is still there after a power cut.

    Args:
        path: The file to make or replace. Its folder must exist.
        write: Writes the contents to the open binary file that it is given.

    Raises:
        DatastoreError: The operating system refused (disk full, no permission, no such folder). The file of before is
            untouched and nothing is left beside it. Whatever else ``write`` raises passes through, as clean.
    """
    path = Path(path)
    beside = path.parent / temporary_name()
    try:
        try:
            with _create(beside) as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        reason = error.strerror or str(error)
        raise DatastoreError(f"{path} could not be written: {reason}. What was there before is unchanged.") from error


def _create(path: Path) -> BinaryIO:
    # Not tempfile: its files are private to one user (mode 0600), and a label belongs to the whole team's umask.
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666), "wb")


def _sync_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # Some network file systems cannot sync a folder; the rename itself has already succeeded.
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
