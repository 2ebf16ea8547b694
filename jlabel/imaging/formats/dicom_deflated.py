"""DICOM that is compressed as a whole (Deflated Explicit VR): unpacked no further than is sensible.

A library unpacks all of it, and makes an object of every element, before it looks at any: a megabyte may become a
gigabyte, and take minutes.
"""

from __future__ import annotations

import zlib
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from jlabel.imaging.formats.dicom_elements import (
    HEAD_BYTES,
    MOST_ELEMENTS,
    UNDEFINED,
    CountedWindow,
    Window,
    file_meta,
    next_element,
    past_items,
)

#: The transfer syntax.
DEFLATED = "1.2.840.10008.1.2.1.99"
# Blank slices are packed a thousand to one; the rest of what is there ten to one at most.
_MOST_BYTES, _MOST_RATIO = 256 * 1024**2, 40
_MOST_STEPS = 1_000_000
_PIXELS = 0x7FE00008


def unpacked(file: BinaryIO, most: int) -> bytes:
    """The first ``most`` bytes of what a stream unpacks to, from where it stands.

    Raises:
        ValueError: It cannot be unpacked.
    """
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    parts, left = [], most
    try:
        while left and not inflater.eof:
            packed = inflater.unconsumed_tail or file.read(1 << 16)
            part = inflater.decompress(packed, left)
            if not packed and not part:
                break
            parts.append(part)
            left -= len(part)
    except zlib.error as error:
        raise ValueError(f"it cannot be unpacked ({error})") from error
    return b"".join(parts)


def check_deflated(path: Path) -> None:
    """Refuse a compressed file that unpacks to more than an image; any other is left alone.

    Raises:
        ValueError: It does, or cannot be unpacked.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        window = Window(file, file.read(HEAD_BYTES))
        try:
            syntax, _, place = file_meta(window, 132) if window.data[128:132] == b"DICM" else ("", "", 0)
            if syntax != DEFLATED:
                return
            file.seek(place)
            most = _MOST_BYTES + _MOST_RATIO * path.stat().st_size
            content = unpacked(file, most + 1)
            if len(content) > most:
                raise ValueError(f"it unpacks to more than {most} bytes")
            _check_elements(CountedWindow(BytesIO(content), content, _MOST_STEPS))
        except IndexError as error:
            raise ValueError("it ends before its pixels do") from error


def _check_elements(window: Window) -> None:
    place = 0
    for _ in range(MOST_ELEMENTS):
        tag, kind, length, place = next_element(window, place, False, "<")
        if tag >= _PIXELS:
            return
        place = past_items(window, place, kind == b"UN", "<", 0) if length == UNDEFINED else place + length
    raise ValueError(f"it has more than {MOST_ELEMENTS} elements before its pixels")
