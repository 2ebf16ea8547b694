"""Files that are either the old one or the new one, whatever happens while they are written."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from jlabel.errors import DatastoreError
from jlabel.files.folder_handle import FolderHandle
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
    try:
        with FolderHandle.reach(path.parent) as folder:
            _write_beside(folder, path.name, write)
            folder.sync()
    except OSError as error:
        reason = error.strerror or str(error)
        raise DatastoreError(f"{path} could not be written: {reason}. What was there before is unchanged.") from error


def _write_beside(folder: FolderHandle, name: str, write: Callable[[BinaryIO], object]) -> None:
    # Not tempfile: its files are private to one user (mode 0600), and a label belongs to the whole team's umask.
    beside = temporary_name()
    try:
        with os.fdopen(folder.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        folder.replace(beside, name)
    except BaseException:
        with contextlib.suppress(OSError):
            folder.unlink(beside, missing_ok=True)
        raise
