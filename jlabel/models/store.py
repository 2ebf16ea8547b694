"""The folder of all models: versions are written beside and renamed, and never written over."""

from __future__ import annotations

import contextlib
import errno
import re
import secrets
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from jlabel.errors import DatastoreError, TaskError
from jlabel.imaging.atomic import atomic_write
from jlabel.models.version import ROW, WEIGHTS, ModelVersion

_IN_USE = "in_use"
_NAME = re.compile(r"\w[\w .-]*")


class ModelStore:
    """Models by name, each with its versions.

    Args:
        folder: ``<name>/<number>/`` in it has a version's weights and row; ``<name>/in_use`` names the one in use.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def publish(self, version: ModelVersion, weights: Path) -> ModelVersion:
        """Keep a new version under the next number; it is not in use by that.

        Args:
            version: Its row; number and file are given here.
            weights: A safetensors file, which is copied.

        Raises:
            DatastoreError: It cannot be written; nothing is left of it then.
        """
        folder = self._folder(version.name)
        beside = folder / f".new-{secrets.token_hex(8)}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            beside.mkdir()
            with weights.open("rb") as source:
                atomic_write(beside / WEIGHTS, lambda out: shutil.copyfileobj(source, out, 1 << 20))
            atomic_write(beside / ROW, lambda out: out.write(version.to_json().encode()))
            number = self._place(beside, folder)
        except OSError as error:
            raise DatastoreError(f"{folder}: the model could not be published: {error.strerror or error}") from error
        finally:
            shutil.rmtree(beside, ignore_errors=True)
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
        """The version in use, or None where nothing was published, or nothing of it was good enough.

        Raises:
            TaskError: It is damaged.
        """
        number = self._number_in_use(name)
        return None if number is None else ModelVersion.read(self._folder(name) / str(number), name, True)

    def use(self, name: str, number: int) -> ModelVersion:
        """Take that version from the next call on.

        Raises:
            TaskError: There is no such version, or its files are gone.
            DatastoreError: It cannot be written down.
        """
        folder = self._folder(name)
        if number not in self._numbers(folder):
            there = ", ".join(map(str, self._numbers(folder))) or "none"
            raise TaskError(f"model {name!r} has no version {number}; there are: {there}")
        version = ModelVersion.read(folder / str(number), name, True)
        if not version.file.is_file():
            raise TaskError(f"{version.file}: the weights of this version are gone")
        atomic_write(folder / _IN_USE, lambda out: out.write(str(number).encode()))
        return version

    def _place(self, beside: Path, folder: Path) -> int:
        # A folder is not renamed over another that has files in it: two trainings that end at once get two numbers.
        number = max(self._numbers(folder), default=0) + 1
        while True:
            try:
                beside.rename(folder / str(number))
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
                number += 1
            else:
                return number

    def _numbers(self, folder: Path) -> list[int]:
        if not folder.is_dir():
            return []
        return sorted(int(entry.name) for entry in folder.iterdir() if entry.name.isdecimal() and entry.is_dir())

    def _number_in_use(self, name: str) -> int | None:
        try:
            return int((self._folder(name) / _IN_USE).read_text())
        except (OSError, ValueError):
            return None

    def _folder(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise TaskError(f"{name!r} cannot be the name of a model: use letters, digits, '_', '-' and '.'")
        return self.folder / name


@dataclass(frozen=True)
class PublishedModel:
    """Where an infer task finds the model that its train task publishes.

    Attributes:
        store: The models.
        name: The train task's name.
    """

    store: ModelStore
    name: str

    def in_use(self) -> ModelVersion | None:
        """The version to take now."""
        return self.store.in_use(self.name)
