"""Taking over what MONAI Label noted in ``datastore_v2.json``: names, info of images and labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from jlabel.datastores.image_rows import insert_image
from jlabel.datastores.safe_names import problem_with_id
from jlabel.datastores.spelling import canonical
from jlabel.datastores.tables import MISSING, Base, ImageRow, LabelRow, VersionRow
from jlabel.files.json_values import parse_json
from jlabel.files.plain_files import read_plain

FILE_NAME = "datastore_v2.json"
_MOST_LETTERS = 10_000
# That of a hundred thousand images takes as many kilobytes.
_MOST_BYTES = 512 * 1024**2


@dataclass(frozen=True)
class Noted:
    """The contents of the file: ``objects`` maps an image id to its ``image`` and its ``labels`` by tag, each with an
    ``ext`` and an ``info``."""

    name: str = ""
    description: str = ""
    images_dir: str = ""
    labels_dir: str = "labels"
    objects: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def read_noted(file: Path) -> Noted | None:
    """What the file says, or None where there is no file.

    Raises:
        ValueError: It is not such a file, or it is damaged.
    """
    try:
        content = parse_json(read_plain(file, _MOST_BYTES))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ValueError(f"it cannot be read: {error.strerror}") from error
    if not isinstance(content, dict) or not isinstance(content.get("objects", {}), dict):
        raise ValueError("it holds no objects by image id")
    objects = {image_id: noted for image_id, noted in content.get("objects", {}).items() if isinstance(noted, dict)}
    return Noted(
        name=_text(content.get("name")),
        description=_text(content.get("description")),
        images_dir=_folder(content.get("images_dir"), ""),
        labels_dir=_folder(content.get("labels_dir"), "labels"),
        objects=objects,
    )


def import_images(connection: Connection, noted: Noted) -> None:
    """Add the images' info; an image whose file is not there is kept as a missing one."""
    rows = connection.execute(select(ImageRow.path, ImageRow.pk, ImageRow.id, ImageRow.info)).all()
    by_path = {canonical(path): (pk, info) for path, pk, _, info in rows}
    ids = {canonical(image_id) for _, _, image_id, _ in rows}
    changed = []
    for image_id, entry in noted.objects.items():
        image = _part(entry, "image")
        path = canonical(f"{image_id}{image.get('ext') or ''}")
        if path not in by_path:
            if problem_with_id(path) is not None or problem_with_id(image_id) is not None or canonical(image_id) in ids:
                continue
            by_path[path] = (insert_image(connection, canonical(image_id), path, state=MISSING), {})
            ids.add(canonical(image_id))
        pk, info = by_path[path]
        changed.append({"key": pk, "merged": {**_part(image, "info"), **info}})
    if changed:
        _merge(connection, ImageRow, changed)


def import_labels(connection: Connection, noted: Noted) -> None:
    """Add the labels' info to those labels that are there."""
    query = (
        select(ImageRow.path, LabelRow.tag, VersionRow.pk, VersionRow.info)
        .join(LabelRow, LabelRow.image_pk == ImageRow.pk)
        .join(VersionRow, (VersionRow.label_pk == LabelRow.pk) & (VersionRow.number == LabelRow.number))
    )
    known = {(canonical(path), tag): (pk, info) for path, tag, pk, info in connection.execute(query)}
    changed = []
    for image_id, entry in noted.objects.items():
        path = canonical(f"{image_id}{_part(entry, 'image').get('ext') or ''}")
        for tag, label in _part(entry, "labels").items():
            info = _part(label, "info") if isinstance(label, dict) else {}
            if info and (path, tag) in known:
                pk, present = known[path, tag]
                changed.append({"key": pk, "merged": {**info, **present}})
    if changed:
        _merge(connection, VersionRow, changed)


def _merge(connection: Connection, table: type[ImageRow] | type[VersionRow], changed: list[dict[str, Any]]) -> None:
    columns = Base.metadata.tables[table.__tablename__]
    statement = update(columns).where(columns.c.pk == bindparam("key")).values(info=bindparam("merged"))
    connection.execute(statement, changed)


def _part(entry: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = entry.get(key)
    return part if isinstance(part, dict) else {}


def _text(value: object) -> str:
    """As text that a database takes: half of a pair of surrogates is no letter."""
    return str(value or "").encode(errors="replace").decode()[:_MOST_LETTERS]


def _folder(value: object, default: str) -> str:
    text = str(value or default).strip("/")
    text = "" if text == "." else text.removeprefix("./")
    if text and problem_with_id(text) is not None:
        raise ValueError(f"{text!r} is not a folder inside the studies folder")
    return text
