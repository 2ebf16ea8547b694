"""The few tags that say to which image a DICOM file belongs, read from the first kilobytes without a library.

A folder of a hundred thousand slices is looked through in seconds: the elements up to PixelSpacing (0028,0030) are
walked, values in between are passed over by their lengths. What cannot be walked is left to pydicom.
"""

from __future__ import annotations

import hashlib
import math
import struct
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from jlabel.imaging.formats.dicom_deflated import DEFLATED, unpacked
from jlabel.imaging.formats.dicom_elements import (
    HEAD_BYTES,
    MOST_ELEMENTS,
    SYNTAX,
    UNDEFINED,
    Window,
    file_meta,
    next_element,
    past_items,
)
from jlabel.imaging.formats.dicom_objects import MEDIA_DIRECTORY

_LAST = 0x00280030
_BIG_ENDIAN, _IMPLICIT = "1.2.840.10008.1.2.2", "1.2.840.10008.1.2"
# A library is asked about so much of a file: it makes an object of every element that is there.
_MOST_BYTES = 8 * 1024**2
# The tags lie in the first kilobytes of what a compressed file unpacks to.
_MOST_UNPACKED = 1024**2
_NAMES = {
    0x00080016: "sop_class",
    0x0008103E: "description",
    0x00100020: "patient",
    0x0020000D: "study",
    0x0020000E: "series",
    0x00200011: "number",
    0x00200013: "instance",
    0x00200032: "position",
    0x00200037: "orientation",
    0x00209161: "concatenation",
    0x00280008: "frames",
    0x00280010: "rows",
    0x00280011: "columns",
    0x00280030: "spacing",
}
_PYDICOM = {
    "sop_class": "SOPClassUID",
    "description": "SeriesDescription",
    "patient": "PatientID",
    "study": "StudyInstanceUID",
    "series": "SeriesInstanceUID",
    "number": "SeriesNumber",
    "instance": "InstanceNumber",
    "position": "ImagePositionPatient",
    "orientation": "ImageOrientationPatient",
    "concatenation": "ConcatenationUID",
    "frames": "NumberOfFrames",
    "rows": "Rows",
    "columns": "Columns",
    "spacing": "PixelSpacing",
}


class DicomHeader(NamedTuple):
    """What a file says of the image that it belongs to; empty where it says nothing.

    Attributes:
        sop_class: SOPClassUID.
        series: SeriesInstanceUID.
        number: SeriesNumber, as written.
        description: SeriesDescription.
        instance: InstanceNumber, 0 where there is none.
        frames: NumberOfFrames, 1 where there is none.
        rows: How many rows of pixels; 0 for an object that is no image.
        columns: How many columns.
        placed: Whether it has a position, an orientation and a pixel spacing at its top: a slice of a volume.
        orientation: ImageOrientationPatient.
        spacing: PixelSpacing.
        position: ImagePositionPatient.
        geometry: Where the frames of an object with functional groups lie, as :mod:`dicom_time_points` digests it.
        study: The same for all files of one patient's study and no others: a digest of PatientID and StudyInstanceUID.
        concatenation: ConcatenationUID: the same for the files that one object with many frames was cut into.
    """

    sop_class: str = ""
    series: str = ""
    number: str = ""
    description: str = ""
    instance: int = 0
    frames: int = 1
    rows: int = 0
    columns: int = 0
    placed: bool = False
    orientation: tuple[float, ...] = ()
    spacing: tuple[float, ...] = ()
    position: tuple[float, ...] = ()
    geometry: str = ""
    study: str = ""
    concatenation: str = ""


def read_header(path: Path, head: bytes = b"") -> DicomHeader:
    """The header of a DICOM file, of which the first bytes may be at hand.

    Raises:
        ValueError: It is damaged.
        OSError: It cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        window = Window(file, head or file.read(HEAD_BYTES))
        try:
            found = _walk(window)
        except (struct.error, IndexError, RecursionError):
            found = None
    if found is None:
        found = _by_pydicom(path)
    return _header(found)


def _walk(window: Window) -> dict[str, Any] | None:
    """The raw values by name; None where this reader does not know the encoding.

    Raises:
        ValueError: It is damaged.
    """
    if window.data[128:132] != b"DICM":
        return _walked(window, 0, None, "<")
    syntax, media, place = file_meta(window, 132)
    if media == MEDIA_DIRECTORY:
        return {"sop_class": media}  # which it does not say again in the data
    if syntax == DEFLATED:
        window.file.seek(place)
        head = unpacked(window.file, _MOST_UNPACKED)
        try:
            return _walked(Window(BytesIO(head), head), 0, False, "<")
        except (struct.error, IndexError) as error:
            raise ValueError("it ends within its header") from error
    return _walked(window, place, syntax == _IMPLICIT if syntax else None, ">" if syntax == _BIG_ENDIAN else "<")


def _walked(window: Window, place: int, implicit: bool | None, order: str) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for _ in range(MOST_ELEMENTS):
        if implicit is None:
            implicit = not window.value(place + 4, 2).isalpha()
        try:
            tag, kind, length, place = next_element(window, place, implicit, order)
        except IndexError:
            if "rows" in found:
                return found
            raise
        if tag > _LAST:
            return found
        if tag == SYNTAX and window.start == 0:
            return None  # file meta information without a preamble
        name = _NAMES.get(tag)
        if length == UNDEFINED:
            place = past_items(window, place, implicit or kind == b"UN", order, 0)
            continue
        if name is not None and length < 1024:
            raw = window.value(place, length)
            found[name] = (
                struct.unpack_from(order + "H", raw)[0] if name in ("rows", "columns") and length >= 2 else raw
            )
        place += length
    raise ValueError(f"it has more than {MOST_ELEMENTS} elements before its pixels")


def _by_pydicom(path: Path) -> dict[str, Any]:
    from pydicom import dcmread

    with path.open("rb") as file:
        head = BytesIO(file.read(_MOST_BYTES))
    try:
        dataset = dcmread(head, stop_before_pixels=True, force=True, specific_tags=list(_PYDICOM.values()))
        found = {name: dataset.get(keyword) for name, keyword in _PYDICOM.items()}
    except Exception as error:
        raise ValueError(str(error) or type(error).__name__) from error
    if not any(value is not None for value in found.values()):
        raise ValueError("it ends within its header")
    return found


def _header(found: dict[str, Any]) -> DicomHeader:
    position, orientation, spacing = (_numbers(found.get(name)) for name in ("position", "orientation", "spacing"))
    return DicomHeader(
        sop_class=_text(found.get("sop_class")),
        series=_text(found.get("series")),
        number=_text(found.get("number")),
        description=_text(found.get("description")),
        instance=_whole(found.get("instance"), 0),
        frames=_whole(found.get("frames"), 1),
        rows=max(0, _whole(found.get("rows"), 0)),
        columns=max(0, _whole(found.get("columns"), 0)),
        placed=(len(position), len(orientation), len(spacing)) == (3, 6, 2),
        orientation=orientation,
        spacing=spacing,
        position=position,
        study=_digest(_text(found.get("patient")), _text(found.get("study"))),
        concatenation=_text(found.get("concatenation")),
    )


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode(errors="replace")).hexdigest()[:16] if any(texts) else ""


def _text(value: Any) -> str:
    if not isinstance(value, bytes):
        return str(value if value is not None else "").strip("\0 ")
    raw: bytes = value.strip(b"\0 ")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _whole(value: Any, default: int) -> int:
    try:
        return int(_text(value))
    except ValueError:
        return default


def _numbers(value: Any) -> tuple[float, ...]:
    parts = _text(value).split("\\") if isinstance(value, bytes) else (value or ())
    try:
        numbers = tuple(float(part) for part in parts)
    except (TypeError, ValueError, OverflowError):
        return ()
    return numbers if all(map(math.isfinite, numbers)) else ()
