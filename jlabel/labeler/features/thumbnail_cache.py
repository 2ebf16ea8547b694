"""Thumbnails on disk, so that each is made once."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

from jlabel.files.plain_files import is_link, read_plain
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
        beside = self._folder / temporary_name()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                beside.write_bytes(data)
                beside.replace(self._folder / f"{key}.jpg")
            finally:
                beside.unlink(missing_ok=True)
        except OSError as error:
            logger.info("%s: a thumbnail cannot be kept: %s", self._folder, error)
            return
        self._until_sweep -= 1
        if self._until_sweep < 0:
            self._sweep(self._folder)
            self._until_sweep = self._most // 10

    def _sweep(self, folder: Path) -> None:
        """Drop the oldest beyond nine tenths of what may be kept."""
        with contextlib.suppress(OSError):
            files = [(file.lstat().st_mtime_ns, file) for file in folder.iterdir() if file.suffix == ".jpg"]
            files.sort(key=lambda pair: pair[0])
            for _, file in files[: max(0, len(files) - self._most * 9 // 10)]:
                file.unlink(missing_ok=True)
