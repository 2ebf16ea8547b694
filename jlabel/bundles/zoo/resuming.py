"""A file from a server, begun where a download before it ended, and taken only if its checksum is right."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import http.client
import os
import re
import shutil
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path

from jlabel.bundles.zoo import web
from jlabel.errors import JlabelError
from jlabel.files.plain_files import write_all

PIECE = 1 << 20
_HASHES = {32: "md5", 40: "sha1", 64: "sha256"}
_RANGE = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)")
#: How often a download that broke off is gone on with by itself, as long as each time something came.
_TRIES = 5

Report = Callable[[int, int | None], None]


def download_file(address: str, part: Path, checksum: str, report: Report) -> None:
    """Download into a file, going on with what is in it.

    Args:
        address: Where it lies.
        part: The file. Whatever happens, what has come stays in it, except where its checksum is wrong.
        checksum: In hexadecimal digits, MD5, SHA-1 or SHA-256; ``""`` if there is none.
        report: Called with the bytes that are there, and how many there will be if that is known.

    Raises:
        Unreachable: The connection broke off, and again where it had ended before.
        JlabelError: The server refuses, the disk is full, or the checksum is wrong.
    """
    with _one_at_a_time(part) as file:
        begun_before = file.seek(0, os.SEEK_END) > 0
        _fill(address, file, report)
        if checksum and _digest(file, checksum) != checksum and begun_before:
            # What was there may have been of another file: once more, from its beginning.
            file.truncate(0)
            _fill(address, file, report)
        if checksum and _digest(file, checksum) != checksum:
            file.truncate(0)
            raise JlabelError(
                f"{address} is not what the index of the zoo says: its {_HASHES[len(checksum)].upper()} is "
                f"another one than {checksum}. It was removed; try again, and tell the zoo if it happens again"
            )


@contextlib.contextmanager
def _one_at_a_time(part: Path) -> Iterator[FileIO]:
    try:
        # Unbuffered: what could not be written is not tried again when the file is closed.
        file = part.open("a+b", buffering=0)
    except OSError as error:
        raise JlabelError(f"{part} cannot be written: {error.strerror}") from error
    with file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:
            pass  # no locks of that kind on this system: the checksum tells if two wrote at once
        except OSError as error:
            raise JlabelError(f"{part.name} is being downloaded by another process: wait for it") from error
        yield file


def _fill(address: str, file: FileIO, report: Report) -> None:
    for left in reversed(range(_TRIES)):
        before = file.seek(0, os.SEEK_END)
        try:
            return _go_on(address, file, report)
        except web.Unreachable:
            if not left or file.seek(0, os.SEEK_END) <= before:
                raise
    raise AssertionError("the last try returns or raises")


def _go_on(address: str, file: FileIO, report: Report) -> None:
    """One request for what is not there yet."""
    have = file.seek(0, os.SEEK_END)
    try:
        response = web.ask(address, headers={"Range": f"bytes={have}-"} if have else {})
    except web.Refused as refused:
        if refused.status == 416 and have:
            return  # there is nothing beyond what is there: the checksum tells whether it is right
        raise
    try:
        found = _RANGE.fullmatch(response.headers.get("Content-Range", "")) if response.status == 206 else None
        if have and (found is None or int(found[1]) != have):
            file.truncate(0)
            have = 0
            if response.status == 206:
                raise JlabelError(f"{address}: the server sends another part of the file than was asked for")
        _write(address, response, file, have, report)
    finally:
        response.close()


def _write(address: str, response: web.Response, file: FileIO, have: int, report: Report) -> None:
    said = response.headers.get("Content-Length", "")
    total = have + int(said) if said.isdigit() else None
    _check_space(file, have, total)
    report(have, total)
    while True:
        try:
            piece = response.read(PIECE)
        except (OSError, http.client.HTTPException) as error:
            raise web.Unreachable(f"{address}: the connection broke off after {have:,} bytes: {error}") from error
        if not piece:
            break
        try:
            write_all(file.fileno(), piece)
        except OSError as error:
            raise _cannot_write(file, error) from error
        have += len(piece)
        report(have, total)
    if total is not None and have < total:
        raise web.Unreachable(f"{address}: the connection broke off after {have:,} of {total:,} bytes")


def _check_space(file: FileIO, have: int, total: int | None) -> None:
    free = shutil.disk_usage(Path(file.name).parent).free
    if total is not None and total - have > free:
        folder = Path(file.name).parent
        raise JlabelError(f"{folder} has {free:,} bytes free, and {total - have:,} are to come: choose another --to")


def _cannot_write(file: FileIO, error: OSError) -> JlabelError:
    if error.errno == errno.ENOSPC:
        return JlabelError(f"the disk is full; what has come stays in {file.name}: make room and go on, or remove it")
    return JlabelError(f"{file.name} cannot be written: {error.strerror or error}")


def _digest(file: FileIO, checksum: str) -> str:
    digest = hashlib.new(_HASHES[len(checksum)], usedforsecurity=False)
    file.seek(0)
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()
