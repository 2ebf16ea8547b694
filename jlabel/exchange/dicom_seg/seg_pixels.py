"""The pixels of one frame of a SEG, ``(i, j)``: ``i`` counts columns, ``j`` rows.

What decides (PS3.3 C.8.20.2, PS3.5 8.1.1 and A.4.13): BitsAllocated is 1 for a binary segmentation, whose frames follow
each other without a gap between their bits, the lowest bit of a byte first. Deflated image frames are unpacked here,
other compressed ones by pydicom's decoders.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError
from jlabel.imaging.formats.dicom_objects import big_endian
from jlabel.imaging.formats.dicom_pixels import frame_count, frame_pixels

_DEFLATED_FRAMES = "1.2.840.10008.1.2.8.1"
_MOST_SIDE = 1 << 16


class SegPixels:
    """The frames of a SEG, decoded one at a time.

    Args:
        path: The file, named in errors.
        dataset: The SEG.

    Raises:
        ImageError: It has no pixels, or its header promises others than there are.
    """

    def __init__(self, path: Path, dataset: Any) -> None:
        self._path, self._dataset = path, dataset
        if "PixelData" not in dataset:
            raise ImageError(path, "has no pixel data: it is truncated, or was written without its frames")
        self.count = frame_count(path, dataset)
        self.rows, self.columns = int(dataset.get("Rows") or 0), int(dataset.get("Columns") or 0)
        self._bits = int(dataset.get("BitsAllocated") or 0)
        if not (0 < self.rows < _MOST_SIDE and 0 < self.columns < _MOST_SIDE) or self._bits not in (1, 8, 16):
            raise ImageError(path, f"is damaged: it has {self.columns} columns, {self.rows} rows of {self._bits} bits")
        syntax = getattr(dataset.file_meta, "TransferSyntaxUID", None)
        self._deflated = str(syntax) == _DEFLATED_FRAMES
        self._native = not self._deflated and (syntax is None or not syntax.is_encapsulated)
        promised = (self.rows * self.columns * self.count * self._bits + 7) // 8
        held = len(dataset.PixelData or b"")
        if self._native and held < promised:
            raise ImageError(path, f"is truncated: {held} bytes of pixels where its header promises {promised}")

    def frame(self, index: int) -> NDArray[Any]:
        """The values of a frame, as stored: whole numbers.

        Raises:
            ImageError: They cannot be decoded.
        """
        if self._deflated:
            return self._inflated(index)
        if self._bits == 1 and self._native:
            raw = np.frombuffer(self._dataset.PixelData, np.uint8)
            if big_endian(self._dataset) and self._dataset["PixelData"].VR == "OW":
                raw = raw[: len(raw) // 2 * 2].reshape(-1, 2)[:, ::-1].ravel()
            return self._of_bits(raw, index * self.rows * self.columns)
        meaning = self._dataset.get("PhotometricInterpretation")
        # The values are numbers of segments; a palette only says how to show them.
        self._dataset.PhotometricInterpretation = "MONOCHROME2"
        try:
            return frame_pixels(self._path, self._dataset, index, {})
        finally:
            self._dataset.PhotometricInterpretation = meaning

    def _inflated(self, index: int) -> NDArray[Any]:
        from pydicom.encaps import get_frame

        size = (self.rows * self.columns * self._bits + 7) // 8
        try:
            packed = get_frame(self._dataset.PixelData, index, number_of_frames=self.count)
            raw = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, size)
        except (zlib.error, ValueError) as error:
            raise ImageError(self._path, f"is damaged: its frame {index + 1} cannot be unpacked: {error}") from error
        if len(raw) < size:
            raise ImageError(self._path, f"is truncated: its frame {index + 1} ends too early")
        if self._bits == 1:
            return self._of_bits(np.frombuffer(raw, np.uint8), 0)
        return np.frombuffer(raw, f"<u{self._bits // 8}").reshape(self.rows, self.columns).T

    def _of_bits(self, raw: NDArray[np.uint8], start: int) -> NDArray[np.uint8]:
        pixels = self.rows * self.columns
        first, last = start // 8, (start + pixels + 7) // 8
        bits = np.unpackbits(raw[first:last], bitorder="little")[start - 8 * first :][:pixels]
        return bits.reshape(self.rows, self.columns).T
