"""Studies that lie in a store, open: a studies folder on this machine whose images are fetched when they are read."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Iterable
from pathlib import Path

from sqlalchemy import Connection

from jlabel.datastores.catalogue_link import is_id, new_id
from jlabel.datastores.database.address import PostgresAddress
from jlabel.datastores.image_rows import newest_image
from jlabel.datastores.label_batches import LabelBatches
from jlabel.datastores.label_scan import spelled_labels
from jlabel.datastores.listing import Scan
from jlabel.datastores.monailabel import Noted
from jlabel.datastores.remote.address import LocalPlaces
from jlabel.datastores.remote.fetched_studies import FetchedStudies
from jlabel.datastores.remote.image_cache import ImageCache
from jlabel.datastores.remote.image_listing import Changes, ImageListing
from jlabel.datastores.remote.label_sync import LabelSync
from jlabel.datastores.remote.placeholders import Placeholders
from jlabel.datastores.remote.remote_labels import RemoteLabels
from jlabel.datastores.remote.remote_object import RemoteObject
from jlabel.datastores.remote.store import ObjectStore, StoreDenied
from jlabel.datastores.setting_rows import get_setting
from jlabel.errors import DatastoreError
from jlabel.files.atomic import atomic_write
from jlabel.files.links import OWN_FOLDER
from jlabel.imaging.formats.dicom_groups import path_on_disk

_FEW = 4
_MARK = f"{OWN_FOLDER}/opened-elsewhere"
_ID = f"{OWN_FOLDER}/studies-id"
# Seconds for which a listing is new.
_SOON = 5.0


class RemoteStudies(FetchedStudies):
    """The parts that a remote datastore works with.

    Args:
        places: The folders on this machine.
        store: Where the studies are.
        cache: The images that were downloaded.
        timeout: As for :class:`StudiesFolder`.
        catalogue: As for :class:`StudiesFolder`.
        looks: Whether the store is listed at once; if not, the listing of before is used where there is one.
    """

    def __init__(
        self,
        places: LocalPlaces,
        store: ObjectStore,
        cache: ImageCache,
        timeout: float,
        catalogue: str | Path | PostgresAddress | None = None,
        looks: bool = True,
    ) -> None:
        self.store = store
        self._listed_at = float("-inf")
        super().__init__(places, cache, timeout, catalogue, looks)

    def studies_id(self) -> str | None:
        """See :meth:`StudiesFolder.studies_id`; the store keeps it.

        Raises:
            DatastoreError: It has none, and nothing can be written.
        """
        for _ in range(2):
            with contextlib.suppress(FileNotFoundError):
                found = self.store.read(_ID).decode("ascii", "replace").strip()
                if not is_id(found):
                    raise DatastoreError(f"{self.store.url}/{_ID}: it was changed by another program")
                return found
            with contextlib.suppress(FileExistsError):
                self.store.create(_ID, new_id().encode())
        raise DatastoreError(f"{self.store.url}/{_ID} cannot be read")

    def _make_labels(self, labels_dir: str) -> LabelBatches:
        return RemoteLabels(self.catalogue, self.root, labels_dir, self.store)

    def update(self, noted: Noted | None = None) -> None:
        """Look for images and labels that have come, gone or changed in the store."""
        with self._listing_turn:
            looks, self._looks = self._looks, True
            mark = self.root / OWN_FOLDER / "listed"
            known_to = mark.read_bytes() if mark.is_file() else None
            with self.catalogue.read() as connection:
                newest = newest_image(connection)
                scanned = get_setting(connection, "scanned") is not None
                self.files.spelled = spelled_labels(connection)
            if scanned and not looks and known_to is not None:
                return
            self._listed_at = time.monotonic()
            with self._alone():
                objects = self.store.list()
                if not objects and known_to is None:
                    self._check_place()
                changes = self._listing.update(objects, lambda path: self.store.stat(path) is None)
                self._take_in(changes)
            self._look_through(noted, newest)
            # What was listed before is known to the catalogue of then, which may be lost, or another one.
            name = self.catalogue.database.place.encode()
            anew = not scanned or known_to != name
            self._note("labels left out", LabelSync(self.labels, self.catalogue).update(objects, anew))
            if known_to != name:
                atomic_write(mark, lambda out: out.write(name))
            self._note("objects", changes.note() or "")

    def fetch(self, path: str) -> Path:
        """See :meth:`FetchedStudies.fetch`; an image that another machine has added is looked for first."""
        if not path_on_disk(self.images_top / path).exists():
            with self._listing_turn:
                if time.monotonic() - self._listed_at > _SOON:
                    self.update()
        return super().fetch(path)

    @property
    def labels(self) -> RemoteLabels:
        """The labels and their versions."""
        assert isinstance(self.files, RemoteLabels)
        return self.files

    def check_writing(self) -> None:
        """Find out whether something can be written to the store; if not, that is noted, and said at each save."""
        try:
            self.store.write(_MARK, b"")
        except StoreDenied as error:
            self._notes["read"] = f"{self.store.url} is open to read, no label can be saved: {error}"
            self.labels.only_read = self._notes["read"]

    @property
    def _listing(self) -> ImageListing:
        return ImageListing(self.store, Placeholders(self.root), self.labels.top.relative_to(self.root).as_posix())

    def _take_in(self, changes: Changes) -> None:
        self.cache.forget([*changes.replaced, *changes.gone])
        self.replaced.update(changes.replaced)
        self._checked.clear()

    def _note(self, topic: str, text: str) -> None:
        self._notes.pop(topic, None)
        if text:
            self._notes[topic] = text

    def _record_labels(self, connection: Connection, labels: Scan, first: bool) -> None:
        """Labels are those of the store: what lies on this machine are copies."""

    def _scan_labels(self, known: dict[str, int | None]) -> Scan:
        return Scan()

    def _labels_vanished(self, connection: Connection) -> bool:
        return False

    def _check_place(self) -> None:
        """Refuse a place in which there is nothing: its name may be mistyped."""
        if "/" in self.store.url.partition("://")[2]:
            raise DatastoreError(
                f"{self.store.url}: there is no such place of studies: no object's name begins with it. Upload an "
                "image to it first, or see to the spelling"
            )

    def _as_listed(self, files: Collection[str]) -> RemoteObject | None:
        """The only object of an image, if the store can be asked for it by its tag."""
        (name, *others) = files
        listed = None if others else Placeholders(self.root).find(name)
        return listed if listed is not None and listed.has_etag else None

    def _read_start(self, path: str, size: int) -> bytes:
        return self.store.read(path)[:size] if not self.store.ranged else self._start(path, size)

    def _start(self, path: str, size: int) -> bytes:
        return next((head or b"" for _, head in self.store.heads([path], size)), b"")

    def _look(self, files: Collection[str]) -> dict[str, RemoteObject]:
        """The objects as the store has them now; the listing is brought up to date with them."""
        found = dict(self._stat_all(files))
        listed = Placeholders(self.root)
        for name in files:
            if name not in found:
                with self.listed():
                    listed.remove(name)
                    self.cache.forget([name])
                raise FileNotFoundError(name)
            if listed.stamp(name) != found[name].mtime_ns:
                self._listing.put(found[name])
                self.replaced.add(name)
        return found

    def _stat_all(self, files: Collection[str]) -> Iterable[tuple[str, RemoteObject]]:
        if len(files) <= _FEW:
            for name in files:
                one = self.store.stat(name)
                if one is not None:
                    yield name, one
            return
        wanted = set(files)
        for folder in {name.rpartition("/")[0] for name in files}:
            for one in self.store.list(folder, deep=False):
                if one.path in wanted:
                    yield one.path, one
