"""Labels that were saved from another machine: their versions get rows, and the current ones are fetched."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import select

from jlabel.datastores import disk, label_rows
from jlabel.datastores.catalogue import Catalogue
from jlabel.datastores.image_queue import chunks
from jlabel.datastores.label_places import parse_kept
from jlabel.datastores.label_rows import ImageRef, Version
from jlabel.datastores.remote.remote_labels import VERSIONS, RemoteLabels
from jlabel.datastores.remote.remote_object import SECOND_NS, RemoteObject
from jlabel.datastores.safe_names import is_extension, problem_with_id
from jlabel.datastores.tables import REMOVED, ImageRow
from jlabel.errors import DatastoreError
from jlabel.files.file_operations import make_folder
from jlabel.files.file_operations import replace as replace_file
from jlabel.files.temporary import temporary_name
from jlabel.imaging.file_names import split_image_name

_AT_ONCE = 16


class _Key(NamedTuple):
    """A label: its tag, and the image's id as the store spells it."""

    tag: str
    image_id: str


@dataclass(frozen=True)
class _RemoteVersion:
    number: int
    ext: str
    found: RemoteObject


class LabelSync:
    """Brings the labels of a studies folder up to date with those of a store.

    Args:
        labels: The labels on this machine.
        catalogue: Where the rows are.
    """

    def __init__(self, labels: RemoteLabels, catalogue: Catalogue) -> None:
        self._labels = labels
        self._catalogue = catalogue
        self._prefix = f"{labels.top.relative_to(labels.root).as_posix()}/"

    def update(self, objects: Iterable[RemoteObject]) -> bool:
        """Take in what the store lists.

        Returns:
            Whether the file of a label has come or gone.

        Raises:
            DatastoreError: A label cannot be fetched.
        """
        known = {path: stamp % SECOND_NS for path, stamp in self._labels.listed.stamps(hidden=True).items()}
        labels, versions = dict[str, RemoteObject](), dict[_Key, list[_RemoteVersion]]()
        fresh: dict[_Key, list[_RemoteVersion]] = defaultdict(list)
        for one in objects:
            if one.path.startswith(self._prefix) and problem_with_id(one.path) is None:
                labels[one.path] = one
            elif (found := _parsed_version(one)) is not None:
                key, version = found
                versions.setdefault(key, []).append(version)
                if known.get(self._labels.listed_path(one.path)) != one.digest_ns:
                    fresh[key].append(version)
        if fresh:
            self._take_in_versions(fresh)
        changed = [one for path, one in labels.items() if known.get(path) != one.digest_ns]
        gone = [path for path in known if path.startswith(self._prefix) and path not in labels]
        with ThreadPoolExecutor(_AT_ONCE, "jlabel-labels") as threads:
            for done in [threads.submit(self._fetch, one, versions) for one in changed]:
                done.result()
        return any([bool(changed), *[self._lose(path) for path in gone]])

    def _take_in_versions(self, fresh: Mapping[_Key, list[_RemoteVersion]]) -> None:
        listed = list[RemoteObject]()
        with self._catalogue.read() as connection:
            pks = {
                image_id: pk
                for chunk in chunks({key.image_id for key in fresh})
                for image_id, pk in connection.execute(_KEYS.where(ImageRow.id.in_(chunk))).tuples()
            }
        with self._catalogue.write(durable=False, found=True) as connection:
            for key, versions in fresh.items():
                if key.image_id not in pks:
                    continue  # its image may come yet
                image = ImageRef(pks[key.image_id], key.image_id)
                label = label_rows.find(connection, image.pk, key.tag)
                label = label or label_rows.new_label(connection, image, key.tag)
                known = {version.number for version in label_rows.versions(connection, label.pk)}
                for one in versions:
                    listed.append(one.found)
                    if one.number not in known:
                        row = Version(one.number, one.ext, one.found.size, None, None, float(one.found.time), {})
                        label_rows.add_version(connection, label.pk, row)
                        known.add(one.number)
        for found in listed:
            self._list(found)

    def _fetch(self, one: RemoteObject, versions: Mapping[_Key, list[_RemoteVersion]]) -> None:
        """Put a label in its place on this machine, and its version beside it if it is one."""
        key, ext = self._parsed(one.path)
        target, work = self._labels.root / one.path, self._labels.work
        with self._labels.alone_at(f"{key.tag}/{key.image_id}"):
            now = self._labels.store.stat(one.path)
            if now is None:
                return
            known = self._labels.listed.stamp(one.path)
            if known is not None and known % SECOND_NS == now.digest_ns and target.exists():
                return  # it was saved from this machine while the store was listed
            with contextlib.suppress(FileNotFoundError):
                data = self._labels.store.read(one.path)
                self._settle(key)
                self._fetch_version(key, ext, now, data, versions.get(key, ()))
                with disk.explained(f"{target}: the label could not be put in its place"):
                    make_folder(target.parent)
                    make_folder(work)
                    beside = work / temporary_name(ext)
                    beside.write_bytes(data)
                    replace_file(beside, target)
                if len(data) == now.size:
                    self._list(now)

    def _settle(self, key: _Key) -> None:
        """Finish what was decided of the label here: what is put in its place now is not a part of that."""
        pk = self._key_of(key.image_id)
        if pk is not None:
            self._labels.current(ImageRef(pk, key.image_id), key.tag)

    def _key_of(self, image_id: str) -> int | None:
        with self._catalogue.read() as connection:
            return connection.scalar(_KEYS.with_only_columns(ImageRow.pk).where(ImageRow.id == image_id))

    def _fetch_version(
        self, key: _Key, ext: str, current: RemoteObject, data: bytes, versions: Iterable[_RemoteVersion]
    ) -> None:
        same = [one for one in versions if one.ext == ext and one.found.size == len(data)]
        for one in sorted(same, key=lambda one: (one.found.tag != current.tag, -one.number)):
            kept = self._labels.kept_file(key.tag, key.image_id, one.number, one.ext)
            content = kept.read_bytes() if kept.is_file() else None
            if content is None:
                with contextlib.suppress(DatastoreError):
                    content = self._labels.fetch_version(key.tag, key.image_id, one.number, one.ext)
            if content == data:
                return

    def _lose(self, path: str) -> bool:
        """Take a label away that was removed elsewhere; its versions stay."""
        if self._labels.store.stat(path) is not None:
            return False
        key, ext = self._parsed(path)
        with self._labels.alone_at(f"{key.tag}/{key.image_id}"):
            self._labels.listed.remove(path)
            pk = self._key_of(key.image_id)
            if pk is not None:
                label = self._labels.current(ImageRef(pk, key.image_id), key.tag)
                if label is not None and label.ext == ext:
                    self._labels.remove_here(ImageRef(pk, key.image_id), key.tag)
                    return True
            (self._labels.root / path).unlink(missing_ok=True)
        return True

    def _parsed(self, path: str) -> tuple[_Key, str]:
        tag, _, name = path.removeprefix(self._prefix).partition("/")
        folder, _, file = name.rpartition("/")
        stem, ext = split_image_name(file)
        return _Key(tag, f"{folder}/{stem}" if folder else stem), ext

    def _list(self, one: RemoteObject) -> None:
        with contextlib.suppress(OSError):
            self._labels.listed.put(replace(one, path=self._labels.listed_path(one.path)))


_KEYS = select(ImageRow.id, ImageRow.pk).where(ImageRow.state != REMOVED)


def _parsed_version(one: RemoteObject) -> tuple[_Key, _RemoteVersion] | None:
    if not one.path.startswith(f"{VERSIONS}/"):
        return None
    tag, _, path = one.path.removeprefix(f"{VERSIONS}/").partition("/")
    folder, _, name = path.rpartition("/")
    kept = parse_kept(folder, name) if name else None
    if kept is None or problem_with_id(tag) or problem_with_id(kept.image_id) or not is_extension(kept.ext):
        return None
    return _Key(tag, kept.image_id), _RemoteVersion(kept.number, kept.ext, one)
