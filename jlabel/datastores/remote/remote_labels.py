"""Labels that are saved to a store, and the versions of labels there.

A label goes through three steps: its version is written to the store under a number that no version has yet; the
current label is replaced, if it is still the one that is known; then the studies folder on this machine takes both in.
Two machines that save one label at once have a number each, and the later number is the current one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from jlabel.datastores import disk, label_rows
from jlabel.datastores.catalogue import Catalogue
from jlabel.datastores.label_batches import LabelBatches, StagedLabel
from jlabel.datastores.label_places import kept_name
from jlabel.datastores.label_rows import ImageRef, Label, Version
from jlabel.datastores.remote.placeholders import Placeholders
from jlabel.datastores.remote.remote_object import RemoteObject
from jlabel.datastores.remote.store import ObjectStore, Replaced
from jlabel.datastores.safe_names import check_writable_place
from jlabel.errors import DatastoreError
from jlabel.files.file_operations import make_folder, remove_file
from jlabel.files.links import OWN_FOLDER
from jlabel.files.plain_files import open_plain
from jlabel.files.temporary import temporary_name
from jlabel.progress import NO_PROGRESS, Progress

if sys.platform != "win32":
    import fcntl

_AT_ONCE = 8
_TRIES = 20
VERSIONS = f"{OWN_FOLDER}/versions"


class RemoteLabels(LabelBatches):
    """The labels of studies that lie in a store.

    Args:
        catalogue: Where the rows are.
        root: The studies folder on this machine.
        labels_dir: The folder of the labels, relative to it.
        store: The store.

    Attributes:
        listed: What is known of the labels and versions in the store, by :meth:`listed_path`.
        only_read: Why nothing can be saved; None where it can.
    """

    def __init__(self, catalogue: Catalogue, root: Path, labels_dir: str, store: ObjectStore) -> None:
        super().__init__(catalogue, root, labels_dir)
        self.store = store
        self.listed = Placeholders(root / OWN_FOLDER / "store")
        self.only_read: str | None = None
        self._reserved = threading.local()
        self._locks = root / OWN_FOLDER / "store-locks"

    @staticmethod
    def listed_path(path: str) -> str:
        """Where an object is listed."""
        return path.removeprefix(f"{OWN_FOLDER}/")

    def save(
        self,
        image: ImageRef,
        tag: str,
        ext: str,
        write: disk.Write,
        info: Mapping[str, Any],
        author: str | None,
        progress: Progress = NO_PROGRESS,
    ) -> int:
        """See :meth:`LabelFiles.save`; once this returns, the store has the label."""
        self._check_writing()
        target = self.file(tag, image.id, ext)
        staged = self.work / temporary_name(ext)
        try:
            with disk.explained(f"{target}: the label could not be saved, the one before is unchanged"):
                make_folder(self.work)
                write(staged)
                check_writable_place(self.root, target)
                data = staged.read_bytes()
            progress.check()
            with self.alone_at(f"{tag}/{image.id}"):
                self.current(image, tag)  # what another program has put there gets its number first
                self._reserved.number = self._upload(image, tag, ext, data, progress)
                try:
                    link = partial(disk.link, staged, work=self.work)
                    return super().save(image, tag, ext, link, info, author)
                finally:
                    self._reserved.number = None
        finally:
            with contextlib.suppress(OSError):
                remove_file(staged)

    def save_staged(self, labels: Mapping[ImageRef, StagedLabel], tag: str) -> None:
        """See :meth:`LabelBatches.save_staged`; they are uploaded beside each other, each by itself."""
        try:
            with ThreadPoolExecutor(_AT_ONCE, "jlabel-upload") as threads:
                saved = [
                    threads.submit(self.save, image, tag, one.ext, partial(disk.stage, one.file), one.info, one.author)
                    for image, one in labels.items()
                ]
                try:
                    for one in saved:
                        one.result()
                except BaseException:
                    for one in saved:
                        one.cancel()
                    raise
        finally:
            self.drop_staged(labels.values())

    def remove(self, image: ImageRef, tag: str) -> None:
        """Take the current label away, in the store too; its versions stay."""
        self._check_writing()
        with self.alone_at(f"{tag}/{image.id}"):
            label = self.current(image, tag)
            if label is not None and label.ext is not None:
                self._keep_in_store(label)
                place = self._place(tag, image.id, label.ext)
                self.store.remove(place)
                self.listed.remove(place)
            self.remove_here(image, tag)

    def remove_here(self, image: ImageRef, tag: str) -> None:
        """Take a label away that the store has no more."""
        super().remove(image, tag)

    def version_file(self, image: ImageRef, tag: str, number: int) -> tuple[Version, Path]:
        """See :meth:`LabelFiles.version_file`; the file is fetched where it is not on this machine."""
        version, file = super().version_file(image, tag, number)
        if not file.exists():
            self.fetch_version(tag, image.id, number, version.ext)
        return version, file

    def fetch_version(self, tag: str, image_id: str, number: int, ext: str) -> bytes:
        """Have a version on this machine, and return its bytes.

        Raises:
            DatastoreError: The store does not have it, or it cannot be written here.
        """
        path = self.version_path(tag, image_id, number, ext)
        try:
            data = self.store.read(path)
        except FileNotFoundError as error:
            raise DatastoreError(f"{self.store.url}/{path}: this version of the label is gone") from error
        self.keep_version(image_id, tag, number, ext, data)
        return data

    def version_path(self, tag: str, image_id: str, number: int, ext: str) -> str:
        """Where the store has a version."""
        return f"{VERSIONS}/{tag}/{kept_name(image_id, number, ext)}"

    def note_version(self, image: ImageRef, tag: str, number: int, ext: str, one: RemoteObject) -> None:
        """Make a row of a version that was saved elsewhere."""
        with self.catalogue.write(durable=False, found=True) as connection:
            label = label_rows.find(connection, image.pk, tag) or label_rows.new_label(connection, image, tag)
            if all(known.number != number for known in label_rows.versions(connection, label.pk)):
                version = Version(number, ext, one.size, None, None, float(one.time or time.time()), {})
                label_rows.add_version(connection, label.pk, version)

    @contextlib.contextmanager
    def alone_at(self, label: str) -> Iterator[None]:
        """Nobody else on this machine changes that label meanwhile."""
        name = hashlib.sha256(label.encode()).hexdigest()[:32]
        with disk.explained(f"{self._locks}: the label cannot be changed"):
            make_folder(self._locks)
            descriptor = open_plain(self._locks / name, os.O_RDWR | os.O_CREAT)
        try:
            if sys.platform != "win32":
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _upload(self, image: ImageRef, tag: str, ext: str, data: bytes, progress: Progress) -> int:
        with self.catalogue.read() as connection:
            label = label_rows.find(connection, image.pk, tag)
            number = 1 if label is None else label_rows.last_number(connection, label.pk) + 1
            others = set() if label is None else set(label_rows.extensions(connection, label.pk)) - {ext}
        if label is not None:
            self._keep_in_store(label)
        number = self._upload_version(image, tag, ext, data, number)
        progress.step(1, 1)
        self._upload_current(image, tag, ext, data, number)
        for other in others:
            place = self._place(tag, image.id, other)
            if self.listed.stamp(place) is not None:
                self.store.remove(place)
                self.listed.remove(place)
        return number

    def _upload_version(self, image: ImageRef, tag: str, ext: str, data: bytes, number: int) -> int:
        while True:
            path = self.version_path(tag, image.id, number, ext)
            try:
                self._list(path, data, self.store.create(path, data))
            except FileExistsError:
                there = self.store.stat(path)
                # An upload whose answer was lost is this one.
                if there is not None and there.size == len(data) and self.store.read(path) == data:
                    return number
                if there is not None:
                    self.note_version(image, tag, number, ext, there)
                number += 1
                while (there := self.store.stat(self.version_path(tag, image.id, number, ext))) is not None:
                    self.note_version(image, tag, number, ext, there)
                    number += 1
            else:
                return number

    def _upload_current(self, image: ImageRef, tag: str, ext: str, data: bytes, number: int) -> None:
        place = self._place(tag, image.id, ext)
        listed = self.listed.find(place)
        before = None if listed is None else listed.tag
        for _ in range(_TRIES):
            try:
                self._list(place, data, self.store.replace(place, data, before))
            except Replaced:
                if self.store.stat(self.version_path(tag, image.id, number + 1, ext)) is not None:
                    return  # somebody has saved after this: theirs is the current one, as refresh() will find
                now = self.store.stat(place)
                before = None if now is None else now.tag
            else:
                return
        raise DatastoreError(
            f"{self.store.url}/{place}: others replace this label again and again; it is kept as version {number}"
        )

    def _keep_in_store(self, label: Label) -> None:
        """Make a version in the store of a label that somebody put there without one, before it is replaced."""
        if label.number is None or label.ext is None:
            return
        path = self.version_path(label.tag, label.image_id, label.number, label.ext)
        if self.listed.stamp(self.listed_path(path)) is None:
            data = self.file(label.tag, label.image_id, label.ext).read_bytes()
            with contextlib.suppress(FileExistsError):
                self._list(path, data, self.store.create(path, data))

    def _list(self, path: str, data: bytes, tag: str) -> None:
        listed = RemoteObject(self.listed_path(path), len(data), tag, int(time.time()))
        with contextlib.suppress(OSError):  # it is found again by the next look
            self.listed.put(listed)

    def _place(self, tag: str, image_id: str, ext: str) -> str:
        return self.file(tag, image_id, ext).relative_to(self.root).as_posix()

    def _next_number(self, connection: Connection, label: Label, ext: str) -> int:
        reserved: int | None = getattr(self._reserved, "number", None)
        return reserved if reserved is not None else super()._next_number(connection, label, ext)

    def _check_writing(self) -> None:
        if self.only_read is not None:
            raise DatastoreError(self.only_read)
        self.catalogue.check_writing()
