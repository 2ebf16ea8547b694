"""Labels on disk and all their versions: every change is decided by one commit and can be redone from there.

A new label goes through four steps: its bytes are written in a work folder; they are linked, and synced, into
``.jlabel/versions`` under the next number; one commit makes that number the current one, marked *pending*; the file
under ``labels/`` is replaced by a link to it. A kill before the commit leaves the old label, after it the new one:
whoever next meets a pending row repeats the last step. That step is not synced, so the mark stays until the label is
next looked at; then the folder is synced and the mark cleared. The versions are links, so nothing is copied.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from jlabel.datastores import disk, label_rows
from jlabel.datastores.label_placement import LabelPlacement
from jlabel.datastores.label_rows import ImageRef, Label, Version
from jlabel.datastores.safe_names import check_own_place, check_writable_place
from jlabel.errors import DatastoreError
from jlabel.files.atomic import atomic_write
from jlabel.files.file_operations import make_folder, remove_file
from jlabel.files.plain_files import is_plain
from jlabel.files.temporary import temporary_name
from jlabel.progress import NO_PROGRESS, Progress


class LabelFiles(LabelPlacement):
    """The labels of one studies folder, their versions and the rows about them."""

    def save(
        self,
        image: ImageRef,
        tag: str,
        ext: str,
        write: disk.Write,
        info: Mapping[str, Any],
        author: str | None,
        progress: Progress = NO_PROGRESS,
    ) -> int:
        """Make what ``write`` writes to the path it is given the current label and return its version number.

        Args:
            image: The image.
            tag: The label's tag.
            ext: The extension of the label's file.
            write: Writes it.
            info: Kept with the version.
            author: Who made it.
            progress: Asked until the commit whether to go on; once it is told that all is done, the label is decided.

        Raises:
            DatastoreError: It cannot be written; nothing has changed then, and nothing is left over.
            Cancelled: It was given up; nothing has changed either.
        """
        self.catalogue.check_writing()
        target = self.file(tag, image.id, ext)
        staged = self.work / temporary_name(ext)
        try:
            with disk.explained(f"{target}: the label could not be saved, the one before is unchanged"):
                make_folder(self.work)
                write(staged)
                check_writable_place(self.root, target)
                progress.check()
                make_folder(target.parent, durable=True)
                self._take_in(image, tag)
                return self._replace(image, tag, ext, staged, info, author, progress)
        finally:
            with contextlib.suppress(OSError):
                remove_file(staged)

    def restore(self, image: ImageRef, tag: str, number: int, author: str | None) -> int:
        """Save the content of a version again as a new one and return its number.

        Raises:
            DatastoreError: There is no such version, or its file is not what was saved.
        """
        version, source = self.version_file(image, tag, number)

        def write(target: Path) -> None:
            disk.stage(source, target)
            if version.sha256 not in (None, disk.fingerprint(target)[1]):
                raise DatastoreError(f"{source}: another program has changed this version since it was saved")

        return self.save(image, tag, version.ext, write, {**version.info, "restored_from": number}, author)

    def keep_version(self, image_id: str, tag: str, number: int, ext: str, content: bytes) -> Path:
        """Keep the file of a version that was saved elsewhere.

        Raises:
            DatastoreError: It cannot be written.
        """
        kept = self.kept_file(tag, image_id, number, ext)
        with disk.explained(f"{kept}: the version could not be kept"):
            make_folder(kept.parent, durable=True)
        atomic_write(kept, lambda out: out.write(content))
        return kept

    def version_file(self, image: ImageRef, tag: str, number: int) -> tuple[Version, Path]:
        """The row and the file of a version.

        Raises:
            DatastoreError: There is no such version.
        """
        with self.catalogue.read() as connection:
            label = label_rows.find(connection, image.pk, tag)
            known = [] if label is None else label_rows.versions(connection, label.pk)
        version = next((version for version in known if version.number == number), None)
        if label is None or version is None:
            numbers = ", ".join(str(version.number) for version in known) or "none"
            raise DatastoreError(
                f"image {image.id!r} has no version {number} of its {tag!r} label; there are: {numbers}"
            )
        file = self.kept_file(tag, image.id, number, version.ext)
        check_own_place(self.root, file)
        if label.number == number and not file.exists():
            return version, self.file(tag, image.id, version.ext)
        if file.exists() and not is_plain(file):
            raise DatastoreError(f"{file}: this version is no regular file, and is not read")
        return version, file

    def remove(self, image: ImageRef, tag: str) -> None:
        """Take the current label away; its versions stay."""
        self.catalogue.check_writing()
        with self.catalogue.write() as connection:
            label = self.up_to_date(connection, image, tag)
            if label is None or label.ext is None:
                raise DatastoreError(f"image {image.id!r} has no label with the tag {tag!r} to remove")
            with disk.explained(f"{self.file(tag, image.id, label.ext)}: the label could not be removed"):
                check_writable_place(self.root, self.file(tag, image.id, label.ext))
                self._keep(label)
            label_rows.change(connection, label, None, pending=True)
        self.settle(label.pk)

    def _take_in(self, image: ImageRef, tag: str) -> None:
        # What another program has put in the label's place becomes a version by itself, not as a part of a save, which
        # may still be given up.
        with self.catalogue.read() as connection:
            label = label_rows.find(connection, image.pk, tag)
        if label is not None and not self._unchanged(label):
            self.current(image, tag)

    def _replace(
        self,
        image: ImageRef,
        tag: str,
        ext: str,
        staged: Path,
        info: Mapping[str, Any],
        author: str | None,
        progress: Progress,
    ) -> int:
        state, sha256 = disk.fingerprint(staged)
        kept: Path | None = None
        try:
            with self.catalogue.write() as connection:
                label = self._checked(connection, image, tag) or label_rows.new_label(connection, image, tag)
                self._keep(label)
                number = self._next_number(connection, label, ext)
                kept = self.kept_file(tag, image.id, number, ext)
                make_folder(kept.parent, durable=True)
                disk.link(staged, kept, self.work)
                disk.sync(kept)
                version = Version(number, ext, state.st_size, sha256, author, time.time(), info)
                label_rows.add_version(connection, label.pk, version)
                label_rows.change(connection, label, number, state, pending=True)
                progress.step(1, 1)
        except BaseException:
            if kept is not None:
                self._drop_undecided(image, tag, kept)
            raise
        try:
            self._show(label.pk, number)
        except (DatastoreError, OSError):
            self._take_back(label, number, kept)
            raise
        return number

    def _checked(self, connection: Connection, image: ImageRef, tag: str) -> Label | None:
        # A pending label whose file is in place need not last any more when it is about to be replaced.
        label = label_rows.find(connection, image.pk, tag)
        if label is not None and label.pending and label.ext is not None and self._unchanged(label):
            return label
        return self.up_to_date(connection, image, tag)

    def _show(self, label_pk: int, number: int) -> None:
        with self.catalogue.write(durable=False) as connection:
            for label in label_rows.find_pending(connection, label_pk):
                if label.number == number and label.ext is not None:
                    wanted = self.file(label.tag, label.image_id, label.ext)
                    self._rename_link(label, wanted)
                    self.clear_others(connection, label, wanted)
                    if not self._unchanged(label):
                        label_rows.change(connection, label, number, wanted.stat(), pending=True)

    def _drop_undecided(self, image: ImageRef, tag: str, kept: Path) -> None:
        # An interrupt can arrive after the commit: only what no row speaks of is dropped.
        with contextlib.suppress(DatastoreError, OSError), self.catalogue.write() as connection:
            label = label_rows.find(connection, image.pk, tag)
            known = [] if label is None else label_rows.versions(connection, label.pk)
            if all(self.kept_file(tag, image.id, version.number, version.ext) != kept for version in known):
                remove_file(kept)

    def _take_back(self, before: Label, number: int, kept: Path) -> None:
        # The label's file could not be replaced: go back, unless someone has meanwhile finished the change or gone on.
        with self.catalogue.write() as connection:
            now = label_rows.find(connection, before.image_pk, before.tag)
            if now is None or not now.pending or now.number != number:
                return
            label_rows.change(connection, replace(before, number=number), before.number)
            label_rows.drop_version(connection, before.pk, number)
        with contextlib.suppress(OSError):
            remove_file(kept)
