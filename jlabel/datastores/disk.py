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
from jlabel.imaging.atomic import atomic_write

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


def link(source: Path, target: Path) -> None:
    """Give the file a second name, replacing what is there; a copy where the file system knows no links."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError as error:
        if not source.exists():
            raise
        try:
            copy(source, target)
        except DatastoreError:
            raise error from None


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
        with file.open("rb") as opened:
            os.fsync(opened.fileno())
    finally:
        entry.join()


def fingerprint(file: Path) -> tuple[os.stat_result, str]:
    """The file's state and the SHA-256 of its bytes, in hex."""
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
        return os.fstat(opened.fileno()), digest
