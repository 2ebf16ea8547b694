"""The directory of a medium (DICOMDIR): which files it lists, and what patients, studies and series it names.

What decides (PS3.3 F.3): the records of DirectoryRecordSequence are a tree, whose branches are byte offsets: the first
record of the root, the next one on the same level, the first one on the level below. ReferencedFileID has the names of
folders and file from the directory's own folder on. Anybody may have written them: offsets that lead nowhere or round
in circles, and paths that lead out of the folder, are refused. No file that it lists is opened. The elements are walked
here, and only as many as a directory has: a library makes objects of all that is there first, in minutes and gigabytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from jlabel.imaging.formats.dicom_elements import (
    MOST_ELEMENTS,
    UNDEFINED,
    CountedWindow,
    Window,
    next_element,
    past_items,
)
from jlabel.imaging.formats.dicom_objects import MEDIA_DIRECTORY

# Ten thousand images, as a DVD holds, have a hundredth of them.
_MOST_STEPS = 3_000_000
_MOST_FILES = 200_000
_MOST_BYTES = 10_000
_MOST_LETTERS = 200
_MOST_FOLDERS = 16
_ITEM, _END = 0xFFFEE000, 0xFFFEE00D
_CLASS, _ROOT, _RECORDS = 0x00020002, 0x00041200, 0x00041220
_NEXT, _IN_USE, _BELOW, _KIND, _FILE = 0x00041400, 0x00041410, 0x00041420, 0x00041430, 0x00041500
_ESCAPE = b"\x1b"
_CHARSET, _UID = 0x00080005, 0x0020000E
_NAMES = {
    "PATIENT": ("patient", (0x00100010, 0x00100020)),  # PatientName, PatientID
    "STUDY": ("study", (0x00080020, 0x00081030)),  # StudyDate, StudyDescription
    "SERIES": ("series", (0x00080060, 0x00200011, 0x0008103E)),  # Modality, SeriesNumber, SeriesDescription
}
_WANTED = {_NEXT, _IN_USE, _BELOW, _KIND, _FILE, _CHARSET, _UID, *(tag for _, tags in _NAMES.values() for tag in tags)}

_Record = dict[int, bytes]


class SeriesNames(NamedTuple):
    """What the directory calls a series: "" for what it does not say.

    Attributes:
        patient: Name and id.
        study: Date and description.
        series: Modality, number and description.
    """

    patient: str = ""
    study: str = ""
    series: str = ""


@dataclass(frozen=True)
class MediaDirectory:
    """What a directory says.

    Attributes:
        files: The paths of the files that it lists, with ``/``, from its own folder on.
        series: The names of series, by SeriesInstanceUID.
    """

    files: tuple[str, ...] = ()
    series: dict[str, SeriesNames] = field(default_factory=dict)


def read_media_directory(path: Path) -> MediaDirectory:
    """Read a DICOMDIR.

    Raises:
        ValueError: It is damaged, has too many records, or names files outside of its folder; says which.
        OSError: It cannot be read.
    """
    files: dict[str, None] = {}
    series: dict[str, SeriesNames] = {}
    with path.open("rb") as file:
        window = CountedWindow(file, file.read(1 << 16), _MOST_STEPS)
        try:
            for record, names in _walk(window, _root(window)):
                if _text(record, _KIND) == "SERIES":
                    series[_text(record, _UID)] = names
                listed = _listed(record)
                if listed:
                    files[listed] = None
                if len(files) > _MOST_FILES:
                    raise ValueError(f"it lists more than {_MOST_FILES} files")
        except (struct.error, IndexError, RecursionError, LookupError) as error:
            raise ValueError("it is damaged") from error
    return MediaDirectory(tuple(files), series)


def _root(window: Window) -> int:
    """Where the first record is."""
    place, media = 132, b""
    for _ in range(MOST_ELEMENTS):
        tag, _, length, place = next_element(window, place, False, "<")
        if tag == _CLASS:
            media = window.value(place, min(length, _MOST_BYTES))
        if tag == _ROOT:
            return int(struct.unpack("<I", window.value(place, 4))[0])
        if tag >= _RECORDS or (tag > _CLASS and media.rstrip(b"\0 ") != MEDIA_DIRECTORY.encode()):
            break
        place += length
    raise IndexError


def _walk(window: Window, start: int) -> Iterator[tuple[_Record, SeriesNames]]:
    """The records from the root down, each with the names that it and those above it give."""
    waiting, seen = [(start, SeriesNames())], set[int]()
    while waiting:
        offset, above = waiting.pop()
        if offset == 0:
            continue
        if offset in seen:
            raise ValueError("it is damaged: its records go round in a circle")
        seen.add(offset)
        record = _record(window, offset)
        waiting.append((_number(record, _NEXT), above))
        if record.get(_IN_USE) == b"\0\0":
            continue  # taken off the medium, with all below it
        names = _named(record, above)
        yield record, names
        waiting.append((_number(record, _BELOW), names))


def _record(window: Window, offset: int) -> _Record:
    """The values of the record at that place, as far as they are wanted."""
    tag, _, length, place = next_element(window, offset, False, "<")
    if tag != _ITEM:
        raise IndexError
    end = None if length == UNDEFINED else place + length
    record: _Record = {}
    for _ in range(MOST_ELEMENTS):
        if end is not None and place >= end:
            return record
        tag, kind, length, place = next_element(window, place, False, "<")
        if tag == _END:
            return record
        if length == UNDEFINED:
            place = past_items(window, place, kind == b"UN", "<", 0)
            continue
        if tag in _WANTED:
            record[tag] = window.value(place, min(length, _MOST_BYTES))
        place += length
    raise IndexError


def _named(record: _Record, above: SeriesNames) -> SeriesNames:
    level, tags = _NAMES.get(_text(record, _KIND), ("", ()))
    if not level:
        return above
    return above._replace(**{level: " ".join(filter(None, (_text(record, tag) for tag in tags)))})


def _text(record: _Record, tag: int) -> str:
    """The value as one line of text, in the characters that the record states."""
    from pydicom.charset import decode_bytes, python_encoding

    value, charset = record.get(tag, b""), record.get(_CHARSET, b"").decode("ascii", "replace")
    known = [python_encoding.get(one.strip("\0 "), "latin-1") for one in charset.split("\\")]
    try:
        text = decode_bytes(value, known, {ord("^"), ord("=")}) if _ESCAPE in value else value.decode(known[0])
    except (UnicodeError, LookupError):
        text = value.decode("latin-1")
    return "".join(letter if letter.isprintable() else " " for letter in text[:_MOST_LETTERS]).strip()


def _number(record: _Record, tag: int) -> int:
    return int.from_bytes(record.get(tag, b"")[:4], "little")


def _listed(record: _Record) -> str:
    """The path that a record refers to; "" where it refers to none.

    Raises:
        ValueError: The path leads out of the folder.
    """
    text = record.get(_FILE, b"").decode("latin-1").strip("\0 ")
    parts = [part.strip() for part in text.split("\\")] if text else []
    for part in parts:
        if part in ("", ".", "..") or any(letter in part for letter in "/:\0") or not part.isprintable():
            raise ValueError(f"it names a file outside of its folder: {text[:_MOST_LETTERS]!r}")
    if len(parts) > _MOST_FOLDERS:
        raise ValueError(f"it names a file in {len(parts)} folders, one in the other")
    return "/".join(parts)
