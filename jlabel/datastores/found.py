"""Labels that lie in the folder: found, gone, and the kept versions of a catalogue that was lost."""

from __future__ import annotations

import os
import re
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from jlabel.datastores.folders import remember_folders
from jlabel.datastores.label_rows import ImageRef, Label, find_all
from jlabel.datastores.models import REMOVED, ImageRow, LabelRow, VersionRow
from jlabel.datastores.names import problem_with_id
from jlabel.datastores.queue import chunks, place_all
from jlabel.datastores.scan import Scan
from jlabel.datastores.versions import LabelFiles
from jlabel.imaging.names import split_image_name

Key = tuple[str, str]
_KEPT = re.compile(r"(?P<id>.+)\.v(?P<number>[0-9]+)", re.DOTALL)


def record_labels(connection: Connection, files: LabelFiles, scan: Scan) -> None:
    """Bring the labels' rows up to date with a scan of the folder of labels.

    A file for which there is no image is left alone until the image appears. Where several files have one image's name,
    the one that the catalogue knows counts, else ``.nii.gz`` before the others.
    """
    gone = remember_folders(connection, "labels", scan)
    looked_at = {listing.folder for listing in scan.listings} | gone
    found = _found(scan)
    rows = {(label.tag, label.image_id): label for label in find_all(connection)}
    lost = [
        label
        for key, label in rows.items()
        if label.ext is not None
        and not label.pending
        and (_folder(key) in looked_at or _folder(key) not in scan.folders)
        and label.ext not in found.get(key, ())
        and not files.file(*key, label.ext).exists()
    ]
    for chunk in chunks(label.pk for label in lost):
        connection.execute(update(LabelRow).where(LabelRow.pk.in_(chunk)).values(number=None))
    without = {(label.tag, label.image_id) for label in lost}
    fresh = {
        key: exts[0]
        for key, exts in found.items()
        if key in without or key not in rows or (rows[key].number is None and not rows[key].pending)
    }
    taken_in = _take_in(connection, files, fresh, rows)
    place_all(connection, [*taken_in, *(label.image_pk for label in lost)])


def recall_versions(connection: Connection, files: LabelFiles) -> None:
    """Make rows for the versions that lie beside a catalogue that was lost; none of them is current yet."""
    images = _image_keys(connection)
    found: dict[Key, list[dict[str, Any]]] = {}
    for folder, _, names in os.walk(files.kept):
        tag, _, sub = os.path.relpath(folder, files.kept).replace(os.sep, "/").partition("/")
        for name in names:
            stem, ext = split_image_name(name)
            match = _KEPT.fullmatch(stem)
            image_id = (f"{sub}/" if sub else "") + (match["id"] if match else "")
            if match is None or image_id not in images or problem_with_id(tag) is not None:
                continue
            state = os.stat(os.path.join(folder, name))  # noqa: PTH116, PTH118 - what os.walk gives
            row = {"number": int(match["number"]), "ext": ext, "size": state.st_size, "time": state.st_mtime}
            found.setdefault((tag, image_id), []).append(row)
    labels = [{"image_pk": images[image_id], "tag": tag, "number": None} for tag, image_id in found]
    keys = _insert_labels(connection, labels)
    versions = {
        (pk, row["number"]): row | {"label_pk": pk, "sha256": None, "author": None, "info": {}}
        for pk, rows in zip(keys, found.values(), strict=True)
        for row in rows
    }
    if versions:
        connection.execute(insert(VersionRow), list(versions.values()))


def _take_in(connection: Connection, files: LabelFiles, fresh: dict[Key, str], rows: dict[Key, Label]) -> list[int]:
    images = _image_keys(connection) if fresh else {}
    labels: list[dict[str, Any]] = []
    versions: list[dict[str, Any]] = []
    for (tag, image_id), ext in fresh.items():
        pk = images.get(image_id)
        if pk is None:
            continue
        try:
            if (tag, image_id) in rows:
                files.adopt(connection, ImageRef(pk, image_id), tag, ext)
                continue
            state = files.file(tag, image_id, ext).stat()
        except FileNotFoundError:
            continue
        label = {"image_pk": pk, "tag": tag, "number": 1, "size": state.st_size, "mtime_ns": state.st_mtime_ns}
        labels.append(label)
        versions.append({"number": 1, "ext": ext, "size": state.st_size, "time": state.st_mtime})
    keys = _insert_labels(connection, labels)
    if versions:
        common: dict[str, Any] = {"sha256": None, "author": None, "info": {}}
        paired = zip(keys, versions, strict=True)
        connection.execute(insert(VersionRow), [version | common | {"label_pk": key} for key, version in paired])
    return [label["image_pk"] for label in labels]


def _insert_labels(connection: Connection, labels: list[dict[str, Any]]) -> range:
    first = (connection.scalar(select(func.max(LabelRow.pk))) or 0) + 1
    keys = range(first, first + len(labels))
    if labels:
        connection.execute(insert(LabelRow), [{"pk": pk} | label for pk, label in zip(keys, labels, strict=True)])
    return keys


def _image_keys(connection: Connection) -> dict[str, int]:
    rows = connection.execute(select(ImageRow.id, ImageRow.pk).where(ImageRow.state != REMOVED))
    return {image_id: pk for image_id, pk in rows}  # noqa: C416 - a row is not typed as a pair


def _found(scan: Scan) -> dict[Key, list[str]]:
    found: dict[Key, list[str]] = {}
    for listing in scan.listings:
        tag, _, sub = listing.folder.partition("/")
        for name in listing.files if tag else ():
            stem, ext = split_image_name(name)
            found.setdefault((tag, f"{sub}/{stem}" if sub else stem), []).append(ext)
    for exts in found.values():
        exts.sort(key=lambda ext: (ext != ".nii.gz", ext))
    return found


def _folder(key: Key) -> str:
    tag, image_id = key
    sub = image_id.rpartition("/")[0]
    return f"{tag}/{sub}" if sub else tag
