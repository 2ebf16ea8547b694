"""The rows of labels and versions. The statements are made once: a save runs a dozen of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from jlabel.datastores import image_queue
from jlabel.datastores.label_version import FINAL
from jlabel.datastores.tables import PRESENT, ImageRow, LabelRow, VersionRow


class ImageRef(NamedTuple):
    """An image's key in the catalogue and its id."""

    pk: int
    id: str


@dataclass(frozen=True)
class Label:
    """The row of one label; ``ext`` is its current file's, None where it was removed."""

    pk: int
    image_pk: int
    image_id: str
    tag: str
    number: int | None
    pending: bool
    size: int
    mtime_ns: int
    ext: str | None


class Version(NamedTuple):
    """The row of one version."""

    number: int
    ext: str
    size: int
    sha256: str | None
    author: str | None
    time: float
    info: Mapping[str, Any]


_VERSION = (
    VersionRow.number,
    VersionRow.ext,
    VersionRow.size,
    VersionRow.sha256,
    VersionRow.author,
    VersionRow.time,
    VersionRow.info,
)
_LABELS = (
    select(
        LabelRow.pk,
        LabelRow.image_pk,
        ImageRow.id,
        LabelRow.tag,
        LabelRow.number,
        LabelRow.pending,
        LabelRow.size,
        LabelRow.mtime_ns,
        VersionRow.ext,
    )
    .join(ImageRow, ImageRow.pk == LabelRow.image_pk)
    .outerjoin(VersionRow, (VersionRow.label_pk == LabelRow.pk) & (VersionRow.number == LabelRow.number))
)
_ONE = _LABELS.where(LabelRow.image_pk == bindparam("image"), LabelRow.tag == bindparam("tag"))
_PENDING = _LABELS.where(LabelRow.pending)
_WITH_VERSION = _LABELS.add_columns(*_VERSION).where(
    ImageRow.id == bindparam("image_id"), LabelRow.tag == bindparam("tag")
)
_LABELLED = (
    _LABELS.with_only_columns(ImageRow.path, ImageRow.info, *_LABELS.selected_columns, *_VERSION)
    .where(LabelRow.tag == bindparam("tag"), LabelRow.number.is_not(None), ImageRow.state == PRESENT)
    .order_by(ImageRow.id)
)
_PENDING_ONE = _PENDING.where(LabelRow.pk == bindparam("label"))
_NEW_LABEL = insert(LabelRow)
_CHANGE = (
    update(LabelRow)
    .where(LabelRow.pk == bindparam("label"))
    .values({name: bindparam(f"new_{name}") for name in ("number", "pending", "size", "mtime_ns")})
)
_VERSIONS = select(*_VERSION).where(VersionRow.label_pk == bindparam("label")).order_by(VersionRow.number)
_LAST = select(func.max(VersionRow.number)).where(VersionRow.label_pk == bindparam("label"))
_EXTS = select(VersionRow.ext).where(VersionRow.label_pk == bindparam("label")).distinct()
_NUMBERS = select(LabelRow.image_pk, LabelRow.tag, VersionRow.number).join(LabelRow, LabelRow.pk == VersionRow.label_pk)
_NEW_VERSION = insert(VersionRow)


def find(connection: Connection, image_pk: int, tag: str) -> Label | None:
    """The image's label of that tag, as its row says."""
    row = connection.execute(_ONE, {"image": image_pk, "tag": tag}).one_or_none()
    return None if row is None else Label(*row)


def find_with_version(connection: Connection, image_id: str, tag: str) -> tuple[Label, Version] | None:
    """The label of an image, given by its id, with its current version; None where it has none."""
    row = connection.execute(_WITH_VERSION, {"image_id": image_id, "tag": tag}).one_or_none()
    if row is None or row[4] is None:
        return None
    return Label(*row[:9]), Version(*row[9:])


def find_labelled(connection: Connection, tag: str) -> list[tuple[str, dict[str, Any], Label, Version]]:
    """The path and the info of every image with a label of that tag, the label and its version, by the image's id."""
    rows = connection.execute(_LABELLED, {"tag": tag})
    return [(row[0], dict(row[1]), Label(*row[2:11]), Version(*row[11:])) for row in rows]


def find_pending(connection: Connection, label_pk: int | None = None) -> list[Label]:
    """The labels whose change is not finished; only that one, if it is."""
    if label_pk is None:
        return [Label(*row) for row in connection.execute(_PENDING)]
    return [Label(*row) for row in connection.execute(_PENDING_ONE, {"label": label_pk})]


def find_all(connection: Connection) -> list[Label]:
    """Every label."""
    return [Label(*row) for row in connection.execute(_LABELS)]


def any_label(connection: Connection) -> bool:
    """Whether there is any current label."""
    return connection.scalar(select(LabelRow.pk).where(LabelRow.number.is_not(None)).limit(1)) is not None


def new_label(connection: Connection, image: ImageRef, tag: str) -> Label:
    """A new row that has no version yet."""
    values = {"image_pk": image.pk, "tag": tag, "number": None, "pending": False, "size": 0, "mtime_ns": 0}
    key = connection.execute(_NEW_LABEL, values).inserted_primary_key
    assert key is not None
    return Label(key[0], image.pk, image.id, tag, None, False, 0, 0, None)


def find_or_new(connection: Connection, image: ImageRef, tag: str) -> Label:
    """The image's label of that tag; a new row where it has none."""
    return find(connection, image.pk, tag) or new_label(connection, image, tag)


def change(
    connection: Connection,
    label: Label,
    number: int | None,
    state: os.stat_result | None = None,
    *,
    pending: bool = False,
) -> None:
    """Make a version the current one (None: the label is removed), whose file has that state (None: as before)."""
    size, mtime_ns = (label.size, label.mtime_ns) if state is None else (state.st_size, state.st_mtime_ns)
    values = {"new_number": number, "new_pending": pending, "new_size": size, "new_mtime_ns": mtime_ns}
    connection.execute(_CHANGE, values | {"label": label.pk})
    # Another version may be one that can be shown, where the last could not.
    if label.tag == FINAL and number != label.number:
        image_queue.place(connection, label.image_pk)


def versions(connection: Connection, label_pk: int) -> list[Version]:
    """All versions of a label, oldest first."""
    return [Version(*row) for row in connection.execute(_VERSIONS, {"label": label_pk})]


def last_number(connection: Connection, label_pk: int) -> int:
    """The highest version number so far, 0 where there is none."""
    return connection.scalar(_LAST, {"label": label_pk}) or 0


def all_numbers(connection: Connection) -> set[tuple[int, str, int]]:
    """The numbers of all versions, each with its image's key and its tag."""
    return {(pk, tag, number) for pk, tag, number in connection.execute(_NUMBERS)}


def extensions(connection: Connection, label_pk: int) -> list[str]:
    """The extensions that the label's files have had."""
    return list(connection.scalars(_EXTS, {"label": label_pk}))


def add_version(connection: Connection, label_pk: int, version: Version) -> None:
    """A new row for a version."""
    connection.execute(_NEW_VERSION, {"label_pk": label_pk, **version._asdict(), "info": dict(version.info)})


def add_or_complete_version(connection: Connection, label_pk: int, version: Version) -> None:
    """A new row for a version, or the rest of a row of which only the file was known."""
    known = next((one for one in versions(connection, label_pk) if one.number == version.number), None)
    if known is None:
        add_version(connection, label_pk, version)
    elif known.author is None:
        row = (VersionRow.label_pk == label_pk, VersionRow.number == version.number)
        connection.execute(update(VersionRow).where(*row).values(**version._asdict() | {"info": dict(version.info)}))


def drop_version(connection: Connection, label_pk: int, number: int) -> None:
    """Remove the row of a version that was taken back."""
    connection.execute(delete(VersionRow).where(VersionRow.label_pk == label_pk, VersionRow.number == number))
