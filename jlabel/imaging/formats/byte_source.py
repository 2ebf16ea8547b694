"""The bytes of a file, plain or compressed: read once, in order, to the end, every promise of the header checked.

Libraries of the field stop reading where the voxels end, so they accept a gzip stream whose checksum is wrong; and they
allocate what the header claims before they look at how much is there.
"""

from __future__ import annotations

import bz2
import zlib
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError

Packing = Literal["none", "gzip", "zlib", "bzip2"]
GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 1 << 20
_INFLATE_MOST = 1040  # deflate packs at most 1032 bytes into one (zlib's technical notes)
_PADDING_MOST = 4096


class _Inflater(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class ByteSource:
    """Reads forward through the (unpacked) bytes of an open file.

    Args:
        path: The image that is being read, named in every error.
        file: Open for reading, standing where the bytes begin.
        size: How many bytes the file holds from there.
        packing: How they are compressed.
        subject: What errors call the file, such as ``"its data file 'x.raw' "``; empty for the image itself.
    """

    def __init__(self, path: Path, file: BinaryIO, size: int, packing: Packing = "none", subject: str = "") -> None:
        self.path = path
        self.subject = subject
        self.notes: dict[str, str] = {}
        self._file = file
        self._size = size
        self._packing = packing
        self._read = 0
        self._input = b""
        self._inflater: _Inflater | None = None if packing == "none" else _inflater(packing)

    def error(self, reason: str) -> ImageError:
        """The error to raise about these bytes."""
        return ImageError(self.path, self.subject + reason)

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes; fewer are an error."""
        parts = []
        missing = count
        while missing > 0:
            part = self._some(min(missing, _CHUNK))
            if not part:
                raise self.error(
                    f"is truncated: it ends after {self._read} bytes where its header promises at least "
                    f"{self._read + missing}"
                )
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def up_to(self, count: int) -> bytes:
        """The next ``count`` bytes, or what there is where the bytes end before."""
        found = b""
        while len(found) < count and (part := self._some(count - len(found))):
            found += part
        return found

    def skip(self, count: int) -> None:
        """Move forward without keeping anything."""
        if self._inflater is None:
            self.promise(count)
            self._file.seek(count, 1)
            self._read += count
            return
        while count > 0:
            count -= len(self.take(min(count, _CHUNK)))

    def promise(self, count: int) -> None:
        """Raise if the file cannot possibly hold ``count`` more bytes, before anything of that size is allocated."""
        if self._packing == "none" and count > self._size - self._read:
            raise self.error(
                f"is truncated, or its header lies: {count} bytes of voxels are promised and {self._size - self._read} "
                "are there"
            )
        if self._packing in ("gzip", "zlib") and count > self._size * _INFLATE_MOST:
            raise self.error(
                f"has a header that lies about its size: {self._size} compressed bytes cannot hold {count} bytes of "
                "voxels"
            )

    def voxels(self, count: int) -> NDArray[np.uint8]:
        """The next ``count`` bytes as a flat, writable array that owns its memory."""
        self.promise(count)
        if self._packing == "bzip2":  # its ratio has no useful bound, so memory is taken as the bytes arrive
            return np.frombuffer(bytearray(self.take(count)), dtype=np.uint8)
        buffer = np.empty(count, dtype=np.uint8)
        view = buffer.data
        filled = 0
        while filled < count:
            filled += self._into(view[filled : filled + 8 * _CHUNK], count - filled)
        return buffer

    def rest(self) -> bytes:
        """Everything up to the end."""
        return b"".join(iter(lambda: self._some(_CHUNK), b""))

    def finish(self, footer: bool = False) -> None:
        """Read to the very end, so that checksums are verified, and look at what follows the voxels.

        Args:
            footer: Whether the format allows anything after the voxels.

        Raises:
            ImageError: A checksum is wrong, or more bytes follow than the header promises (but for some zero padding).
        """
        surplus, blank = 0, True
        while part := self._some(_CHUNK):
            surplus += len(part)
            blank = blank and not part.strip(b"\0")
            if not footer and surplus > _PADDING_MOST:
                break
        if not surplus or footer:
            return
        if surplus > _PADDING_MOST or not blank:
            raise self.error(f"does not fit its header: bytes follow the voxels that it promises ({surplus} or more)")
        self.notes["file"] = f"{surplus} bytes of padding follow the voxels"

    def _into(self, view: memoryview, missing: int) -> int:
        if self._inflater is None:
            count = self._file.readinto(view)  # type: ignore[attr-defined]
            self._read += count
        else:
            part = self._some(min(len(view), _CHUNK))
            count = len(part)
            view[:count] = part
        if not count:
            raise self.error(f"is truncated: {missing} bytes of its voxels are missing")
        return int(count)

    def _some(self, most: int) -> bytes:
        """Up to ``most`` bytes, empty only at the end."""
        plain = self._inflater is None
        part = self._file.read(min(most, self._size - self._read)) if plain else self._unpacked(most)
        self._read += len(part)
        return part

    def _unpacked(self, most: int) -> bytes:
        while True:
            assert self._inflater is not None
            if self._inflater.eof:
                if not self._next_member():
                    return b""
                continue
            data = self._input or self._file.read(_CHUNK)
            ended = not data and getattr(self._inflater, "needs_input", True)
            try:
                part = self._inflater.decompress(data, most)
            except (zlib.error, OSError) as error:
                raise self.error(f"is damaged: its {self._packing} data cannot be unpacked ({error})") from error
            # zlib hands back what it did not use; bzip2 keeps it inside.
            self._input = getattr(self._inflater, "unconsumed_tail", b"")
            if part:
                return part
            if ended and not self._inflater.eof:
                raise self.error(f"is truncated: its {self._packing} data stops in the middle")

    def _next_member(self) -> bool:
        assert self._inflater is not None
        rest = self._inflater.unused_data or self._file.read(_CHUNK)
        if self._packing == "gzip" and rest[:1] == GZIP_MAGIC[:1]:
            rest += self._file.read(1) if len(rest) == 1 else b""
            if rest.startswith(GZIP_MAGIC):
                self._inflater, self._input = _inflater(self._packing), rest
                return True
        elif self._packing == "bzip2" and rest.startswith(b"BZh"):
            self._inflater, self._input = _inflater(self._packing), rest
            return True
        if rest.strip(b"\0"):
            self.notes["file"] = f"something that is no {self._packing} data follows the image and was ignored"
        return False


def _inflater(packing: Packing) -> _Inflater:
    if packing == "bzip2":
        return bz2.BZ2Decompressor()
    # +16 asks for gzip with its checksum and length verified, +32 for zlib or gzip by what is there.
    return zlib.decompressobj(zlib.MAX_WBITS + (16 if packing == "gzip" else 32))
