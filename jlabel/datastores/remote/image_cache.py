"""The cache of images of a store: files that are whole, as many as there is room for, shared by all processes.

A file has its object's content stamp as the time of its last change, and the time at which it was used last as that of
its last reading. One is downloaded beside, and renamed once it is whole and still what the store has.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from jlabel.datastores.remote.placeholders import remove_with_folders
from jlabel.datastores.remote.remote_object import RemoteObject
from jlabel.datastores.remote.store import total_size
from jlabel.errors import DatastoreError
from jlabel.files.presence import is_locked

if sys.platform != "win32":
    import fcntl

Look = Callable[[], Mapping[str, RemoteObject]]
"""Gives the objects of an image as the store has them now, by their paths."""

# Whoever was given a path opens the file within this time.
_IN_USE_SECONDS = 60.0
_TRIES = 4
_LOCKS, _PARTS, _PINS = ".locks", ".parts", ".pins"


class Downloads(Protocol):
    """Gets objects into files."""

    def get_all(self, objects: Sequence[tuple[RemoteObject, Path]], /) -> bool:
        """Download objects, each to its file.

        Returns:
            Whether it is sure that all of them are as they were listed.

        Raises:
            DatastoreError: One cannot be read, or is gone.
            OSError: A file cannot be written.
        """

    def stream(self, one: RemoteObject, file: Path, /) -> bool:
        """Download an object if it is sure to be as it was listed and nothing comes between; else nothing is sure.

        Raises:
            OSError: The file cannot be written.
        """


class ImageCache:
    """The files of images that were downloaded.

    Args:
        top: The folder, which nothing else uses.
        downloads: Gets objects into files.
        most_bytes: What all files may have together. One that is in use is not removed: then there may be more.
    """

    def __init__(self, top: Path, downloads: Downloads, most_bytes: int) -> None:
        self.top = top
        self.most_bytes = most_bytes
        self._downloads = downloads
        self._pins: int | None = None
        self._pinned: set[str] = set()
        self._turn = threading.Lock()
        with _explained(top):
            for name in (_LOCKS, _PARTS, _PINS):
                (top / name).mkdir(parents=True, exist_ok=True)
        self._sweep()

    def close(self) -> None:
        """Let go of the files that were kept for this process."""
        with self._turn:
            if self._pins is not None:
                os.close(self._pins)
                self._pins = None
                self._pinned.clear()

    def stamp(self, path: str) -> int | None:
        """The content stamp of a file that is there; None for one that is not."""
        try:
            return (self.top / path).stat().st_mtime_ns
        except OSError:
            return None

    def touch(self, paths: Collection[str]) -> None:
        """Note that files are used now."""
        now = time.time_ns()
        for path in paths:
            stamp = self.stamp(path)
            if stamp is not None:
                with contextlib.suppress(OSError):
                    os.utime(self.top / path, ns=(now, stamp))

    def keep(self, paths: Collection[str]) -> None:
        """Keep files until :meth:`close`, or until this process ends however it does: it reads them at any time."""
        with self._turn, _explained(self.top):
            new = [path for path in paths if path not in self._pinned]
            if not new:
                return
            if self._pins is None:
                file = self.top / _PINS / secrets.token_hex(8)
                self._pins = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o666)
                if sys.platform != "win32":
                    fcntl.flock(self._pins, fcntl.LOCK_EX)
            os.write(self._pins, "".join(f"{path}\0" for path in new).encode())
            self._pinned.update(new)

    def fetch(self, image: str, look: Look, listed: RemoteObject | None = None) -> Mapping[str, RemoteObject]:
        """Have the files of an image as the store has them now.

        Args:
            image: What all processes call it.
            look: Asked before and after a download: an object that was replaced meanwhile is downloaded again.
            listed: The only object of the image as it was listed, if the store can be asked for it as it was then:
                mostly it is, and nothing else need be asked.

        Raises:
            DatastoreError: They cannot be downloaded, or there is no room for them.
        """
        with self._alone_at(image) as part:
            if listed is not None and self._fetched_as_listed(listed, part):
                return {listed.path: listed}
            objects = look()
            for _ in range(_TRIES):
                missing = [one for one in objects.values() if self.stamp(one.path) != one.mtime_ns]
                if not missing:
                    self.touch(objects.keys())
                    return objects
                parts, sure = self._download(missing, part)
                try:
                    after = objects if sure else look()
                    self._take_in(parts, after)
                finally:
                    for _, file in parts:
                        file.unlink(missing_ok=True)
                objects = after
        raise DatastoreError(f"{image}: it is replaced in the store again and again while it is read; try again later")

    def forget(self, paths: Collection[str]) -> None:
        """Remove files whose objects are gone or replaced."""
        for path in paths:
            remove_with_folders(self.top, path)

    def _fetched_as_listed(self, one: RemoteObject, part: str) -> bool:
        if self.stamp(one.path) is not None:
            return False
        file = self.top / _PARTS / f"{part}-0"
        self._make_room(one.size)
        try:
            found = self._downloads.stream(one, file)
            if found:
                self._take_in([(one, file)], {one.path: one})
        except OSError:
            return False  # there is no room: it is made
        finally:
            file.unlink(missing_ok=True)
        return found

    def _download(self, objects: Sequence[RemoteObject], part: str) -> tuple[list[tuple[RemoteObject, Path]], bool]:
        """Into files beside the others; and whether these are sure to be of the objects as they are."""
        parts = [(one, self.top / _PARTS / f"{part}-{number}") for number, one in enumerate(objects)]
        self._make_room(total_size(objects))
        try:
            return parts, self._downloads.get_all(parts)
        except OSError as error:
            for _, file in parts:
                file.unlink(missing_ok=True)
            # Another program may have filled the disk: what can be fetched again goes first.
            self._make_room(total_size(objects), all_of_it=True)
            try:
                return parts, self._downloads.get_all(parts)
            except OSError as again:
                for _, file in parts:
                    file.unlink(missing_ok=True)
                raise DatastoreError(
                    f"{self.top}: the cache of images cannot be written: {again.strerror or again}. Make room there, "
                    "or open the studies with cache= another folder"
                ) from error
        except BaseException:
            for _, file in parts:
                file.unlink(missing_ok=True)
            raise

    def _take_in(self, parts: Sequence[tuple[RemoteObject, Path]], after: Mapping[str, RemoteObject]) -> None:
        now = time.time_ns()
        with _explained(self.top):
            for one, file in parts:
                current = after.get(one.path)
                if current is None or current.mtime_ns != one.mtime_ns:
                    continue
                os.utime(file, ns=(now, one.mtime_ns))
                target = self.top / one.path
                target.parent.mkdir(parents=True, exist_ok=True)
                file.replace(target)

    @contextlib.contextmanager
    def _alone_at(self, image: str) -> Iterator[str]:
        """Nobody else downloads that image meanwhile; gives the name that its unfinished files have."""
        part = hashlib.sha256(image.encode()).hexdigest()[:32]
        with _explained(self.top):
            descriptor = os.open(self.top / _LOCKS / part, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if sys.platform != "win32":
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield part
        finally:
            os.close(descriptor)

    def _make_room(self, needed: int, all_of_it: bool = False) -> None:
        """Remove the files that were used longest ago, as far as nobody uses them, until there is room."""
        self._sweep()
        found = sorted(self._files(), key=lambda file: file[1].st_atime_ns)
        total = needed + sum(state.st_size for _, state in found)
        kept: set[str] | None = None
        for path, state in found:
            if total <= self.most_bytes and not all_of_it:
                return
            kept = self._kept() if kept is None else kept
            if path in kept or time.time() - state.st_atime < _IN_USE_SECONDS:
                continue
            remove_with_folders(self.top, path)
            total -= state.st_size

    def _files(self) -> Iterator[tuple[str, os.stat_result]]:
        for folder, folders, names in os.walk(self.top):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                file = Path(folder) / name
                with contextlib.suppress(OSError):
                    yield file.relative_to(self.top).as_posix(), file.stat()

    def _kept(self) -> set[str]:
        """The files that living processes may read at any time."""
        kept: set[str] = set()
        for file in (self.top / _PINS).iterdir():
            with contextlib.suppress(OSError):
                if is_locked(file) is False:
                    file.unlink()
                else:
                    kept.update(file.read_text(encoding="utf-8").split("\0"))
        return kept

    def _sweep(self) -> None:
        """Remove what killed processes were downloading."""
        with contextlib.suppress(OSError):
            for file in (self.top / _PARTS).iterdir():
                if is_locked(self.top / _LOCKS / file.name.partition("-")[0]) is False:
                    file.unlink(missing_ok=True)


@contextlib.contextmanager
def _explained(top: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DatastoreError(
            f"{top}: the cache of images cannot be written: {error.strerror or error} ({error.filename}). Make room "
            "there, or open the studies with cache= another folder"
        ) from error
