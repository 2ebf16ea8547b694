"""Compressed pixel data: what decodes it, and what to install where nothing does."""

from __future__ import annotations

from typing import Any

_INSTALL = 'pip install "jlabel[dicom]"'
# Decoded by that extra: JPEG of 8 and 12 bits, JPEG Lossless, JPEG-LS, JPEG 2000, HTJ2K and RLE.
_BY_EXTRA = {f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 57, 70, 80, 81, 90, 91, 201, 202, 203)}
_BY_EXTRA.add("1.2.840.10008.1.2.5")
_ENDED = {f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 57, 70, 80, 81)}
_EXTENDED = "1.2.840.10008.1.2.4.51"
_START_OF_SCAN, _END_OF_IMAGE, _TAIL = b"\xff\xda", b"\xff\xd9", 64


def whole_frame(dataset: Any, frame: int, count: int, notes: dict[str, str]) -> tuple[Any, int]:
    """The object and the index by which a frame is to be decoded; those given, but for a JPEG that had to be mended.

    Raises:
        ValueError: The compressed frame is cut short, which decoders fill up without a word.
    """
    from pydicom.dataset import Dataset
    from pydicom.encaps import encapsulate, get_frame

    syntax = str(dataset.file_meta.TransferSyntaxUID)
    if syntax not in _ENDED:
        return dataset, frame
    packed = get_frame(dataset.PixelData, frame, number_of_frames=count)
    if _END_OF_IMAGE not in packed[-_TAIL:]:
        raise ValueError("the compressed frame has no end")
    mended = _mended(packed) if syntax == _EXTENDED else None
    if mended is None:
        return dataset, frame
    notes["compression"] = "the scan header of a 12-bit JPEG was wrong and was mended (it must end at 63)"
    one = Dataset(dataset.group_dataset(0x0028))
    one.file_meta, one.NumberOfFrames, one.PixelData = dataset.file_meta, 1, encapsulate([mended])
    one["PixelData"].VR, one["PixelData"].is_undefined_length = "OB", True
    return one, 0


def _mended(packed: bytes) -> bytes | None:
    """A sequential JPEG whose scan is said to stop at coefficient 0, as one that stops at 63; None for any other."""
    at = packed.find(_START_OF_SCAN)
    stop = at + int.from_bytes(packed[at + 2 : at + 4], "big")
    if at < 0 or stop >= len(packed) or packed[stop - 1 : stop + 1] != b"\0\0":
        return None
    return packed[:stop] + b"\x3f" + packed[stop + 1 :]


def why_not_decoded(dataset: Any, error: Exception) -> str:
    """Why the pixels of an object could not be had, as a clause about its file."""
    syntax = getattr(getattr(dataset, "file_meta", None), "TransferSyntaxUID", None)
    words = " ".join(str(error).split())
    if syntax is None or not syntax.is_compressed or not _lacks_decoder(syntax, error, words):
        return f"has pixels that are damaged, cut short or of an unsupported kind: {words}"
    if str(syntax) in _BY_EXTRA:
        return f"is compressed as {syntax.name}, for which no decoder is installed: run {_INSTALL}, then open it again"
    return f"is compressed as {syntax.name}, which is not supported; save it uncompressed (with dcmdjpeg or gdcmconv)"


def _lacks_decoder(syntax: Any, error: Exception, words: str) -> bool:
    from pydicom.pixels.decoders.base import get_decoder

    if isinstance(error, NotImplementedError) or "missing dependencies" in words or "does not support" in words:
        return True
    try:
        return not get_decoder(syntax).is_available
    except NotImplementedError:
        return True
