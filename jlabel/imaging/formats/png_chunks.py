"""The chunks of a PNG file: their checksums, which Pillow leaves unread for the pixels, and what the header says.

What decides, by the PNG specification (https://www.w3.org/TR/png-3/): ``IHDR`` the size, the bits of a sample and the
kind of colour. A sample is kept as stored: ``gAMA``, ``cHRM``, ``iCCP`` and ``sRGB`` are for a screen, ``sBIT`` only
tells how many of the bits mean something. ``tRNS`` and alpha are left out, and of an animation (``acTL``) all
pictures but the first.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path

from jlabel.errors import ImageError

_SIGNATURE = 8
_HEADER_LENGTH = 13
_KEPT = (b"IHDR", b"sBIT", b"tRNS", b"acTL")
_KEPT_MOST = 1024
_GREY_ALPHA, _RGB_ALPHA = 4, 6


@dataclass(frozen=True)
class PngHeader:
    """What a PNG says about its samples.

    Attributes:
        depth: Bits of a sample (of an index, where there is a palette): 1, 2, 4, 8 or 16.
        colour: 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha.
    """

    depth: int
    colour: int


def check_png(path: Path, notes: dict[str, str]) -> PngHeader:
    """Verify that every chunk of a PNG is whole (PNG specification, section 5.3) and that the file has its end.

    Raises:
        ImageError: A chunk is cut short or its CRC is wrong, or the IHDR or IEND chunk is missing.
    """
    kept: dict[bytes, bytes] = {}
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
            data = file.read(length)
            if zlib.crc32(data, zlib.crc32(kind)) != int.from_bytes(file.read(4), "big"):
                raise ImageError(path, f"is damaged: the checksum of its {kind.decode('latin-1')!r} chunk is wrong")
            if kind in _KEPT:
                kept[kind] = data[:_KEPT_MOST]
    if left:
        notes["file"] = f"{left} bytes follow the end of the image and were ignored"
    start = kept.get(b"IHDR", b"")
    if len(start) != _HEADER_LENGTH:
        raise ImageError(path, "is damaged: it has no PNG header")
    header = PngHeader(start[8], start[9])
    _note_chunks(header, kept, notes)
    return header


def as_eight_bits(path: Path) -> bytes:
    """A PNG of 16-bit grey and alpha, its header changed to 8-bit RGBA: pixels of the same four bytes.

    Both have the same rows, filters and interlacing, and Pillow, which would drop half of the grey, keeps them all: red
    is the high byte of the grey and green the low one.
    """
    data = bytearray(path.read_bytes())
    first = _SIGNATURE + 4
    data[first + 4 + 8 : first + 4 + 10] = bytes([8, _RGB_ALPHA])
    end = first + 4 + _HEADER_LENGTH
    data[end : end + 4] = zlib.crc32(data[first:end]).to_bytes(4, "big")
    return bytes(data)


def _note_chunks(header: PngHeader, kept: dict[bytes, bytes], notes: dict[str, str]) -> None:
    if b"tRNS" in kept and header.colour not in (_GREY_ALPHA, _RGB_ALPHA):
        notes["transparency"] = "the transparency that the file gives to some values was left out"
    bits = sorted(set(kept.get(b"sBIT", b"")))
    if bits and bits != [header.depth] and header.colour != 3:
        notes["bits"] = (
            f"{', '.join(map(str, bits))} of {header.depth} bits are significant (sBIT); values are as stored"
        )
    pictures = int.from_bytes(kept.get(b"acTL", b"")[:4], "big")
    if pictures > 1:
        notes["frames"] = f"an animation of {pictures} pictures, of which the first is read"
