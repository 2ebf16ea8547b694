"""Thumbnails on disk, so that each is made once."""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path

from jlabel.files.folder_handle import FolderHandle
from jlabel.files.links import is_link
from jlabel.files.plain_files import read_plain
from jlabel.files.temporary import temporary_name

logger = logging.getLogger(__name__)
# Thumbnails take some 3 KB.
_MOST_BYTES = 1024**2
_ENDS = b"\xff\xd8", b"\xff\xd9"


class ThumbnailCache:
    """JPEG files by key, the oldest dropped when there are too many. One that is damaged is as if it were not there.

    Args:
        folder: Where; None to keep nothing.
        most: How many files to keep; at some 3 KB each.
    """

    def __init__(self, folder: Path | None, most: int = 20_000) -> None:
        # Through a link, the oldest files of whatever it leads to would be dropped.
        self._folder = None if folder is None or is_link(folder) else folder
        self._most = most
        self._until_sweep = 0

    def get(self, key: str) -> bytes | None:
        """The thumbnail of that key, or None."""
        if self._folder is None:
            return None
        try:
            data = read_plain(self._folder / f"{key}.jpg", _MOST_BYTES)
        except OSError:
            return None
        return data if data.startswith(_ENDS[0]) and data.endswith(_ENDS[1]) else None

    def put(self, key: str, data: bytes) -> None:
        """Keep one; where that cannot be done, it is made again the next time."""
        if self._folder is None:
            return
        try:
            with FolderHandle.make(self._folder) as folder:
                beside = temporary_name()
                try:
                    with os.fdopen(folder.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as file:
                        file.write(data)
                    folder.replace(beside, f"{key}.jpg")
                finally:
                    folder.unlink(beside, missing_ok=True)
                self._until_sweep -= 1
                if self._until_sweep < 0:
                    self._sweep(folder)
                    self._until_sweep = self._most // 10
        except OSError as error:
            logger.info("%s: a thumbnail cannot be kept: %s", self._folder, error)

    def _sweep(self, folder: FolderHandle) -> None:
        """Drop the oldest beyond nine tenths of what may be kept."""
        with contextlib.suppress(OSError):
            names = [name for name in folder.entries()[1] if name.endswith(".jpg")]
            times = sorted((folder.lstat(name).st_mtime_ns, name) for name in names)
            for _, name in times[: max(0, len(times) - self._most * 9 // 10)]:
                folder.unlink(name, missing_ok=True)
