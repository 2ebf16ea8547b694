"""Labels that lie in the folder: found, gone, and the kept versions of a catalogue that was lost.

A label belongs to the image whose id its path spells, be it in another unicode form or in other letters' case. Its file
keeps its name: the catalogue notes how it is spelled on disk.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select, update

from jlabel.datastores.database.statements import new_keys
from jlabel.datastores.folder_contents import LOOSE, NO_SUCH_IMAGE, LeftOut
from jlabel.datastores.folders import remember_folders
from jlabel.datastores.image_queue import chunks, place_all
from jlabel.datastores.label_places import kept_versions
from jlabel.datastores.label_rows import ImageRef, Label, find_all
from jlabel.datastores.listing import Scan
from jlabel.datastores.safe_names import problem_with_id
from jlabel.datastores.setting_rows import get_json, get_setting, set_setting
from jlabel.datastores.spelling import folded, spellings
from jlabel.datastores.tables import REMOVED, ImageRow, LabelRow, VersionRow
from jlabel.datastores.versioned_labels import LabelFiles
from jlabel.files.file_operations import make_folder, replace
from jlabel.imaging.file_names import split_image_name

Key = tuple[str, str]
_SPELLED = "label_spellings"


def record_labels(connection: Connection, files: LabelFiles, scan: Scan) -> None:
    """Bring the labels' rows up to date with a scan of the folder of labels.

    A file for which there is no image is left alone until the image appears. Where several files have one image's name,
    the one that the catalogue knows counts, else ``.nii.gz`` before the others.
    """
    ids = _Ids(connection)
    files.spelled = spelled_labels(connection)
    found = _found(scan, ids, files)
    gone = remember_folders(connection, "labels", scan)
    looked_at = {listing.folder for listing in scan.listings} | gone
    keep_spelled(connection, files.spelled)
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
    taken_in = _take_in(connection, files, fresh, rows, ids)
    place_all(connection, [*taken_in, *(label.image_pk for label in lost)])


def recall_versions(connection: Connection, files: LabelFiles) -> None:
    """Make rows for the versions that lie beside a catalogue that was lost; none of them is current yet."""
    ids = _Ids(connection)
    found: dict[Key, list[dict[str, Any]]] = {}
    for tag, named, kept in kept_versions(files.kept):
        image_id = ids.meant(named.image_id)
        if image_id is None:
            continue
        own = files.kept_file(tag, image_id, named.number, named.ext)
        if kept != own and not os.path.lexists(own):
            make_folder(own.parent, durable=True)
            replace(kept, own)
            kept = own
        state = kept.lstat()
        row = {"number": named.number, "ext": named.ext, "size": state.st_size, "time": state.st_mtime}
        found.setdefault((tag, image_id), []).append(row)
    labels = [{"image_pk": ids.keys[image_id], "tag": tag, "number": None} for tag, image_id in found]
    keys = _insert_labels(connection, labels)
    versions = {
        (pk, row["number"]): row | {"label_pk": pk, "sha256": None, "author": None, "info": {}}
        for pk, rows in zip(keys, found.values(), strict=True)
        for row in rows
    }
    if versions:
        connection.execute(insert(VersionRow), list(versions.values()))


def spelled_labels(connection: Connection) -> dict[str, str]:
    """The labels whose files are spelled in another way than their images' ids: ``tag/id.ext`` to the path on disk.

    What is no other spelling of the same path is left out, whoever wrote it.
    """
    kept = get_json(connection, _SPELLED)
    found = kept.items() if isinstance(kept, dict) else ()
    usable = {name: path for name, path in found if isinstance(path, str) and problem_with_id(path) is None}
    return {name: path for name, path in usable.items() if folded(path) == folded(name)}


def keep_spelled(connection: Connection, spelled: Mapping[str, str]) -> None:
    """Keep what :func:`spelled_labels` gives."""
    if spelled or get_setting(connection, _SPELLED) is not None:
        set_setting(connection, _SPELLED, json.dumps(spelled))


def _take_in(
    connection: Connection, files: LabelFiles, fresh: dict[Key, str], rows: dict[Key, Label], ids: _Ids
) -> list[int]:
    labels: list[dict[str, Any]] = []
    versions: list[dict[str, Any]] = []
    for (tag, image_id), ext in fresh.items():
        pk = ids.keys[image_id]
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
    keys = new_keys(connection, LabelRow, len(labels))
    if labels:
        connection.execute(insert(LabelRow), [{"pk": pk} | label for pk, label in zip(keys, labels, strict=True)])
    return keys


class _Ids:
    """The ids of the images with their keys, found in any spelling."""

    def __init__(self, connection: Connection) -> None:
        rows = connection.execute(select(ImageRow.id, ImageRow.pk).where(ImageRow.state != REMOVED))
        self.keys: dict[str, int] = {image_id: pk for image_id, pk in rows}  # noqa: C416 - a row is not typed as a pair
        self._folded: dict[str, list[str]] = {}

    def meant(self, name: str) -> str | None:
        """The id that a name on disk stands for; None where it is none's, or that of several images."""
        found = next((spelling for spelling in spellings(name) if spelling in self.keys), None)
        if found is not None:
            return found
        if not self._folded:
            for image_id in self.keys:
                self._folded.setdefault(folded(image_id), []).append(image_id)
        meant = self._folded.get(folded(name), [])
        return meant[0] if len(meant) == 1 else None


def _found(scan: Scan, ids: _Ids, files: LabelFiles) -> dict[Key, list[str]]:
    """The extensions of the label files of each image; what belongs to none is noted in its listing."""
    found: dict[Key, list[str]] = {}
    for listing in scan.listings:
        tag, _, sub = listing.folder.partition("/")
        for name in listing.files:
            if not tag:
                listing.left_out.setdefault(LOOSE, LeftOut()).add(name)
                continue
            stem, ext = split_image_name(name)
            on_disk = f"{sub}/{stem}" if sub else stem
            image_id = ids.meant(on_disk)
            if image_id is None:
                listing.left_out.setdefault(NO_SUCH_IMAGE, LeftOut()).add(name)
                continue
            exts = found.setdefault((tag, image_id), [])
            if on_disk == image_id:
                files.spelled.pop(f"{tag}/{image_id}{ext}", None)
            elif ext in exts or (files.top / tag / f"{image_id}{ext}").exists():
                continue
            else:
                files.spelled[f"{tag}/{image_id}{ext}"] = f"{listing.folder}/{name}"
            if ext not in exts:
                exts.append(ext)
    for exts in found.values():
        exts.sort(key=lambda ext: (ext != ".nii.gz", ext))
    return {key: exts for key, exts in found.items() if exts}


def _folder(key: Key) -> str:
    tag, image_id = key
    sub = image_id.rpartition("/")[0]
    return f"{tag}/{sub}" if sub else tag
