"""Downloading one object to a file: as one stream, or as parts beside each other where a stream is slow or cut."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from jlabel.datastores.remote.remote_object import RemoteObject
from jlabel.datastores.remote.signed_stream import StreamFailed, stream_part, write_at
from jlabel.datastores.remote.store import ObjectStore
from jlabel.errors import DatastoreError

# A stream of S3 gives less than this many bytes a second, and several give more; of a store next door one gives more,
# and several may wait for one another.
_QUICK = 100 * 1024**2
_LARGE = 16 * 1024**2
# For less it is no use to open a connection.
_SMALL = 1024**2
_PART = 8 * 1024**2
_AT_ONCE = 6
_OBJECTS_AT_ONCE = 8
# A stream may be slow once: so many are looked at before several are tried.
_TRIED = 2


class Downloads:
    """Downloads from one store, which remember how quick one stream was at best, and several.

    Args:
        store: The store.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._of_one = self._of_several = 0.0  # bytes a second; 0 where it was not tried
        self._streams = 0

    def get_all(self, objects: Sequence[tuple[RemoteObject, Path]]) -> bool:
        """Download objects, several beside each other; see :meth:`get`."""
        if len(objects) == 1:
            return self.get(*objects[0])
        with ThreadPoolExecutor(_OBJECTS_AT_ONCE, "jlabel-download") as threads:
            waiting = [threads.submit(self.get, *one) for one in objects]
            sure = [done.result() for done in waiting]
        return all(sure)

    def get(self, one: RemoteObject, file: Path) -> bool:
        """Download an object; the file has as many bytes as were listed.

        Returns:
            Whether it is sure that all of them are of the object with that tag.

        Raises:
            DatastoreError: It cannot be read, or is gone.
            OSError: The file cannot be written.
        """
        if self.stream(one, file):
            return True
        try:
            if not self._store.ranged:
                self._whole(one, file)
            else:
                with file.open("wb") as out:
                    os.truncate(out.fileno(), one.size)
                    self._in_parts(one, partial(self._read_part, one, out.fileno()))
        except FileNotFoundError as error:
            raise DatastoreError(f"{self._store.url}/{one.path} is gone; refresh() looks for what there is") from error
        return False

    def stream(self, one: RemoteObject, file: Path) -> bool:
        """Download an object if it is still the one with that tag and nothing comes between; else nothing is sure.

        Raises:
            OSError: The file cannot be written.
        """
        address = self._store.signed(one.path) if one.size > _SMALL else None
        if address is None:
            return False
        with file.open("wb") as out:
            os.truncate(out.fileno(), one.size)
            part = partial(stream_part, address, one.tag, one.size, out.fileno())
            began = time.monotonic()
            try:
                if one.size <= _LARGE:
                    part(0, one.size)
                elif self._one_is_best():
                    part(0, one.size)
                    self._streams += 1
                    self._of_one = max(self._of_one, one.size / max(time.monotonic() - began, 1e-6))
                else:
                    self._in_parts(one, part)
                    self._of_several = max(self._of_several, one.size / max(time.monotonic() - began, 1e-6))
            except StreamFailed:
                return False
        return one.has_etag

    def _one_is_best(self) -> bool:
        return self._streams < _TRIED or self._of_one > _QUICK or self._of_one > self._of_several > 0

    def _read_part(self, one: RemoteObject, out: int, start: int, end: int) -> None:
        write_at(out, self._store.read(one.path, start, end), start)

    def _in_parts(self, one: RemoteObject, part: Callable[[int, int], None]) -> None:
        if one.size <= _PART:
            if one.size:
                part(0, one.size)
            return
        with ThreadPoolExecutor(_AT_ONCE, "jlabel-part") as threads:
            parts = [threads.submit(part, at, min(at + _PART, one.size)) for at in range(0, one.size, _PART)]
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
