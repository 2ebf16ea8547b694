"""The few file operations that saving needs: links, copies, synced files, fingerprints."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from jlabel.errors import DatastoreError
from jlabel.files.atomic import atomic_write
from jlabel.files.file_operations import sync_folder
from jlabel.files.folder_handle import FolderHandle
from jlabel.files.plain_files import open_file
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


def link(source: Path, target: Path, work: Path) -> None:
    """Give the file a second name, replacing what is there; a copy where the file system knows no links.

    Args:
        source: The file. Of a symbolic link, what it leads to is copied.
        target: Its second name.
        work: A folder of the same file system, for a copy that is not whole yet.

    Raises:
        OSError: It cannot be done; nothing is left beside the target.
    """
    with FolderHandle.reach(target.parent) as into:
        into.unlink(target.name, missing_ok=True)
        refused: OSError | None = None
        with FolderHandle.reach(source.parent) as folder:
            if not stat.S_ISLNK(folder.lstat(source.name).st_mode):
                try:
                    folder.link(source.name, target.name, into)
                except OSError as error:
                    if not folder.exists(source.name):
                        raise
                    refused = error
                else:
                    return
        try:
            _copied(source, into, target.name, work)
        except OSError as error:
            raise refused or error from None


def _copied(source: Path, into: FolderHandle, name: str, work: Path) -> None:
    with FolderHandle.reach(work) as folder:
        beside = temporary_name()
        try:
            stage(source, work / beside)
            sync_file(work / beside)
            folder.replace(beside, name, into)
            into.sync()
        finally:
            with contextlib.suppress(OSError):
                folder.unlink(beside, missing_ok=True)


def copy(source: Path, target: Path) -> None:
    """Copy the file's bytes, atomically and durably.

    Raises:
        DatastoreError: It cannot be written.
        OSError: It cannot be read.
    """
    with _opened(source) as file:
        atomic_write(target, lambda out: shutil.copyfileobj(file, out, 1 << 20))


def stage(source: Path, target: Path) -> None:
    """Copy the file's bytes to a new file, which whoever keeps it syncs."""
    write_new(target, lambda out: copy_bytes(source, out))


def copy_bytes(source: Path, out: BinaryIO) -> None:
    """Copy the file's bytes to an open one."""
    with _opened(source) as file:
        shutil.copyfileobj(file, out, 1 << 20)


def write_new(target: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a new file, which whoever keeps it syncs."""
    with os.fdopen(open_file(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as out:
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
    with _opened(file) as opened:
        os.fsync(opened.fileno())


def fingerprint(file: Path) -> tuple[os.stat_result, str]:
    """The file's state and the SHA-256 of its bytes, in hex."""
    with _opened(file) as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
        return os.fstat(opened.fileno()), digest


def _opened(file: Path) -> BufferedReader:
    """The file, open to read: a link to it is followed, where it is none of jlabel's own."""
    return os.fdopen(open_file(file), "rb")
