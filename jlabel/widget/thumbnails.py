"""Thumbnails for the list of images: made for what is on the screen, one at a time, and never in the labeler's way."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from PIL import ImageColor

from jlabel.datastores import FINAL, ORIGINAL
from jlabel.errors import JlabelError
from jlabel.imaging import read_image, read_label
from jlabel.imaging.thumbnail import thumbnail
from jlabel.widget.part import Handler, Part
from jlabel.widget.thumbnail_files import ThumbnailFiles

if TYPE_CHECKING:
    from jlabel.widget.desk import Desk

# Larger files take seconds to read, and the person scrolls on.
_LARGEST_FILE = 200_000_000
_MOST_WANTED = 100
_NICENESS = 15
_SECONDS_BETWEEN_LOOKS = 0.1


class _Wish(NamedTuple):
    page: str
    image_id: str


class Thumbnails(Part):
    """Every question of a page takes the place of its last one: what has scrolled away is not made any more."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._wishes: list[_Wish] = []
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None
        self._ended = False
        self._files: ThumbnailFiles | None = None

    def asks(self) -> Mapping[str, Handler]:
        """``thumbnails``."""
        return {"thumbnails": self._on_thumbnails}

    def close(self) -> None:
        """End the thread."""
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _on_thumbnails(self, ask: dict[str, Any], _: Any) -> None:
        page = str(ask["client"])
        wanted = [_Wish(page, str(image_id)) for image_id in ask["images"][:_MOST_WANTED]]
        with self._news:
            self._wishes = [wish for wish in self._wishes if wish.page != page] + wanted
            self._news.notify_all()
            if self._thread is None and wanted:
                self._thread = threading.Thread(target=self._run, name="jlabel-thumbnails", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        _be_nice()
        while (wish := self._next()) is not None:
            content: dict[str, Any] = {"type": "thumbnail", "client": wish.page, "image": wish.image_id}
            try:
                made = [self._make(wish.image_id)]
            except JlabelError as error:
                content["problem"], made = str(error), []
            with self.desk.lock:
                self.desk.labeler.tell(content, *made)

    def _next(self) -> _Wish | None:
        """The next wish, once the labeler does nothing that the person waits for; None at the end."""
        with self._news:
            while not self._ended:
                if self._wishes and self.desk.under_way.shown is None:
                    return self._wishes.pop(0)
                self._news.wait(_SECONDS_BETWEEN_LOOKS if self._wishes else None)
        return None

    def _make(self, image_id: str) -> bytes:
        datastore = self.desk.manager.datastore
        if self._files is None:
            self._files = ThumbnailFiles(datastore.cache_folder("thumbnails"))
        file = Path(datastore.get_image_uri(image_id))
        label = self._label_of(image_id)
        colors = {one.value: ImageColor.getrgb(one.color)[:3] for one in self.desk.labels}
        state = (image_id, _version(file), label and _version(label), sorted(colors.items()))
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
        made = thumbnail(image, mask, {value: (r, g, b) for value, (r, g, b) in colors.items()})
        self._files.put(key, made)
        return made

    def _label_of(self, image_id: str) -> Path | None:
        datastore = self.desk.manager.datastore
        tags = datastore.get_labels_by_image_id(image_id)
        tag = next((tag for tag in (self.desk.tag, FINAL, ORIGINAL) if tag in tags), None)
        return Path(datastore.get_label_uri(image_id, tag)) if tag is not None else None


def _version(file: Path) -> tuple[int, int]:
    try:
        state = file.stat()
    except OSError as error:
        raise JlabelError(f"{file} cannot be read: {error.strerror}") from error
    return state.st_mtime_ns, state.st_size


def _bytes_in(file: Path) -> int:
    if not file.is_dir():
        return file.stat().st_size
    with os.scandir(file) as entries:
        return sum(entry.stat().st_size for entry in entries)


def _be_nice() -> None:
    """On Linux a thread has a priority of its own: this one gives way."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
