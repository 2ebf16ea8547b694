"""Opened images, read once while memory lasts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numpy.typing import NDArray

from jlabel.datastores import Datastore
from jlabel.errors import DatastoreError, ImageError
from jlabel.imaging import Image, read_image, read_label
from jlabel.imaging.intensity import Intensities, intensities
from jlabel.manager.cache import ByteCache

T = TypeVar("T")


class OpenedImages:
    """Images of a datastore and what was worked out from them, in a cache that a changed file passes by."""

    def __init__(self, datastore: Datastore, cache: ByteCache) -> None:
        self._datastore = datastore
        self._cache = cache

    def image(self, image_id: str, frame: int = 0) -> Image:
        """The image, from memory or from its file."""
        return self._cache.get(("image", *self._version(image_id), frame), lambda: self._read(image_id, frame))

    def intensities(self, image_id: str, frame: int = 0) -> Intensities:
        """The intensity statistics of the image."""
        key = ("intensities", *self._version(image_id), frame)
        return self._cache.get(key, lambda: intensities(self.image(image_id, frame)))

    def label(self, image_id: str, tag: str, version: int | None = None) -> NDArray[Any]:
        """A saved label in the image's grid, of an earlier version if asked; not kept in memory, since it changes."""
        if version is None:
            uri = self._datastore.get_label_uri(image_id, tag)
        else:
            uri = self._datastore.get_version_uri(image_id, version, tag)
        return read_label(Path(uri), self.image(image_id))

    def prepared(self, image_id: str, frame: int, owner: str) -> PreparedImage:
        """Where one task keeps its work on one image."""
        return PreparedImage(self._cache, ("prepared", *self._version(image_id), frame, owner))

    def _read(self, image_id: str, frame: int) -> Image:
        return read_image(Path(self._datastore.get_image_uri(image_id)), frame=frame)

    def _version(self, image_id: str) -> tuple[str, int, int]:
        path = self._datastore.get_image_uri(image_id)
        try:
            stat = Path(path).stat()
        except FileNotFoundError as error:
            raise DatastoreError(f"image {image_id!r} is gone: {path} does not exist any more") from error
        except OSError as error:
            raise ImageError(path, f"cannot be read: {error.strerror}") from error
        return image_id, stat.st_mtime_ns, stat.st_size


class PreparedImage:
    """What one task worked out for one image (see :class:`jlabel.tasks.request.Prepared`)."""

    def __init__(self, cache: ByteCache, key: tuple[Any, ...]) -> None:
        self._cache = cache
        self._key = key

    def get(self, key: str, build: Callable[[], T]) -> T:
        """What is kept under ``key``, built where it is not there."""
        return self._cache.get((*self._key, key), build)
