"""Thumbnails for the list of images: made for what is on the screen, one at a time, and never in the labeler's way."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import threading
from pathlib import Path
from typing import Any, NamedTuple

from PIL import ImageColor

from jlabel.errors import JlabelError
from jlabel.imaging import read_image, read_label
from jlabel.imaging.formats.dicom_folder import files_of
from jlabel.imaging.formats.dicom_groups import path_on_disk
from jlabel.imaging.rendering.thumbnail import thumbnail
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.thumbnail_cache import ThumbnailCache
from jlabel.labeler.protocol import image_list_messages
from jlabel.labeler.protocol.image_list_messages import Thumbnail

# Larger files take seconds to read, and the person scrolls on.
_LARGEST_FILE = 200_000_000
_MOST_WANTED = 100
_NICENESS = 15
_SECONDS_BETWEEN_LOOKS = 0.1


class _ThumbnailRequest(NamedTuple):
    page: str
    image_id: str


class Thumbnails(Feature):
    """Every question of a page takes the place of its last one: what has scrolled away is not made any more."""

    def __init__(self, context: LabelerContext) -> None:
        super().__init__(context)
        self._requests: list[_ThumbnailRequest] = []
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None
        self._ended = False
        self._files: ThumbnailCache | None = None

    def message_handlers(self) -> Handlers:
        """A page's request for thumbnails."""
        return {image_list_messages.LoadThumbnails: self._on_thumbnails}

    def close(self) -> None:
        """End the thread."""
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _on_thumbnails(self, ask: image_list_messages.LoadThumbnails, _: Any) -> None:
        page = ask.client
        wanted = [_ThumbnailRequest(page, image_id) for image_id in ask.images[:_MOST_WANTED]]
        with self._news:
            self._requests = [request for request in self._requests if request.page != page] + wanted
            self._news.notify_all()
            if self._thread is None and wanted:
                self._thread = threading.Thread(target=self._run, name="jlabel-thumbnails", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        _be_nice()
        while (request := self._next()) is not None:
            problem = None
            try:
                made = [self._make(request.image_id)]
            except JlabelError as error:
                problem, made = str(error), []
            with self.context.lock:
                self.context.publish(Thumbnail(client=request.page, image=request.image_id, problem=problem), *made)

    def _next(self) -> _ThumbnailRequest | None:
        """The next request, once the labeler does nothing that the person waits for; None at the end."""
        with self._news:
            while not self._ended:
                if self._requests and self.context.tasks.shown is None:
                    return self._requests.pop(0)
                self._news.wait(_SECONDS_BETWEEN_LOOKS if self._requests else None)
        return None

    def _make(self, image_id: str) -> bytes:
        datastore = self.context.manager.datastore
        if self._files is None:
            self._files = ThumbnailCache(datastore.workspace.cache_folder("thumbnails"))
        if not datastore.is_fetched(image_id):
            raise JlabelError(f"{image_id} has a thumbnail once it was opened: its file is not on this machine")
        file = Path(datastore.get_image_uri(image_id))
        label = self._label_of(image_id)
        colors, objects = {one.value: one.color for one in self.context.labels}, self.context.objects
        place = path_on_disk(file)
        state = (image_id, _version(place), label and _version(label), sorted(colors.items()), objects)
        key = hashlib.sha256(repr(state).encode()).hexdigest()[:32]
        known = self._files.get(key)
        if known is not None:
            return known
        if _bytes_in(file) > _LARGEST_FILE:
            raise JlabelError(f"{image_id} is too large for a thumbnail")
        image = read_image(file)
        mask = None
        if label is not None:
            # A label that cannot be read is told when the image is opened.
            with contextlib.suppress(JlabelError):
                mask = read_label(label, image)
        if mask is not None and objects is not None:
            colors |= objects.colors(int(mask.max(initial=0)))
        made = thumbnail(image, mask, {value: _rgb(color) for value, color in colors.items()})
        self._files.put(key, made)
        return made

    def _label_of(self, image_id: str) -> Path | None:
        datastore = self.context.manager.datastore
        tag = datastore.preferred_tag(image_id, self.context.own_tag)
        return Path(datastore.get_label_uri(image_id, tag)) if tag is not None else None


def _rgb(color: str) -> tuple[int, int, int]:
    r, g, b = ImageColor.getrgb(color)[:3]
    return r, g, b


def _version(file: Path) -> tuple[int, int]:
    try:
        state = file.stat()
    except OSError as error:
        raise JlabelError(f"{file} cannot be read: {error.strerror}") from error
    return state.st_mtime_ns, state.st_size


def _bytes_in(file: Path) -> int:
    if file.is_file():
        return file.stat().st_size
    return sum(one.stat().st_size for one in files_of(file))


def _be_nice() -> None:
    """On Linux a thread has a priority of its own: this one gives way."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
