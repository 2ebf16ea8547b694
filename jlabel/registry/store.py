"""The folder of published models: new versions are added, and no version is ever overwritten."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from jlabel.errors import DatastoreError, TaskError
from jlabel.files.atomic import atomic_write
from jlabel.files.folder_handle import FolderHandle
from jlabel.files.links import is_link
from jlabel.files.plain_files import is_plain, open_file, read_plain
from jlabel.registry.version import ROW, WEIGHTS, ModelVersion

_IN_USE = "in_use"
_NAME = re.compile(r"\w[\w .-]*")
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_NEW = re.compile(r"\.new-[0-9a-f]{16}")
_OLD = 24 * 3600.0  # seconds after which what is being published is left over

_FileState = tuple[int, int, int]


class _Read(NamedTuple):
    """A version as it was read, the files that say so, and how these were then."""

    version: ModelVersion
    files: tuple[str, ...]
    states: tuple[_FileState | None, ...]


class ModelStore:
    """Models by name, each with its versions.

    Args:
        folder: ``<name>/<number>/`` in it has a version's weights and row; ``<name>/in_use`` names the one in use.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # The version in use of each model as it was read last, with the state of the two files that say so. A row lists
        # all images that a model has learnt from: reading it takes as long as they are many.
        self._read: dict[str, _Read] = {}

    def publish(self, version: ModelVersion, weights: Path) -> ModelVersion:
        """Save a new version under the next number; this does not take it into use.

        Args:
            version: Its row; number and file are given here.
            weights: A safetensors file, which is copied.

        Raises:
            DatastoreError: It cannot be written; nothing is left of it then.
        """
        folder = self._folder(version.name)
        new = f".new-{secrets.token_hex(8)}"
        try:
            with FolderHandle.make(folder) as opened:
                _remove_leftovers(opened)
                try:
                    opened.mkdir(new)
                    with os.fdopen(open_file(weights), "rb") as source:
                        atomic_write(folder / new / WEIGHTS, lambda out: shutil.copyfileobj(source, out, 1 << 20))
                    atomic_write(folder / new / ROW, lambda out: out.write(version.to_json().encode()))
                    number = self._place(opened, new)
                finally:
                    opened.remove_tree(new, ignore_errors=True)
        except OSError as error:
            raise DatastoreError(f"{folder}: the model could not be published: {error.strerror or error}") from error
        return replace(version, number=number, file=folder / str(number) / WEIGHTS)

    def versions(self, name: str) -> list[ModelVersion]:
        """All versions that can be read, the oldest first."""
        folder, used = self._folder(name), self._number_in_use(name)
        found = []
        for number in self._numbers(folder):
            with contextlib.suppress(TaskError):
                found.append(ModelVersion.read(folder / str(number), name, number == used))
        return found

    def in_use(self, name: str) -> ModelVersion | None:
        """The version in use; None if no version was published, or none was good enough.

        Its files are opened only where they are others than at the last call.

        Raises:
            TaskError: It is damaged.
        """
        known = self._read.get(name)
        if known is not None and known.states == tuple(map(_state_of, known.files)):
            return known.version
        folder = self._folder(name)
        # Each is looked at before it is read: what changes meanwhile is read again at the next call.
        used = str(folder / _IN_USE)
        used_state = _state_of(used)
        number = self._number_in_use(name)
        if number is None:
            return None
        row = str(folder / str(number) / ROW)
        files, states = (used, row), (used_state, _state_of(row))
        version = ModelVersion.read(folder / str(number), name, True)
        self._read[name] = _Read(version, files, states)
        return version

    def use(self, name: str, number: int) -> ModelVersion:
        """Take a version into use, from the next call on.

        Raises:
            TaskError: There is no such version, or its files are gone.
            DatastoreError: It cannot be written down.
        """
        folder = self._folder(name)
        if number not in self._numbers(folder):
            there = ", ".join(map(str, self._numbers(folder))) or "none"
            raise TaskError(f"model {name!r} has no version {number}; there are: {there}")
        version = ModelVersion.read(folder / str(number), name, True)
        if not is_plain(version.file):
            raise TaskError(f"{version.file}: the weights of this version are gone")
        atomic_write(folder / _IN_USE, lambda out: out.write(str(number).encode()))
        return version

    def _place(self, folder: FolderHandle, new: str) -> int:
        # A folder is not renamed over another that has files in it: two trainings that end at once get two numbers.
        number = max(_numbers(folder), default=0) + 1
        while True:
            try:
                folder.replace(new, str(number))
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
                number += 1
            else:
                return number

    def _numbers(self, folder: Path) -> list[int]:
        try:
            with FolderHandle.reach(folder) as opened:
                return _numbers(opened)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise TaskError(f"{folder}: the versions cannot be listed: {error.strerror or error}") from error

    def _number_in_use(self, name: str) -> int | None:
        try:
            return int(read_plain(self._folder(name) / _IN_USE, 20))
        except (OSError, ValueError):
            return None

    def _folder(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise TaskError(f"{name!r} cannot be the name of a model: use letters, digits, '_', '-' and '.'")
        folder = self.folder / name
        if is_link(folder):
            raise TaskError(f"{folder} is a link, and jlabel follows none there: remove it (what it leads to stays)")
        return folder


def _numbers(folder: FolderHandle) -> list[int]:
    return sorted(int(name) for name in folder.entries()[0] if _NUMBER.fullmatch(name) and not folder.is_link(name))


def _remove_leftovers(folder: FolderHandle) -> None:
    """Remove what a training that was killed while it published has left, a day ago or earlier."""
    for name in folder.entries()[0]:
        with contextlib.suppress(OSError):
            if _NEW.fullmatch(name) and time.time() - folder.lstat(name).st_mtime > _OLD:
                folder.remove_tree(name, ignore_errors=True)


def _state_of(file: str) -> _FileState | None:
    """What tells a file from the one that is put in its place; None where there is none."""
    try:
        state = os.lstat(file)  # a click asks several times, and pathlib takes three times as long
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino


@dataclass(frozen=True)
class PublishedModel:
    """The model that a train task publishes, as an infer task looks it up.

    Attributes:
        store: The folder of models.
        name: The train task's name.

    Examples:
        >>> from jlabel.registry import ModelStore
        >>> from safetensors.numpy import save_file
        >>> published = jlabel.PublishedModel(ModelStore(studies / ".jlabel" / "models"), "segmentation")
        >>> published.in_use() is None
        True
        >>> save_file({"weight": np.zeros(3)}, studies / "new.safetensors")
        >>> version = published.store.publish(jlabel.ModelVersion("segmentation", 0), studies / "new.safetensors")
        >>> version = published.store.use("segmentation", version.number)
        >>> published.in_use().number
        1
    """

    store: ModelStore
    name: str

    def in_use(self) -> ModelVersion | None:
        """The version in use; None if there is none."""
        return self.store.in_use(self.name)
