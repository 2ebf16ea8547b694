"""Studies that lie in a store, open: a studies folder on this machine whose images are fetched when they are read."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import select

from jlabel.datastores.catalogue_link import CATALOGUE
from jlabel.datastores.label_batches import LabelBatches
from jlabel.datastores.monailabel import Noted
from jlabel.datastores.remote.address import LocalPlaces
from jlabel.datastores.remote.image_cache import ImageCache
from jlabel.datastores.remote.image_files import files_of_image
from jlabel.datastores.remote.image_listing import Changes, ImageListing
from jlabel.datastores.remote.label_sync import LabelSync
from jlabel.datastores.remote.placeholders import Placeholders
from jlabel.datastores.remote.remote_labels import RemoteLabels
from jlabel.datastores.remote.remote_object import RemoteObject
from jlabel.datastores.remote.store import ObjectStore, StoreDenied, StoreUnreachable
from jlabel.datastores.studies import StudiesFolder
from jlabel.datastores.tables import ImageRow
from jlabel.errors import DatastoreError
from jlabel.files.links import OWN_FOLDER
from jlabel.files.plain_files import open_plain

if sys.platform != "win32":
    import fcntl

# An image that was looked at in the store so short a time ago is not looked at again.
_FRESH_SECONDS = 60.0
_FEW = 4
_IMAGES_AT_ONCE = 4
_MARK = f"{OWN_FOLDER}/opened-elsewhere"


class RemoteStudies(StudiesFolder):
    """The parts that a remote datastore works with.

    Args:
        places: The folders on this machine.
        store: Where the studies are.
        cache: The images that were downloaded.
        timeout: As for :class:`StudiesFolder`.
        looks: Whether the store is listed at once; if not, the listing of before is used where there is one.
    """

    def __init__(
        self, places: LocalPlaces, store: ObjectStore, cache: ImageCache, timeout: float, looks: bool = True
    ) -> None:
        self.store = store
        self.cache = cache
        self._looks = looks
        self._checked: dict[str, float] = {}
        self._listing_turn = threading.RLock()
        self.replaced: set[str] = set()
        # Its own, whatever the environment names: its rows speak of this machine's files.
        super().__init__(places.studies, timeout, places.studies / OWN_FOLDER / CATALOGUE)

    def close(self) -> None:
        """Close the catalogue, and let the images go that were kept."""
        self.cache.close()
        super().close()

    def image_file(self, path: str) -> Path:
        """Where the image with that path is once it was fetched."""
        return self.cache.top / self._below_root(path)

    def _make_labels(self, labels_dir: str) -> LabelBatches:
        return RemoteLabels(self.catalogue, self.root, labels_dir, self.store)

    def update(self, noted: Noted | None = None) -> None:
        """Look for images and labels that have come, gone or changed in the store."""
        with self._listing_turn:
            before = self.root / OWN_FOLDER / "listed"
            if not self._looks and before.exists():
                self._looks = True
                super().update(noted)
                return
            self._looks = True
            with self._alone():
                objects = self.store.list()
                if not objects and not before.exists():
                    self._check_place()
                changes = self._listing.update(objects, lambda path: self.store.stat(path) is None)
                self._take_in(changes)
            super().update(noted)
            if LabelSync(self.labels, self.catalogue).update(objects):
                super().update()
            before.touch()
            self._note_changes(changes)

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

    def is_fetched(self, path: str) -> bool:
        """Whether an image can be read without a download."""
        with contextlib.suppress(DatastoreError, OSError):
            return self._is_cached(self._files(path, fetch_header=False))
        return False

    def fetch(self, path: str) -> Path:
        """Have the files of an image on this machine as the store has them, and return the image's path there.

        Raises:
            DatastoreError: They cannot be fetched.
            FileNotFoundError: The image is gone from the store.
        """
        files = self._files(path)
        checked = self._checked.get(path)
        if checked is not None and time.monotonic() - checked < _FRESH_SECONDS and self._is_cached(files):
            self.cache.touch(files)
            return self.image_file(path)
        try:
            self.cache.fetch(path, lambda: self._look(files), self._as_listed(files))
        except StoreUnreachable as error:
            if not self._is_cached(files):
                raise
            self._notes["unreachable"] = f"images that were opened before are read from the cache: {error}"
            self.cache.touch(files)
        else:
            self._notes.pop("unreachable", None)
            self._checked[path] = time.monotonic()
        return self.image_file(path)

    def fetch_all(self, paths: Mapping[str, str]) -> dict[str, Path]:
        """Have many images on this machine until this is closed; those that are gone from the store are left out.

        Args:
            paths: Ids to paths.
        """
        with ThreadPoolExecutor(_IMAGES_AT_ONCE, "jlabel-images") as threads:
            waiting = {image_id: threads.submit(self._fetch_to_keep, path) for image_id, path in paths.items()}
            found: dict[str, Path] = {}
            try:
                for image_id, one in waiting.items():
                    with contextlib.suppress(FileNotFoundError):
                        found[image_id] = one.result()
            except BaseException:
                for one in waiting.values():
                    one.cancel()
                raise
        return found

    def keep(self, path: str) -> None:
        """Keep an image on this machine until this is closed."""
        self.cache.keep(self._files(path))

    def fetch_file(self, path: str) -> Path:
        """Have one file that is no image on this machine, such as a DICOM segmentation.

        Raises:
            DatastoreError: It cannot be fetched.
        """
        name = self._below_root(path)
        self.cache.fetch(name, lambda: self._look([name]))
        return self.cache.top / name

    def id_of(self, path: str) -> str | None:
        """The id of the image with that path."""
        with self.catalogue.read() as connection:
            return connection.scalar(select(ImageRow.id).where(ImageRow.path == path))

    @contextlib.contextmanager
    def listed(self) -> Iterator[None]:
        """Nobody takes objects that come meanwhile for gone."""
        with self._listing_turn, self._alone():
            yield

    @property
    def _listing(self) -> ImageListing:
        return ImageListing(self.store, Placeholders(self.root), self.labels.top.relative_to(self.root).as_posix())

    def _fetch_to_keep(self, path: str) -> Path:
        self.keep(path)
        return self.fetch(path)

    def _take_in(self, changes: Changes) -> None:
        self.cache.forget([*changes.replaced, *changes.gone])
        self.replaced.update(changes.replaced)
        self._checked.clear()

    def _note_changes(self, changes: Changes) -> None:
        note = changes.note()
        if note is None:
            self._notes.pop("objects", None)
        else:
            self._notes["objects"] = note

    def _check_place(self) -> None:
        """Refuse a place in which there is nothing: its name may be mistyped."""
        if "/" in self.store.url.partition("://")[2]:
            raise DatastoreError(
                f"{self.store.url}: there is no such place of studies: no object's name begins with it. Upload an "
                "image to it first, or see to the spelling"
            )

    def _files(self, path: str, fetch_header: bool = True) -> list[str]:
        """The objects of an image, by their paths below the studies."""

        def read_start(name: str, size: int) -> bytes:
            inside = self._below_root(name)
            cached = self.cache.top / inside
            if self.cache.stamp(inside) == Placeholders(self.root).stamp(inside):
                with cached.open("rb") as file:
                    return file.read(size)
            if not fetch_header:
                raise DatastoreError(f"{name} is not fetched")
            return self.store.read(inside)[:size] if not self.store.ranged else self._start(inside, size)

        return [self._below_root(name) for name in files_of_image(self.images_top, path, read_start)]

    def _as_listed(self, files: Collection[str]) -> RemoteObject | None:
        """The only object of an image, if the store can be asked for it by its tag."""
        (name, *others) = files
        listed = None if others else Placeholders(self.root).find(name)
        return listed if listed is not None and listed.has_etag else None

    def _start(self, path: str, size: int) -> bytes:
        return next((head or b"" for _, head in self.store.heads([path], size)), b"")

    def _below_root(self, path: str) -> str:
        return (self.images_top / path).relative_to(self.root).as_posix()

    def _is_cached(self, files: Collection[str], found: Mapping[str, RemoteObject] | None = None) -> bool:
        listed = Placeholders(self.root)
        stamps = {name: listed.stamp(name) if found is None else found[name].mtime_ns for name in files}
        return all(stamp is not None and self.cache.stamp(name) == stamp for name, stamp in stamps.items())

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

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process changes the listing meanwhile."""
        descriptor = open_plain(self.root / OWN_FOLDER / "listing.lock", os.O_RDWR | os.O_CREAT)
        try:
            if sys.platform != "win32":
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
