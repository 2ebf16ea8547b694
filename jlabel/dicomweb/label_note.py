"""What a DICOM SEG of jlabel's own says of the label that it was made of, and the label's file, in a private block.

The frames of the segmentation are for every program. The block is for jlabel: with it a label is the same file on
every machine, and needs no image to be read. An object that another program made of it has another SOPInstanceUID than
the block names, and is none of jlabel's own.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from jlabel.datastores.safe_names import check_tag, is_extension, is_unicode
from jlabel.dicomweb.server import Json, first_value, is_uid
from jlabel.errors import DatastoreError
from jlabel.files.json_values import LATEST, parse_json

_GROUP, _CREATOR = 0x0095, "JLABEL LABEL"
_NOTE, _FILE, _UID = 1, 2, 3
_MOST_AUTHOR = 200
_MOST_NUMBER = 10**9


@dataclass(frozen=True)
class LabelNote:
    """A version of a label.

    Attributes:
        series: SeriesInstanceUID of the image.
        instance: SOPInstanceUID of one of its files.
        tag: The label's tag.
        number: Of the version, where it was saved.
        time: When it was saved, in seconds since 1970.
        author: Who saved it.
        ext: The extension of its file; "" where the label was removed.
        size: Bytes of its file.
        sha256: Of its file, in hex.
        info: What is kept with it.
    """

    series: str
    instance: str
    tag: str
    number: int
    time: float
    author: str | None = None
    ext: str = ""
    size: int = 0
    sha256: str = ""
    info: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_removal(self) -> bool:
        """Whether the label was removed."""
        return not self.ext


def write_note(dataset: Any, note: LabelNote, file: bytes) -> None:
    """Put what there is to say of a label, and its file, into its DICOM SEG, which has its UID by now."""
    # Servers take a backslash for the end of a value, in any text.
    text = base64.b64encode(json.dumps(asdict(note), default=str).encode()).decode()
    block = dataset.private_block(_GROUP, _CREATOR, create=True)
    block.add_new(_NOTE, "UT", text)
    block.add_new(_FILE, "OB", file + b"\0" * (len(file) % 2))
    block.add_new(_UID, "LO", str(dataset.SOPInstanceUID))


def is_own_label(header: Json) -> bool:
    """Whether a header is that of a segmentation that jlabel has stored, and nobody has changed since."""
    named = _value(header, _UID)
    return named is not None and named == first_value(header, "00080018")


def note_in_header(header: Json) -> LabelNote | None:
    """What a header says of the label; None where it leaves that to the instance itself.

    Raises:
        ValueError: It cannot be understood.
    """
    text = _value(header, _NOTE)
    return parse_note(text) if isinstance(text, str) else None


def file_uri(header: Json) -> str | None:
    """Where the server has the label's file by itself."""
    uri = header.get(_tag(header, _FILE), {}).get("BulkDataURI")
    return uri if isinstance(uri, str) else None


def note_and_file(dataset: Any) -> tuple[LabelNote, bytes]:
    """What an instance says of the label, and the label's file.

    Raises:
        ValueError: It cannot be understood.
    """
    try:
        block = dataset.private_block(_GROUP, _CREATOR)
        note = parse_note(str(block[_NOTE].value))
        return note, bytes(block[_FILE].value)[: note.size]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("it holds no label of jlabel") from error


def parse_note(text: str) -> LabelNote:
    """What the text of :func:`write_note` says.

    Raises:
        ValueError: It cannot be understood.
    """
    try:
        kept = parse_json(base64.b64decode(text.strip("\0 "), validate=True))
        note = LabelNote(**{name: kept[name] for name in LabelNote.__dataclass_fields__})
        check_tag(note.tag)
    except (TypeError, KeyError, DatastoreError) as error:
        raise ValueError(f"it is no note of a label: {error}") from error
    numbers = isinstance(note.number, int) and 0 < note.number < _MOST_NUMBER
    times = isinstance(note.time, int | float) and math.isfinite(note.time) and 0 <= note.time <= LATEST
    sizes = isinstance(note.size, int) and note.size >= 0 and isinstance(note.sha256, str)
    author = note.author is None or (isinstance(note.author, str) and is_unicode(note.author[:_MOST_AUTHOR]))
    uids = is_uid(note.series) and is_uid(note.instance)
    if not (numbers and times and sizes and author and uids and is_extension(note.ext) and isinstance(note.info, dict)):
        raise ValueError("it is no note of a label")
    return note


def _value(header: Json, which: int) -> Any:
    return first_value(header, _tag(header, which))


def _tag(header: Json, which: int) -> str:
    """The tag of an element of the block, wherever in its group the block lies."""
    blocks = (block for block in range(0x10, 0x100) if first_value(header, f"{_GROUP:04X}{block:04X}") == _CREATOR)
    return f"{_GROUP:04X}{next(blocks, 0):02X}{which:02X}"
