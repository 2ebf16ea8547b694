"""The few file operations that saving needs: synced folders, links, copies, fingerprints."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from jlabel.errors import DatastoreError
from jlabel.files.atomic import atomic_write
from jlabel.files.plain_files import is_link
from jlabel.files.temporary import temporary_name

Write = Callable[[Path], None]
"""Writes a file at the path that it is given."""


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn the operating system's refusal into a :class:`DatastoreError` that begins with ``what``."""
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise DatastoreError(f"{what}: {error.strerror or error}{where}") from error


def sync_folder(folder: Path) -> None:
    """Make the folder's entries durable; a file system that cannot sync folders is left alone."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make the folder and those above it, durably."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def link(source: Path, target: Path, work: Path) -> None:
    """Give the file a second name, replacing what is there; a copy where the file system knows no links.

    Args:
        source: The file. Of a symbolic link, what it leads to is copied.
        target: Its second name.
        work: A folder of the same file system, for a copy that is not whole yet.

    Raises:
        OSError: It cannot be done; nothing is left beside the target.
    """
    target.unlink(missing_ok=True)
    if not is_link(source):
        try:
            os.link(source, target)
        except OSError as error:
            if not source.exists():
                raise
            refused: OSError | None = error
        else:
            return
    else:
        refused = None
    beside = work / temporary_name()
    try:
        stage(source, beside)
        sync_file(beside)
        beside.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise refused or error from None
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def copy(source: Path, target: Path) -> None:
    """Copy the file's bytes, atomically and durably.

    Raises:
        DatastoreError: It cannot be written.
        OSError: It cannot be read.
    """
    with source.open("rb") as file:
        atomic_write(target, lambda out: shutil.copyfileobj(file, out, 1 << 20))


def stage(source: Path, target: Path) -> None:
    """Copy the file's bytes to a new file, which whoever keeps it syncs."""
    with source.open("rb") as file, target.open("xb") as out:
        shutil.copyfileobj(file, out, 1 << 20)


def write_new(target: Path, write: Callable[[BinaryIO], None]) -> None:
    """Write a new file, which whoever keeps it syncs."""
    with target.open("xb") as out:
        write(out)


def sync(file: Path) -> None:
    """Make the file's bytes and its entry in the folder durable, both at once: the disk takes them in together."""
    entry = threading.Thread(target=sync_folder, args=(file.parent,))
    entry.start()
    try:
        sync_file(file)
    finally:
        entry.join()


def sync_file(file: Path) -> None:
    """Make the file's bytes durable."""
    with file.open("rb") as opened:
        os.fsync(opened.fileno())


def fingerprint(file: Path) -> tuple[os.stat_result, str]:
    """The file's state and the SHA-256 of its bytes, in hex."""
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
        return os.fstat(opened.fileno()), digest
