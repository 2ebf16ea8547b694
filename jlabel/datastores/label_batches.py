"""Saving many labels at once: the disk is waited for once for each batch, and not for each label.

Labels of images that had none go together through the steps of :mod:`jlabel.datastores.versioned_labels`: their bytes
are written and synced, linked into ``.jlabel/versions``, decided by one commit, and linked to their places. After a
kill or a power cut all of them are there, or none. A label that replaces another one is saved by itself.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, insert, select, update

from jlabel.datastores import disk, label_rows
from jlabel.datastores.database.statements import new_keys
from jlabel.datastores.image_queue import chunks, place_all
from jlabel.datastores.label_rows import ImageRef
from jlabel.datastores.label_version import FINAL
from jlabel.datastores.safe_names import check_writable_place
from jlabel.datastores.tables import LabelRow, VersionRow
from jlabel.datastores.versioned_labels import LabelFiles
from jlabel.files.file_operations import make_folder, sync_folder
from jlabel.files.folder_handle import FolderHandle
from jlabel.files.temporary import temporary_name

# Files that are synced at once: the disk takes them in together.
_SYNCED_AT_ONCE = 16
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_FIRST = 1


@dataclass(frozen=True)
class StagedLabel:
    """A label whose bytes lie in the work folder.

    Attributes:
        file: Where they are.
        ext: The extension of its file.
        state: Of the file.
        sha256: Of its bytes, in hex.
        info: Kept with the version.
        author: Who made it.
    """

    file: Path
    ext: str
    state: os.stat_result
    sha256: str
    info: Mapping[str, Any]
    author: str | None


Stage = Callable[[str, Callable[[BinaryIO], object], Mapping[str, Any], str | None], StagedLabel]
"""Writes a label to the work folder."""


class LabelBatches(LabelFiles):
    """The labels of one studies folder, which are also saved many at a time."""

    @contextlib.contextmanager
    def staging(self) -> Iterator[Stage]:
        """What writes labels to the work folder, which is held open meanwhile; nothing changes by that.

        It is called with the extension of a label's file, what writes its bytes, and the info and the author that are
        kept with the version.

        Raises:
            DatastoreError: A label cannot be written; nothing is left over of it.
        """
        self.catalogue.check_writing()
        what = f"{self.top}: a label could not be saved, those before are unchanged"
        with disk.explained(what):
            work = FolderHandle.make(self.work)
        with work:

            def stage(
                ext: str, fill: Callable[[BinaryIO], object], info: Mapping[str, Any], author: str | None
            ) -> StagedLabel:
                with disk.explained(what):
                    return _staged(work, ext, fill, info, author)

            yield stage

    def save_staged(self, labels: Mapping[ImageRef, StagedLabel], tag: str) -> None:
        """Make staged labels the current ones.

        Raises:
            DatastoreError: They cannot be kept. Of images without a label nothing has changed then.
        """
        try:
            with disk.explained(f"{self.top}: labels could not be saved, those before are unchanged"):
                with FolderHandle.reach(self.work) as work, ThreadPoolExecutor(_SYNCED_AT_ONCE) as threads:
                    list(threads.map(partial(_sync, work), labels.values()))
                for folder in self._folders(labels, tag):
                    check_writable_place(self.root, folder / "label")
                    make_folder(folder, durable=True)
                together = self._save_new(labels, tag)
            for image, label in labels.items():
                if image not in together:
                    self._take_in_found(image, tag, label.ext)
                    self.save(image, tag, label.ext, partial(disk.stage, label.file), label.info, label.author)
        finally:
            self.drop_staged(labels.values())

    def drop_staged(self, labels: Collection[StagedLabel]) -> None:
        """Remove staged files."""
        with contextlib.suppress(OSError), FolderHandle.reach(self.work) as work:
            for label in labels:
                with contextlib.suppress(OSError):
                    work.unlink(label.file.name, missing_ok=True)

    def _save_new(self, labels: Mapping[ImageRef, StagedLabel], tag: str) -> set[ImageRef]:
        """Save those of images that have no label, nor had one; returns of which."""
        kept: dict[ImageRef, Path] = {}
        places: dict[ImageRef, Path] = {}
        with _Handles() as handles:
            try:
                with self.catalogue.write() as connection:
                    pks = [image.pk for image in labels]
                    known = {pk for chunk in chunks(pks) for pk in connection.scalars(_with_rows(chunk, tag))}
                    for image, label in labels.items():
                        place = self.file(tag, image.id, label.ext)
                        first = self.kept_file(tag, image.id, _FIRST, label.ext)
                        if image.pk not in known and handles.are_free(place, first):
                            self._link_kept(handles, label, first)
                            kept[image], places[image] = first, place
                    handles.sync()
                    rows = _insert(connection, [(image, labels[image]) for image in kept], tag)
                    if tag == FINAL:
                        place_all(connection, [image.pk for image in kept])
            except BaseException:
                for image, file in kept.items():
                    self._drop_undecided(image, tag, file)
                raise
            shown = [
                pk
                for pk, (image, file) in zip(rows, kept.items(), strict=True)
                if self._show_new(handles, places[image], file)
            ]
        for folder in self._folders(kept, tag):
            sync_folder(folder)
        with self.catalogue.write(durable=False) as connection:
            for chunk in chunks(shown):
                connection.execute(update(LabelRow).where(LabelRow.pk.in_(chunk)).values(pending=False))
        return {*kept}

    def _take_in_found(self, image: ImageRef, tag: str, ext: str) -> None:
        """Make a label file that another program has just put in the place a version, before it is replaced."""
        if self.file(tag, image.id, ext).is_file():
            with self.catalogue.write() as connection:
                if label_rows.find(connection, image.pk, tag) is None:
                    self.adopt(connection, image, tag, ext)

    def _folders(self, images: Iterable[ImageRef], tag: str) -> set[Path]:
        """Where the labels of these images are."""
        above = {image.id.rpartition("/")[0]: image.id for image in images}
        return {self.file(tag, one, "").parent for one in above.values()}

    def _link_kept(self, handles: _Handles, label: StagedLabel, kept: Path) -> None:
        try:
            handles.of(self.work).link(label.file.name, kept.name, handles.of(kept.parent))
        except OSError:
            disk.link(label.file, kept, self.work)  # the file system knows no links: a copy
            disk.sync_file(kept)

    def _show_new(self, handles: _Handles, place: Path, kept: Path) -> bool:
        """Put a label in its place; where that fails it stays pending, and the next look at it tries again."""
        try:
            handles.of(kept.parent).link(kept.name, place.name, handles.of(place.parent))
        except OSError:
            return False
        return True


def _sync(work: FolderHandle, label: StagedLabel) -> None:
    with os.fdopen(work.open(label.file.name), "rb") as file:
        os.fsync(file.fileno())


def _staged(
    work: FolderHandle, ext: str, fill: Callable[[BinaryIO], object], info: Mapping[str, Any], author: str | None
) -> StagedLabel:
    name = temporary_name(ext)
    try:
        with os.fdopen(work.open(name, _NEW), "wb") as out:
            hashed = _Hashed(out)
            fill(hashed)  # type: ignore[arg-type]
            out.flush()
            return StagedLabel(work.path / name, ext, os.fstat(out.fileno()), hashed.digest(), info, author)
    except BaseException:
        work.unlink(name, missing_ok=True)
        raise


class _Hashed:
    """A file that is written, and the hash of what was."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def write(self, data: Any) -> int:
        self._hash.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    def digest(self) -> str:
        return self._hash.hexdigest()


class _Handles(contextlib.ExitStack):
    """Folders, each opened once and made where it is missing."""

    def __init__(self) -> None:
        super().__init__()
        self._open: dict[str, FolderHandle] = {}

    def of(self, folder: Path) -> FolderHandle:
        key = str(folder)
        if key not in self._open:
            self._open[key] = self.enter_context(FolderHandle.make(folder, durable=True))
        return self._open[key]

    def are_free(self, *places: Path) -> bool:
        """Whether nothing is in these places."""
        return not any(self.of(place.parent).exists(place.name) for place in places)

    def sync(self) -> None:
        for handle in self._open.values():
            handle.sync()


def _with_rows(pks: Sequence[int], tag: str) -> Any:
    return select(LabelRow.image_pk).where(LabelRow.image_pk.in_(pks), LabelRow.tag == tag)


def _insert(connection: Connection, labels: Sequence[tuple[ImageRef, StagedLabel]], tag: str) -> range:
    """Rows for new labels and their first versions; the keys of the labels, in their order."""
    pks = new_keys(connection, LabelRow, len(labels))
    if labels:
        connection.execute(insert(LabelRow), list(_label_rows(pks, labels, tag)))
        connection.execute(insert(VersionRow), list(_version_rows(pks, labels)))
    return pks


def _label_rows(pks: range, labels: Sequence[tuple[ImageRef, StagedLabel]], tag: str) -> Iterator[dict[str, Any]]:
    for pk, (image, label) in zip(pks, labels, strict=True):
        file = {"size": label.state.st_size, "mtime_ns": label.state.st_mtime_ns}
        yield {"pk": pk, "image_pk": image.pk, "tag": tag, "number": _FIRST, "pending": True, **file}


def _version_rows(pks: range, labels: Sequence[tuple[ImageRef, StagedLabel]]) -> Iterator[dict[str, Any]]:
    now = time.time()
    for pk, (_, label) in zip(pks, labels, strict=True):
        file = {"ext": label.ext, "size": label.state.st_size, "sha256": label.sha256}
        yield {"label_pk": pk, "number": _FIRST, "author": label.author, "time": now, "info": dict(label.info), **file}
