"""One thing that was saved with labels, of all versions of all labels at once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import Connection, select

from jlabel.datastores.database.statements import may_have, part_of_json
from jlabel.datastores.tables import REMOVED, ImageRow, LabelRow, VersionRow
from jlabel.errors import JlabelError
from jlabel.files.json_values import parse_json


@dataclass(frozen=True)
class VersionNote:
    """What was saved under a key with one version of a label.

    Attributes:
        image_id: The image.
        tag: The label's tag.
        number: The version's number.
        time: When it was saved (UTC).
        author: Who saved it, where that is known.
        value: What is there, a JSON object.
    """

    image_id: str
    tag: str
    number: int
    time: datetime
    author: str | None
    value: Mapping[str, Any]


class _Version(Protocol):
    @property
    def number(self) -> int: ...
    @property
    def time(self) -> datetime: ...
    @property
    def author(self) -> str | None: ...
    @property
    def info(self) -> Mapping[str, Any]: ...


class _Listed(Protocol):
    def list_images(self) -> list[str]: ...
    def get_labels_by_image_id(self, image_id: str) -> dict[str, str]: ...
    def label_history(self, image_id: str, tag: str) -> Sequence[_Version]: ...


def listed_notes(datastore: _Listed, key: str) -> list[VersionNote]:
    """The notes of any datastore, label by label; labels that cannot be looked at are passed by.

    Args:
        datastore: Where the labels are.
        key: What is looked for in the info of versions.
    """
    found: list[VersionNote] = []
    for image_id in datastore.list_images():
        with contextlib.suppress(JlabelError):
            for tag in datastore.get_labels_by_image_id(image_id):
                found += _of_history(image_id, tag, datastore.label_history(image_id, tag), key)
    return found


def read_notes(connection: Connection, key: str) -> list[VersionNote]:
    """The notes of a catalogue, in one query that leaves the rest of each version's info where it is."""
    query = (
        select(
            ImageRow.id,
            LabelRow.tag,
            VersionRow.number,
            VersionRow.time,
            VersionRow.author,
            *part_of_json(connection, VersionRow.info, key),
        )
        .join(LabelRow, LabelRow.pk == VersionRow.label_pk)
        .join(ImageRow, ImageRow.pk == LabelRow.image_pk)
        .where(ImageRow.state != REMOVED, may_have(connection, VersionRow.info, key))
        .order_by(ImageRow.id, LabelRow.tag, VersionRow.number)
    )
    found = []
    for image_id, tag, number, time, author, text, whole in connection.execute(query):
        if text is None:
            continue
        # What is no JSON object, or has no time that there can be, is none of what is looked for.
        with contextlib.suppress(ValueError, TypeError, OverflowError, OSError):
            parsed = parse_json(text)
            value = parsed.get(key) if whole and isinstance(parsed, Mapping) else parsed
            if isinstance(value, Mapping):
                saved = datetime.fromtimestamp(time, UTC)
                found.append(VersionNote(image_id, tag, number, saved, author, value))
    return found


def _of_history(image_id: str, tag: str, history: Sequence[_Version], key: str) -> Iterator[VersionNote]:
    for version in history:
        value = version.info.get(key)
        if isinstance(value, Mapping):
            yield VersionNote(image_id, tag, version.number, version.time, version.author, value)
