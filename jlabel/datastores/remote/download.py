"""Downloading one object to a file: as one stream, or as parts beside each other where a stream is slow or cut."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jlabel.datastores.remote.remote_object import RemoteObject
from jlabel.datastores.remote.store import ObjectStore, StoreUnreachable
from jlabel.errors import DatastoreError

# A stream of S3 gives less than this many bytes a second over the internet, and more from a store next door: there
# several streams wait for one another.
_QUICK = 150 * 1024**2
_LARGE = 16 * 1024**2
_PART = 8 * 1024**2
_AT_ONCE = 6
_OBJECTS_AT_ONCE = 8
# Bytes of one request at most: they are held in memory.
_MOST = 128 * 1024**2


class Downloads:
    """Downloads from one store, which remembers how quick a stream was.

    Args:
        store: The store.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._rate: float | None = None

    def get_all(self, objects: Sequence[tuple[RemoteObject, Path]]) -> None:
        """Download objects, several beside each other.

        Raises:
            DatastoreError: One cannot be read, or is another one by now.
            OSError: A file cannot be written.
        """
        if len(objects) == 1:
            self.get(*objects[0])
            return
        with ThreadPoolExecutor(_OBJECTS_AT_ONCE, "jlabel-download") as threads:
            for done in [threads.submit(self.get, one, file) for one, file in objects]:
                done.result()

    def get(self, one: RemoteObject, file: Path) -> None:
        """Download an object; the file has as many bytes as were listed.

        Raises:
            DatastoreError: It cannot be read, or is another one by now.
            OSError: The file cannot be written.
        """
        try:
            if not self._store.ranged:
                self._whole(one, file)
            elif one.size <= _LARGE:
                file.write_bytes(self._store.read(one.path, 0, one.size) if one.size else b"")
            else:
                self._large(one, file)
        except FileNotFoundError as error:
            raise DatastoreError(f"{self._store.url}/{one.path} is gone; refresh() looks for what there is") from error

    def _large(self, one: RemoteObject, file: Path) -> None:
        if (self._rate is None or self._rate > _QUICK) and one.size <= _MOST:
            began = time.monotonic()
            try:
                data = self._store.read_once(one.path, 0, one.size)
            except StoreUnreachable:
                self._rate = 0.0  # it was cut: of parts only one is lost
            else:
                self._rate = one.size / max(time.monotonic() - began, 1e-6)
                file.write_bytes(data)
                return
        self._in_parts(one, file)

    def _in_parts(self, one: RemoteObject, file: Path) -> None:
        with file.open("wb") as out:
            os.truncate(out.fileno(), one.size)

            def part(start: int) -> None:
                data = self._store.read(one.path, start, min(start + _PART, one.size))
                _write_at(out.fileno(), data, start)

            with ThreadPoolExecutor(_AT_ONCE, "jlabel-part") as threads:
                parts = [threads.submit(part, start) for start in range(0, one.size, _PART)]
                try:
                    for done in parts:
                        done.result()
                except BaseException:
                    for waiting in parts:
                        waiting.cancel()
                    raise

    def _whole(self, one: RemoteObject, file: Path) -> None:
        for _ in range(2):
            self._store.get(one.path, str(file))
            if not one.size or file.stat().st_size == one.size:
                return
        raise DatastoreError(
            f"{self._store.url}/{one.path}: {one.size} bytes were promised and {file.stat().st_size} came; try again"
        )


def _write_at(descriptor: int, data: bytes, start: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, start)
        view, start = view[written:], start + written
