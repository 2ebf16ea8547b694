"""Labels that lie in a store: its versions are the labels, and the files on this machine are copies of them.

A label goes through three steps: its version is written to the store under a number that no version has yet; the
current label is replaced, if it is still one that is known; one commit makes the version the current one in the
catalogue. Other machines may share the catalogue. What it says counts: a copy that is not the version it names is
fetched when it is asked for. Two machines that save one label at once have a number each, and the later number is the
current one.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from jlabel.datastores import disk, label_rows
from jlabel.datastores.catalogue import Catalogue
from jlabel.datastores.label_batches import LabelBatches, StagedLabel
from jlabel.datastores.label_rows import ImageRef, Label, Version
from jlabel.datastores.remote.label_copies import LabelCopies
from jlabel.datastores.remote.label_locks import LabelLocks
from jlabel.datastores.remote.label_store import LabelKey, LabelStore
from jlabel.datastores.remote.label_uploads import LabelUploads
from jlabel.datastores.remote.placeholders import Placeholders
from jlabel.datastores.remote.remote_object import RemoteObject
from jlabel.datastores.remote.store import ObjectStore
from jlabel.datastores.safe_names import check_writable_place
from jlabel.errors import DatastoreError
from jlabel.files.file_operations import make_folder, remove_file
from jlabel.files.links import OWN_FOLDER
from jlabel.files.temporary import temporary_name
from jlabel.progress import NO_PROGRESS, Progress

_AT_ONCE = 16


class RemoteLabels(LabelBatches):
    """The labels of studies that lie in a store.

    Args:
        catalogue: Where the rows are.
        root: The studies folder on this machine.
        labels_dir: The folder of the labels, relative to it.
        store: The store.

    Attributes:
        stored: The labels in the store.
        only_read: Why nothing can be saved; None where it can.
    """

    def __init__(self, catalogue: Catalogue, root: Path, labels_dir: str, store: ObjectStore) -> None:
        super().__init__(catalogue, root, labels_dir)
        self.stored = LabelStore(store, Placeholders(root / OWN_FOLDER / "store"))
        self.only_read: str | None = None
        self._locks = LabelLocks(root / OWN_FOLDER / "store-locks")
        self._copies = LabelCopies(self, self.stored)
        self._uploads = LabelUploads(catalogue, self.stored, self._copies)

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
            progress.check()
            with self.alone_at(tag, image.id):
                self.current(image, tag)  # what another program has put there gets its number first
                return self._save_alone(image, tag, ext, staged, info, author, progress)
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
        with self.alone_at(tag, image.id):
            label = self.current(image, tag)
            if label is None or label.ext is None:
                raise DatastoreError(f"image {image.id!r} has no label with the tag {tag!r} to remove")
            self._uploads.keep(label)
            self.stored.remove_current(self._copies.store_path(LabelKey(tag, image.id), label.ext))
            self.remove_here(image, tag)

    def remove_here(self, image: ImageRef, tag: str) -> None:
        """Take a label away that the store has no more."""
        with self.catalogue.write() as connection:
            label = label_rows.find(connection, image.pk, tag)
            if label is None or label.ext is None:
                return
            label_rows.change(connection, label, None)
        with disk.explained(f"{self.file(tag, image.id, label.ext)}: the label could not be removed"):
            remove_file(self.file(tag, image.id, label.ext))

    def current(self, image: ImageRef, tag: str) -> Label | None:
        """See :meth:`LabelPlacement.current`; its file is fetched where that on this machine is another one."""
        label = self.row(image, tag)
        if label is None or label.number is None:
            return None
        if self._unchanged(label):
            return label
        with self.alone_at(tag, image.id):
            return self._bring(image, tag)

    def current_version(self, image_id: str, tag: str) -> Version | None:
        """See :meth:`LabelPlacement.current_version`; what the catalogue says, without a look at the file."""
        with self.catalogue.read() as connection:
            found = label_rows.find_with_version(connection, image_id, tag)
        return None if found is None else found[1]

    def up_to_date(self, connection: Connection, image: ImageRef, tag: str) -> Label | None:
        """The label's row, which is always up to date."""
        return label_rows.find(connection, image.pk, tag)

    def settle(self, label_pk: int | None = None) -> None:
        """Nothing is left to be finished after a commit."""

    def bring_all(self, tag: str) -> None:
        """Have the current labels of a tag on this machine, many at once.

        Raises:
            DatastoreError: One cannot be fetched.
        """
        with self.catalogue.read() as connection:
            labels = label_rows.find_all(connection)
        stale = [one for one in labels if one.tag == tag and not self._unchanged(one)]
        with ThreadPoolExecutor(_AT_ONCE, "jlabel-labels") as threads:
            for done in [threads.submit(self.current, ImageRef(one.image_pk, one.image_id), one.tag) for one in stale]:
                done.result()

    def version_file(self, image: ImageRef, tag: str, number: int) -> tuple[Version, Path]:
        """See :meth:`LabelFiles.version_file`; the file is fetched where it is not on this machine."""
        version, _ = super().version_file(image, tag, number)
        return version, self._copies.version_file(LabelKey(tag, image.id), version)

    def take_in(self, image: ImageRef, tag: str, ext: str, one: RemoteObject, data: bytes) -> None:
        """Make what the store has as the current label the current one here; whoever calls is alone at it.

        Args:
            image: The image.
            tag: The label's tag.
            ext: The extension of its file.
            one: The object.
            data: Its bytes.
        """
        known = self._uploads.known_version(image, tag, ext, data)
        place = self._copies.store_path(LabelKey(tag, image.id), ext)
        with self._copies.staged(ext, data, one.mtime_ns) as staged:
            state, sha256 = disk.fingerprint(staged)
            with self.catalogue.write(found=True) as connection:
                label = label_rows.find_or_new(connection, image, tag)
                if known is None:
                    # Whoever saved it may have written its row since then.
                    rows = label_rows.versions(connection, label.pk)
                    known = next((row for row in rows[::-1] if (row.ext, row.sha256) == (ext, sha256)), None)
                number = known.number if known is not None else self._next_number(connection, label, ext)
                if known is None:
                    version = Version(number, ext, len(data), sha256, None, float(one.time or time.time()), {})
                    label_rows.add_version(connection, label.pk, version)
                if label.number == number:
                    os.utime(staged, ns=(label.mtime_ns, label.mtime_ns))
                elif label.number is None or number > label.number or self._is_still(place, one):
                    label_rows.change(connection, label, number, state)
            self._copies.place(label, number, ext, staged)

    def row(self, image: ImageRef, tag: str) -> Label | None:
        """The row of a label, whatever its file is."""
        with self.catalogue.read() as connection:
            return label_rows.find(connection, image.pk, tag)

    def alone_at(self, tag: str, image_id: str) -> contextlib.AbstractContextManager[None]:
        """Nobody else on this machine changes that label meanwhile."""
        return self._locks.held(f"{tag}/{image_id}")

    def _is_still(self, place: str, one: RemoteObject) -> bool:
        """Whether an older version is the current one in the store: another program has put it there."""
        now = self.stored.store.stat(place)
        return now is not None and (now.tag, now.size) == (one.tag, one.size)

    def _bring(self, image: ImageRef, tag: str) -> Label | None:
        label = self.row(image, tag)
        if label is not None and label.ext is not None and not self._unchanged(label) and self._is_edited(label):
            if self.only_read is not None or self.catalogue.only_read is not None:
                return label
            with self._copies.staged_file(self.file(tag, image.id, label.ext)) as staged:
                self._save_alone(image, tag, label.ext, staged, {}, None, NO_PROGRESS)
            label = self.row(image, tag)
        if label is None or label.number is None:
            return None
        if not self._unchanged(label):
            version, _ = self.version_file(image, tag, label.number)
            self._copies.show(label, version)
        return label

    def _is_edited(self, label: Label) -> bool:
        """Whether another program has changed the copy on this machine."""
        assert label.ext is not None
        try:
            state, sha256 = disk.fingerprint(self.file(label.tag, label.image_id, label.ext))
        except OSError:
            return False
        with self.catalogue.read() as connection:
            return self._known_number(connection, label, state.st_size, sha256) is None

    def _save_alone(
        self,
        image: ImageRef,
        tag: str,
        ext: str,
        staged: Path,
        info: Mapping[str, Any],
        author: str | None,
        progress: Progress,
    ) -> int:
        data = staged.read_bytes()
        number = self._uploads.upload(image, tag, ext, data, progress)
        self._copies.stamp(staged)
        state, sha256 = disk.fingerprint(staged)
        row = Version(number, ext, state.st_size, sha256, author, time.time(), info)
        with self.catalogue.write() as connection:
            label = label_rows.find_or_new(connection, image, tag)
            label_rows.add_or_complete_version(connection, label.pk, row)
            if label.number is None or number >= label.number:
                label_rows.change(connection, label, number, state)
        with contextlib.suppress(DatastoreError, OSError):  # it is fetched where it is wanted
            self._copies.place(label, number, ext, staged)
        return number

    def _check_writing(self) -> None:
        if self.only_read is not None:
            raise DatastoreError(self.only_read)
        self.catalogue.check_writing()
