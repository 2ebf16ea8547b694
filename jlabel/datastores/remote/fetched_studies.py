"""Studies whose images lie elsewhere, open: a studies folder on this machine that lists them, and a cache of them.

Where they lie, how it is asked and where labels go is the matter of a subclass.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import select

from jlabel.datastores.database.address import PostgresAddress
from jlabel.datastores.remote.address import LocalPlaces
from jlabel.datastores.remote.image_cache import ImageCache
from jlabel.datastores.remote.image_files import files_of_image
from jlabel.datastores.remote.placeholders import Placeholders
from jlabel.datastores.remote.remote_object import RemoteObject
from jlabel.datastores.remote.store import StoreUnreachable
from jlabel.datastores.studies import StudiesFolder
from jlabel.datastores.tables import ImageRow
from jlabel.errors import DatastoreError
from jlabel.files.links import OWN_FOLDER
from jlabel.files.plain_files import open_plain

if sys.platform != "win32":
    import fcntl

# An image that was looked at in the store so short a time ago is not looked at again.
_FRESH_SECONDS = 60.0
_IMAGES_AT_ONCE = 4


class FetchedStudies(StudiesFolder):
    """The parts that a datastore of images elsewhere works with.

    Args:
        places: The folders on this machine.
        cache: The images that were downloaded.
        timeout: As for :class:`StudiesFolder`.
        catalogue: As for :class:`StudiesFolder`.
        looks: Whether the images are listed at once; if not, the listing of before is used where there is one.
    """

    def __init__(
        self,
        places: LocalPlaces,
        cache: ImageCache,
        timeout: float,
        catalogue: str | Path | PostgresAddress | None,
        looks: bool = True,
    ) -> None:
        self.cache = cache
        self._looks = looks
        self._checked: dict[str, float] = {}
        self._listing_turn = threading.RLock()
        self.replaced: set[str] = set()
        super().__init__(places.studies, timeout, catalogue)

    def close(self) -> None:
        """Close the catalogue, and let the images go that were kept."""
        self.cache.close()
        super().close()

    def image_file(self, path: str) -> Path:
        """Where the image with that path is once it was fetched."""
        return self.cache.top / self._below_root(path)

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
            return self._read_start(inside, size)

        return [self._below_root(name) for name in files_of_image(self.images_top, path, read_start)]

    @abstractmethod
    def _look(self, files: Collection[str]) -> dict[str, RemoteObject]:
        """The files as they are now elsewhere; the listing is brought up to date with them.

        Raises:
            DatastoreError: They cannot be looked at.
            FileNotFoundError: One is gone.
        """

    def _as_listed(self, files: Collection[str]) -> RemoteObject | None:
        """The only object of an image, where it can be asked for as it was listed."""
        return None

    def _read_start(self, path: str, size: int) -> bytes:
        """The first bytes of a file that names others."""
        raise DatastoreError(f"{path} is not fetched")

    def _fetch_to_keep(self, path: str) -> Path:
        self.keep(path)
        return self.fetch(path)

    def _below_root(self, path: str) -> str:
        return (self.images_top / path).relative_to(self.root).as_posix()

    def _is_cached(self, files: Collection[str], found: Mapping[str, RemoteObject] | None = None) -> bool:
        listed = Placeholders(self.root)
        stamps = {name: listed.stamp(name) if found is None else found[name].mtime_ns for name in files}
        return all(stamp is not None and self.cache.stamp(name) == stamp for name, stamp in stamps.items())

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
