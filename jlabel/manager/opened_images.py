"""Opened images, read once while memory lasts."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numpy.typing import NDArray

from jlabel.datastores import FINAL, Datastore
from jlabel.datastores.unreadable import UNREADABLE_KEY, UNSHOWN_KEY, unreadable_note
from jlabel.errors import DatastoreError, ImageError, LabelError
from jlabel.imaging import FittedLabel, Image, read_fitted_label, read_image, read_label
from jlabel.imaging.formats.dicom_groups import path_on_disk
from jlabel.imaging.intensity import Intensities, intensities
from jlabel.manager.cache import ByteCache

T = TypeVar("T")
FileStamp = tuple[int, int]


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

    def label(
        self, image_id: str, tag: str, version: int | None = None, notes: dict[str, str] | None = None
    ) -> NDArray[Any]:
        """A saved label in the image's grid, of an earlier version if asked; not kept in memory, since it changes."""
        if version is None:
            uri = self._datastore.get_label_uri(image_id, tag)
        else:
            uri = self._datastore.get_version_uri(image_id, version, tag)
        image = self.image(image_id)
        try:
            label = read_label(Path(uri), image, notes)
        except (LabelError, ImageError):
            self._note_label(image_id, tag, version, is_shown=False)
            raise
        self._note_label(image_id, tag, version, is_shown=True)
        return label

    def fitted_label(self, image_id: str, tag: str) -> FittedLabel:
        """A saved label that was drawn in another voxel grid, put into that of the image."""
        return read_fitted_label(Path(self._datastore.get_label_uri(image_id, tag)), self.image(image_id))

    def file_stamp(self, image_id: str, path: Path | None = None) -> FileStamp:
        """What tells the image's file from one that was put in its place: time and size, not the content."""
        return (self._version(image_id) if path is None else _state(image_id, path))[1:]

    def prepared(self, image_id: str, frame: int, owner: str, image: Image | None = None) -> PreparedImage:
        """Where one task stores its work on one image, which the caller may have at hand."""
        path = None if image is None else image.path
        version = self._version(image_id) if path is None else _state(image_id, path)
        return PreparedImage(self._cache, ("prepared", *version, frame, owner))

    def _read(self, image_id: str, frame: int) -> Image:
        path = Path(self._datastore.get_image_uri(image_id))
        try:
            image = read_image(path, frame=frame)
        except ImageError as error:
            self._note(image_id, path, error.reason)
            raise
        self._note(image_id, path, None)
        return image

    def _note_label(self, image_id: str, tag: str, version: int | None, *, is_shown: bool) -> None:
        """Keep with the image whether its final label can be shown: else it does not count as labelled."""
        if tag != FINAL or version is not None:
            return
        with contextlib.suppress(DatastoreError):
            noted = self._datastore.get_image_info(image_id).get(UNSHOWN_KEY)
            if is_shown and noted is None:
                return
            current = self._datastore.current_version(image_id, tag)
            now = None if is_shown or current is None else current.number
            if noted != now:
                self._datastore.update_image_info(image_id, {UNSHOWN_KEY: now})

    def _note(self, image_id: str, path: Path, problem: str | None) -> None:
        """Keep with the image whether it could be read: it does not count as one that waits to be labelled."""
        with contextlib.suppress(DatastoreError, OSError):
            noted = self._datastore.get_image_info(image_id).get(UNREADABLE_KEY)
            now = None if problem is None else unreadable_note(path, problem)
            if noted != now:
                self._datastore.update_image_info(image_id, {UNREADABLE_KEY: now})

    def _version(self, image_id: str) -> tuple[str, int, int]:
        return _state(image_id, Path(self._datastore.get_image_uri(image_id)))


def _state(image_id: str, path: Path) -> tuple[str, int, int]:
    """What tells an image from another one that is put in the place of its file."""
    try:
        stat = path_on_disk(path).stat()
    except FileNotFoundError as error:
        raise DatastoreError(f"image {image_id!r} is gone: {path} does not exist any more") from error
    except OSError as error:
        raise ImageError(str(path), f"cannot be read: {error.strerror}") from error
    return image_id, stat.st_mtime_ns, stat.st_size


class PreparedImage:
    """What one task worked out for one image (see :class:`jlabel.tasks.request.Prepared`)."""

    def __init__(self, cache: ByteCache, key: tuple[Any, ...]) -> None:
        self._cache = cache
        self._key = key

    def get(self, key: str, build: Callable[[], T]) -> T:
        """What is kept under ``key``, built where it is not there."""
        return self._cache.get((*self._key, key), build)
