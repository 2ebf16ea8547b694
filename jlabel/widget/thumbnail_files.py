"""Thumbnails on disk, so that each is made once."""

from __future__ import annotations

import contextlib
import logging
import secrets
from pathlib import Path

logger = logging.getLogger(__name__)
_ENDS = b"\xff\xd8", b"\xff\xd9"


class ThumbnailFiles:
    """JPEG files by key, the oldest dropped when there are too many. One that is damaged is as if it were not there.

    Args:
        folder: Where; None to keep nothing.
        most: How many files to keep; at some 3 KB each.
    """

    def __init__(self, folder: Path | None, most: int = 20_000) -> None:
        self._folder = folder
        self._most = most
        self._until_sweep = 0

    def get(self, key: str) -> bytes | None:
        """The thumbnail of that key, or None."""
        if self._folder is None:
            return None
        try:
            data = (self._folder / f"{key}.jpg").read_bytes()
        except OSError:
            return None
        return data if data.startswith(_ENDS[0]) and data.endswith(_ENDS[1]) else None

    def put(self, key: str, data: bytes) -> None:
        """Keep one; where that cannot be done, it is made again the next time."""
        if self._folder is None:
            return
        beside = self._folder / f".{key}.{secrets.token_hex(4)}"
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
            files = [(file.stat().st_mtime_ns, file) for file in folder.iterdir()]
            files.sort(key=lambda pair: pair[0])
            for _, file in files[: max(0, len(files) - self._most * 9 // 10)]:
                file.unlink(missing_ok=True)
