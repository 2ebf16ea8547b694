"""The copies of labels and versions on this machine.

The row of a label says which size and time its copy has, on every machine: a copy with others is another version's.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from jlabel.datastores import disk
from jlabel.datastores.label_rows import Label, Version
from jlabel.datastores.remote.label_store import LabelKey, LabelStore, version_path
from jlabel.datastores.safe_names import check_writable_place
from jlabel.datastores.versioned_labels import LabelFiles
from jlabel.errors import DatastoreError, UnreachableError
from jlabel.files.file_operations import make_folder, remove_file
from jlabel.files.temporary import temporary_name

# File systems keep times by this at least.
_STEP_NS = 1000


class LabelCopies:
    """Fetches labels and versions, and puts them in their places on this machine.

    Args:
        labels: Where these places are.
        stored: The labels in the store.
    """

    def __init__(self, labels: LabelFiles, stored: LabelStore) -> None:
        self._labels = labels
        self._stored = stored

    def version_file(self, key: LabelKey, version: Version) -> Path:
        """The file of a version, which is fetched where it is not on this machine.

        Raises:
            DatastoreError: The store does not have it as it was saved, or it cannot be written here.
        """
        kept = self._labels.kept_file(key.tag, key.image_id, version.number, version.ext)
        if _holds(kept, version):
            return kept
        return self._labels.keep_version(
            key.image_id, key.tag, version.number, version.ext, self._fetched(key, version)
        )

    def store_path(self, key: LabelKey, ext: str) -> str:
        """Where the current label is in the store."""
        return self._labels.file(key.tag, key.image_id, ext).relative_to(self._labels.root).as_posix()

    def sha256(self, key: LabelKey, version: Version) -> str | None:
        """The hash of a version's file; None where the store has lost it.

        Raises:
            UnreachableError: The store cannot be reached.
        """
        try:
            return disk.fingerprint(self.version_file(key, version))[1]
        except UnreachableError:
            raise
        except (DatastoreError, OSError):
            return None

    def show(self, label: Label, version: Version) -> None:
        """Put a version, whose file is on this machine, in the place of the current label."""
        kept = self._labels.kept_file(label.tag, label.image_id, version.number, version.ext)
        with disk.explained(f"{kept}: the label could not be put in its place"):
            os.utime(kept, ns=(label.mtime_ns, label.mtime_ns))
            self._link(label, kept, version.ext)

    def place(self, label: Label, number: int, ext: str, staged: Path) -> None:
        """Put a staged file in the places of a version and of the current label."""
        kept = self._labels.kept_file(label.tag, label.image_id, number, ext)
        with disk.explained(f"{kept}: the label could not be put in its place"):
            make_folder(kept.parent, durable=True)
            disk.link(staged, kept, self._labels.work)
            self._link(label, kept, ext)

    @contextlib.contextmanager
    def staged(self, ext: str, data: bytes, time_ns: int) -> Iterator[Path]:
        """A file in the work folder, for as long as this lasts."""
        with self._beside(ext) as file:
            file.write_bytes(data)
            self.stamp(file, time_ns)
            yield file

    @contextlib.contextmanager
    def staged_file(self, source: Path) -> Iterator[Path]:
        """A copy of a file in the work folder, for as long as this lasts."""
        with self._beside(source.suffix) as file:
            disk.stage(source, file)
            yield file

    @staticmethod
    def stamp(file: Path, time_ns: int | None = None) -> None:
        """Give a file a time that all file systems keep; its own if none is given."""
        time_ns = file.stat().st_mtime_ns if time_ns is None else time_ns
        time_ns -= time_ns % _STEP_NS
        os.utime(file, ns=(time_ns, time_ns))

    @contextlib.contextmanager
    def _beside(self, ext: str) -> Iterator[Path]:
        file = self._labels.work / temporary_name(ext)
        try:
            with disk.explained(f"{self._labels.work}: a label could not be taken in"):
                make_folder(self._labels.work)
                yield file
        finally:
            with contextlib.suppress(OSError):
                remove_file(file)

    def _link(self, label: Label, kept: Path, ext: str) -> None:
        wanted = self._labels.file(label.tag, label.image_id, ext)
        check_writable_place(self._labels.root, wanted)
        make_folder(wanted.parent)
        make_folder(self._labels.work)
        self._labels.put_link(kept, wanted)
        with self._labels.catalogue.read() as connection:
            self._labels.clear_others(connection, label, wanted)

    def _fetched(self, key: LabelKey, version: Version) -> bytes:
        path = version_path(key, version.number, version.ext)
        url = self._stored.store.url
        try:
            data = self._stored.read_version(key, version.number, version.ext)
        except FileNotFoundError as error:
            found = self._current(key, version)
            if found is None:
                raise DatastoreError(f"{url}/{path}: this version of the label is gone") from error
            return found
        if not _is_of(version, data):
            raise DatastoreError(f"{url}/{path}: another program has changed this version since it was saved")
        return data

    def _current(self, key: LabelKey, version: Version) -> bytes | None:
        """The current label, where it is that version: another program may have put it there without one."""
        if version.sha256 is None:
            return None
        with contextlib.suppress(FileNotFoundError):
            data = self._stored.store.read(self.store_path(key, version.ext))
            return data if _is_of(version, data) else None
        return None


def _holds(kept: Path, version: Version) -> bool:
    """Whether a file is that of a version: a copy may have been changed in its place, or have got the wrong number."""
    try:
        if version.sha256 is None:
            return kept.is_file()
        state, sha256 = disk.fingerprint(kept)
    except OSError:
        return False
    return (state.st_size, sha256) == (version.size, version.sha256)


def _is_of(version: Version, data: bytes) -> bool:
    return version.size == len(data) and version.sha256 in (None, hashlib.sha256(data).hexdigest())
