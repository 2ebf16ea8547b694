"""The checksums of a PNG file, which Pillow leaves unread for the pixels."""

from __future__ import annotations

import zlib
from pathlib import Path

from jlabel.errors import ImageError

_SIGNATURE = 8


def check_png(path: Path, notes: dict[str, str]) -> None:
    """Verify that every chunk of a PNG is whole (PNG specification, section 5.3) and that the file has its end.

    Raises:
        ImageError: A chunk is cut short or its CRC is wrong, or the IEND chunk is missing.
    """
    with path.open("rb") as file:
        left = path.stat().st_size - _SIGNATURE
        file.seek(_SIGNATURE)
        kind = b""
        while kind != b"IEND":
            head = file.read(8)
            length, kind = int.from_bytes(head[:4], "big"), head[4:]
            left -= 12 + length
            if len(head) < 8 or left < 0:
                raise ImageError(path, "is truncated: the end of the PNG is missing")
            checksum = zlib.crc32(file.read(length), zlib.crc32(kind))
            if checksum != int.from_bytes(file.read(4), "big"):
                raise ImageError(path, f"is damaged: the checksum of its {kind.decode('latin-1')!r} chunk is wrong")
    if left:
        notes["file"] = f"{left} bytes follow the end of the image and were ignored"
