"""Streaming a part of an object of S3 to a file, by an address that is signed for it.

The client of S3 that fsspec uses takes twice the time for a large object: each piece goes through its event loop. Here
the system's socket is read into a buffer, and that is written. What goes wrong is left to the client, which knows why.
"""

from __future__ import annotations

import os
import urllib.request
from http.client import HTTPException

_BUFFER = 1 << 20
_WHOLE, _PARTIAL = 200, 206
_PATIENCE = 30.0  # seconds for the next bytes


class StreamFailed(Exception):
    """The part did not come, or not as a whole."""


def stream_part(address: str, tag: str, size: int, descriptor: int, start: int, end: int) -> None:
    """Write the bytes from ``start`` to ``end`` of an object to the same places of an open file.

    Args:
        address: The signed URL of the object; it is shown to nobody.
        tag: Of the object, which another one in its place does not have.
        size: Of the object, in bytes.
        descriptor: Of the file.
        start: The first byte.
        end: The one behind the last.

    Raises:
        StreamFailed: They did not come.
        OSError: They cannot be written.
    """
    if not address.startswith(("http://", "https://")):
        raise StreamFailed
    whole = (start, end) == (0, size)
    headers = {"Accept-Encoding": "identity", **({} if whole else {"Range": f"bytes={start}-{end - 1}"})}
    if tag:
        headers["If-Match"] = tag
    buffer = memoryview(bytearray(min(_BUFFER, end - start)))
    try:
        answer = urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=_PATIENCE)
    except (OSError, HTTPException, ValueError):
        raise StreamFailed from None
    with answer:
        if answer.status != (_WHOLE if whole else _PARTIAL) or answer.headers.get("Content-Length") != str(end - start):
            raise StreamFailed
        place = start
        while place < end:
            try:
                count = answer.readinto(buffer[: min(len(buffer), end - place)])
            except (OSError, HTTPException, ValueError):
                raise StreamFailed from None
            if not count:
                raise StreamFailed
            write_at(descriptor, buffer[:count], place)
            place += count


def write_at(descriptor: int, data: bytes | memoryview, start: int) -> None:
    """Write all of some bytes at a place of a file."""
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, start)
        view, start = view[written:], start + written
