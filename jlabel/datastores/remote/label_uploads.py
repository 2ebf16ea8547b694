"""Labels that go to a store: their versions first, and nothing is replaced that is not kept."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from jlabel.datastores import label_rows
from jlabel.datastores.catalogue import Catalogue
from jlabel.datastores.label_rows import ImageRef, Label, Version
from jlabel.datastores.remote.label_copies import LabelCopies
from jlabel.datastores.remote.label_store import LabelKey, LabelStore, version_path
from jlabel.datastores.remote.remote_object import RemoteObject
from jlabel.progress import Progress


class FoundVersion(NamedTuple):
    """A version of which the store has the file."""

    number: int
    ext: str
    one: RemoteObject

    @property
    def row(self) -> Version:
        """What is known of it without its file."""
        return Version(self.number, self.ext, self.one.size, None, None, float(self.one.time or time.time()), {})


class LabelUploads:
    """Writes labels to a store.

    Args:
        catalogue: Where the rows are.
        stored: The labels in the store.
        copies: The labels on this machine.
    """

    def __init__(self, catalogue: Catalogue, stored: LabelStore, copies: LabelCopies) -> None:
        self._catalogue = catalogue
        self._stored = stored
        self._copies = copies

    def upload(self, image: ImageRef, tag: str, ext: str, data: bytes, progress: Progress) -> int:
        """Write a version and make it the current label in the store, unless somebody has saved after it.

        Args:
            image: The image.
            tag: The label's tag.
            ext: The extension of its file.
            data: Its bytes.
            progress: Told once the version is written.

        Returns:
            The version's number.

        Raises:
            DatastoreError: It cannot be written.
        """
        with self._catalogue.read() as connection:
            label = label_rows.find(connection, image.pk, tag)
            number = 1 if label is None else label_rows.last_number(connection, label.pk) + 1
            others = set() if label is None else set(label_rows.extensions(connection, label.pk)) - {ext}
        if label is not None:
            self.keep(label)
        key = LabelKey(tag, image.id)
        place = self._copies.store_path(key, ext)
        number = self._add_version(image, tag, ext, data, number)
        progress.step(1, 1)

        def is_late() -> bool:
            return self._stored.store.stat(version_path(key, number + 1, ext)) is not None

        def is_kept(content: bytes) -> bool:
            known = self.known_version(image, tag, ext, content)
            return known is not None and self._stored.holds_version(key, known.number, ext, content)

        while (strange := self._stored.put_current(place, data, is_late, is_kept)) is not None:
            # Another program's label is kept before it is replaced.
            before = self._add_version(image, tag, ext, strange, number + 1)
            self.note_versions(image, tag, ext, {before: RemoteObject(place, len(strange), "", int(time.time()))})
            number = self._add_version(image, tag, ext, data, before + 1)
        for other in others:
            if self._stored.listed.stamp(former := self._copies.store_path(key, other)) is not None:
                self._stored.remove_current(former)
        return number

    def keep(self, label: Label) -> None:
        """Make a version in the store of a label that somebody put there without one, before it is replaced."""
        if label.number is None or label.ext is None:
            return
        key = LabelKey(label.tag, label.image_id)
        if not self._stored.has_version(key, label.number, label.ext):
            with self._catalogue.read() as connection:
                versions = label_rows.versions(connection, label.pk)
            version = next(one for one in versions if one.number == label.number)
            data = self._copies.version_file(key, version).read_bytes()
            self._stored.add_version(key, version.number, version.ext, data)

    def known_version(self, image: ImageRef, tag: str, ext: str, data: bytes) -> Version | None:
        """The latest version that has these bytes; versions that others saved are fetched to know."""
        sha256 = hashlib.sha256(data).hexdigest()
        with self._catalogue.read() as connection:
            label = label_rows.find(connection, image.pk, tag)
            versions = [] if label is None else label_rows.versions(connection, label.pk)
        alike = (one for one in versions[::-1] if (one.ext, one.size) == (ext, len(data)))
        key = LabelKey(tag, image.id)
        return next((one for one in alike if (one.sha256 or self._copies.sha256(key, one)) == sha256), None)

    def note_versions(self, image: ImageRef, tag: str, ext: str, found: Mapping[int, RemoteObject]) -> None:
        """Make rows of versions that were saved elsewhere, by their numbers."""
        if not found:
            return
        with self._catalogue.write(durable=False, found=True) as connection:
            add_found(connection, image, tag, [FoundVersion(number, ext, one) for number, one in found.items()])

    def _add_version(self, image: ImageRef, tag: str, ext: str, data: bytes, number: int) -> int:
        found, others = self._stored.add_version(LabelKey(tag, image.id), number, ext, data)
        self.note_versions(image, tag, ext, others)
        return found


def add_found(connection: Connection, image: ImageRef, tag: str, found: Iterable[FoundVersion]) -> None:
    """Make rows of versions that were saved elsewhere; of those that have none."""
    label = label_rows.find_or_new(connection, image, tag)
    known = {version.number for version in label_rows.versions(connection, label.pk)}
    for one in found:
        if one.number not in known:
            label_rows.add_version(connection, label.pk, one.row)
            known.add(one.number)
