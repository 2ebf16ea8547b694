"""Image voxels on their way to the browser: the slices on screen first, then pieces that the browser pulls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging import Image

# Messages of 4 MB in four requests under way were measured as the quickest that keep the server small.
PIECE_BYTES = 4_000_000
_SHOWN = {"uint8": "uint8", "int8": "int16", "int16": "int16", "uint16": "uint16", "float32": "float32"}


def shown_dtype(image: Image) -> str:
    """The type in which the browser holds the voxels; what it cannot hold exactly becomes float32."""
    return _SHOWN.get(image.array.dtype.name, "float32")


def as_volume(array: NDArray[np.generic], ndim: int) -> NDArray[np.generic]:
    """The array with a third spatial axis of 1 where it has two."""
    return array if ndim == 3 else np.expand_dims(array, 2)


@dataclass(frozen=True)
class Piece:
    """A part of the volume that is one run of bytes in the browser: slices, or rows of one slice.

    Attributes:
        offset: Its place in the volume, in bytes.
        start: First slice along the last axis.
        stop: Slice after the last.
        rows: First and last-plus-one index along the second axis; all of them unless one slice fills several pieces.
    """

    offset: int
    start: int
    stop: int
    rows: tuple[int, int]


class VolumeStream:
    """Cuts an image into pieces of at most 4 MB, the middle of the volume first.

    Args:
        image: The image; it is not copied, only the piece that is asked for.
    """

    def __init__(self, image: Image) -> None:
        self.dtype = np.dtype(shown_dtype(image)).newbyteorder("<")
        self._volume = as_volume(image.array, image.ndim)
        self._channels = 3 if image.channels == "rgb" else 1
        self.pieces = list(self._cut())

    @property
    def total_bytes(self) -> int:
        """Bytes of the whole volume as the browser holds it."""
        return int(self._volume.size * self.dtype.itemsize)

    def read(self, piece: Piece) -> bytes:
        """The bytes of a piece."""
        part = self._volume[:, slice(*piece.rows), piece.start : piece.stop]
        return self._bytes(part)

    def slice(self, axis: int, index: int) -> bytes:
        """One slice across an axis, the two other axes in increasing order."""
        return self._bytes(self._volume[(slice(None),) * axis + (index,)])

    def _bytes(self, part: NDArray[np.generic]) -> bytes:
        if self._channels == 3:
            part = np.moveaxis(part, -1, 0)
        with np.errstate(invalid="ignore", over="ignore"):
            return part.astype(self.dtype, copy=False).tobytes(order="F")

    def _cut(self) -> Iterator[Piece]:
        nx, ny, nz = self._volume.shape[:3]
        row = nx * self._channels * self.dtype.itemsize
        slab = row * ny
        if slab > PIECE_BYTES:
            rows = max(1, PIECE_BYTES // row)
            for k in _from_middle(nz):
                for j in range(0, ny, rows):
                    yield Piece(k * slab + j * row, k, k + 1, (j, min(ny, j + rows)))
            return
        depth = max(1, PIECE_BYTES // max(1, slab))
        starts = list(range(0, nz, depth))
        for at in _from_middle(len(starts)):
            start = starts[at]
            yield Piece(start * slab, start, min(nz, start + depth), (0, ny))


def _from_middle(count: int) -> list[int]:
    """0 to count - 1, the middle first, then outward."""
    middle = count // 2
    return sorted(range(count), key=lambda index: (abs(index - middle), index))
