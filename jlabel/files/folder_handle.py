"""A folder that is held open while something is done in it: nothing below jlabel's own folder is reached by a link.

A check of a path is worth nothing once somebody exchanges one of its folders for a link. So the way from ``.jlabel``
down is gone step by step, each folder is opened in the one before without following a link, and what is done in the
last one is done relative to it: whatever is exchanged meanwhile, nothing happens elsewhere. Up to ``.jlabel`` the path
is the user's own, and its links are followed. Where a system cannot open relative to a folder (Windows), every path is
checked before it is used.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from jlabel.files.links import is_link, link_above, link_in_the_way, refused, split_own
from jlabel.files.regular_files import open_regular

_RELATIVE = (
    {os.open, os.mkdir, os.unlink, os.rename, os.stat, os.link, os.readlink} <= os.supports_dir_fd
    and {os.listdir, os.scandir} <= os.supports_fd
    and hasattr(os, "O_NOFOLLOW")
    and hasattr(os, "O_DIRECTORY")
)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
_CLOSED = -1  # no descriptor: whatever is done relative to it fails


class FolderHandle:
    """A folder, open until :meth:`close` or the end of a ``with``. Names given to it are of what lies in it directly.

    Every method raises OSError, with the whole path, where the system refuses, and where a link is in the way.

    Attributes:
        path: The folder, as it was asked for.
    """

    def __init__(self, path: Path, descriptor: int | None) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def reach(cls, path: Path) -> FolderHandle:
        """Open a folder.

        Args:
            path: From ``.jlabel`` on it is gone step by step; one without that part is opened as it is.
        """
        top, parts = split_own(path)
        if not _RELATIVE:
            if not stat.S_ISDIR(top.stat().st_mode):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(top))
            return cls(top, None).descend(parts)
        with cls(top, os.open(top, _FOLDER)) as folder:
            return folder.descend(parts)

    @classmethod
    def make(cls, path: Path, *, durable: bool = False) -> FolderHandle:
        """Open a folder, made with those above it where they are missing.

        Args:
            path: As for :meth:`reach`.
            durable: Whether the new folders are still there after a power cut.
        """
        top, parts = split_own(path)
        _make_plain(top, durable)
        folder = cls.reach(top)
        for part in parts:
            with folder:
                folder = folder.made(part, durable=durable)
        return folder

    def made(self, name: str, *, durable: bool = False) -> FolderHandle:
        """Open a folder in this one, made where it is missing."""
        try:
            return self.folder(name)
        except FileNotFoundError:
            with contextlib.suppress(FileExistsError):
                self.mkdir(name)
            if durable:
                self.sync()
            return self.folder(name)

    def folder(self, name: str) -> FolderHandle:
        """Open a folder in this one."""
        with self._at(name) as (place, within):
            if within is not None:
                return FolderHandle(self.path / name, os.open(place, _FOLDER | _NO_FOLLOW, dir_fd=within))
            if is_link(self.path / name):
                raise link_in_the_way(self.path / name)
            if not stat.S_ISDIR(os.lstat(place).st_mode):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            return FolderHandle(self.path / name, None)

    def descend(self, parts: Sequence[str]) -> FolderHandle:
        """Open the folder that lies below this one."""
        folder = self._again()
        for part in parts:
            with folder:
                folder = folder.folder(part)
        return folder

    def open(self, name: str, flags: int = os.O_RDONLY, mode: int = 0o666) -> int:
        """A descriptor of a regular file; flags and mode as for :func:`os.open`. Whatever else is there is refused."""
        with self._at(name) as (place, within):
            return open_regular(place, self.path / name, flags, mode, within)

    def lstat(self, name: str) -> os.stat_result:
        """The state of a file or folder; that of a link itself."""
        with self._at(name) as (place, within):
            return os.stat(place, dir_fd=within, follow_symlinks=False)

    def is_link(self, name: str) -> bool:
        """Whether there is a link, wherever it leads."""
        if self._descriptor is None:
            return is_link(self.path / name)
        try:
            return stat.S_ISLNK(self.lstat(name).st_mode)
        except OSError:
            return False

    def read_link(self, name: str) -> str:
        """What a link leads to, as it is written there."""
        with contextlib.suppress(OSError), self._at(name) as (place, within):
            return os.readlink(place, dir_fd=within)
        return "somewhere"

    def is_folder(self, name: str) -> bool:
        """Whether there is a folder, and no link to one."""
        try:
            return stat.S_ISDIR(self.lstat(name).st_mode) and not self.is_link(name)
        except OSError:
            return False

    def is_plain(self, name: str) -> bool:
        """Whether there is a regular file, and no link to one."""
        try:
            return stat.S_ISREG(self.lstat(name).st_mode)
        except OSError:
            return False

    def exists(self, name: str) -> bool:
        """Whether there is something of that name, be it a link to nothing."""
        try:
            self.lstat(name)
        except FileNotFoundError:
            return False
        return True

    def names(self) -> list[str]:
        """What lies in it."""
        folders, others = self.entries()
        return folders + others

    def entries(self) -> tuple[list[str], list[str]]:
        """The names of the folders in it, and those of all else, a link to a folder included."""
        folders: list[str] = []
        others: list[str] = []
        with self._at() as (place, within), os.scandir(place if within is None else within) as entries:
            for entry in entries:
                (folders if entry.is_dir(follow_symlinks=False) else others).append(entry.name)
        return folders, others

    def mkdir(self, name: str, mode: int = 0o777) -> None:
        """Make a folder."""
        with self._at(name) as (place, within):
            os.mkdir(place, mode, dir_fd=within)

    def unlink(self, name: str, *, missing_ok: bool = False) -> None:
        """Remove a file, or a link itself."""
        with self._at(name) as (place, within):
            try:
                os.unlink(place, dir_fd=within)
            except FileNotFoundError:
                if not missing_ok:
                    raise

    def remove_tree(self, name: str, *, ignore_errors: bool = False) -> None:
        """Remove a folder with all that is in it; links in it themselves."""
        quietly = contextlib.suppress(OSError) if ignore_errors else contextlib.nullcontext()
        with quietly, self._at(name) as (place, within):
            shutil.rmtree(place, ignore_errors=ignore_errors, dir_fd=within)

    def replace(self, name: str, new: str, into: FolderHandle | None = None) -> None:
        """Give a file or folder another name, in the place of what has it.

        Args:
            name: Its name.
            new: The other one.
            into: The folder where it is to be, of the same file system; this one where it is not given.
        """
        target = into or self
        with self._at(name) as (place, within), target._at(new) as (new_place, new_within):
            os.replace(place, new_place, src_dir_fd=within, dst_dir_fd=new_within)

    def link(self, name: str, new: str, into: FolderHandle | None = None) -> None:
        """Give a file a second name (a hard link); arguments as for :meth:`replace`, but the new name is free yet."""
        target = into or self
        with self._at(name) as (place, within), target._at(new) as (new_place, new_within):
            if within is None and new_within is None:
                os.link(place, new_place)
            else:
                os.link(place, new_place, src_dir_fd=within, dst_dir_fd=new_within, follow_symlinks=False)

    def sync(self) -> None:
        """Make the entries durable; a file system that cannot sync folders is left alone."""
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.fsync(self._descriptor)

    def walk(self) -> Iterator[tuple[tuple[str, ...], FolderHandle, list[str], list[str]]]:
        """Every folder below and this one: its parts below this one, itself open, and what :meth:`entries` says.

        Folders that the caller takes from the list are not gone into; one that cannot be opened is passed by.
        """
        left: list[tuple[str, ...]] = [()]
        while left:
            parts = left.pop()
            try:
                # From here anew: as deep as somebody may have nested them, two are open at a time.
                inner = self.descend(parts)
            except OSError:
                continue
            with inner:
                try:
                    folders, others = inner.entries()
                except OSError:
                    continue
                yield parts, inner, folders, others
            left += [(*parts, name) for name in reversed(folders)]

    def close(self) -> None:
        """Let go of the folder."""
        if self._descriptor is not None and self._descriptor != _CLOSED:
            os.close(self._descriptor)
            self._descriptor = _CLOSED

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _again(self) -> FolderHandle:
        return FolderHandle(self.path, None if self._descriptor is None else os.dup(self._descriptor))

    @contextlib.contextmanager
    def _at(self, name: str | None = None) -> Iterator[tuple[str, int | None]]:
        """A path for a call of the system, and the descriptor that it is relative to; errors name the whole path."""
        if name is not None and (name in ("", ".", "..") or "/" in name or os.sep in name):
            raise refused(self._whole(name), "is no plain name")
        if self._descriptor is None:
            top, parts = split_own(self.path)
            link = link_above(top, top.joinpath(*parts))
            if link is not None:
                raise link_in_the_way(link)
        try:
            # The whole path is made only where it is needed: paths cost more than the calls of the system.
            alone = name is not None and self._descriptor is not None
            yield name if alone and name is not None else str(self._whole(name)), self._descriptor
        except OSError as error:
            whole = self._whole(name)
            if error.errno in (errno.ENOTDIR, errno.ELOOP, errno.EMLINK) and self._is_link(name):
                raise link_in_the_way(whole) from error
            if self._descriptor is not None and error.filename is not None and error.filename != str(whole):
                error.filename = str(whole)
            raise

    def _whole(self, name: str | None) -> Path:
        return self.path if name is None else self.path / name

    def _is_link(self, name: str | None) -> bool:
        try:
            return name is not None and stat.S_ISLNK(os.lstat(name, dir_fd=self._descriptor).st_mode)
        except OSError:
            return False


def _make_plain(folder: Path, durable: bool) -> None:
    """Make a folder of the user's own and those above it."""
    if folder.is_dir():
        return
    _make_plain(folder.parent, durable)
    folder.mkdir(exist_ok=True)
    if durable:
        with contextlib.suppress(OSError), FolderHandle.reach(folder.parent) as above:
            above.sync()
