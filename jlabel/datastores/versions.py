"""Labels on disk and all their versions: every change is decided by one commit and can be redone from there.

A new label goes through four steps: its bytes are written and synced in a work folder; they are linked into
``.jlabel/versions`` under the next number; one commit makes that number the current one, marked *pending*; the file
under ``labels/`` is replaced by a link to it and the mark is cleared. A kill before the commit leaves the old label,
after it the new one: whoever next meets a pending row repeats the last step. The versions are links, so nothing is
copied.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from jlabel.datastores import disk, queue
from jlabel.datastores.base import FINAL
from jlabel.datastores.catalogue import Catalogue
from jlabel.datastores.models import ImageRow, LabelRow, VersionRow
from jlabel.datastores.names import check_writable_place
from jlabel.errors import DatastoreError


@dataclass(frozen=True)
class Label:
    """The row of one label; ``ext`` is its current file's, None where it was removed."""

    pk: int
    image_pk: int
    image_id: str
    tag: str
    number: int | None
    pending: bool
    size: int
    mtime_ns: int
    ext: str | None


class LabelFiles:
    """The labels of one studies folder, their versions and the rows about them.

    Args:
        catalogue: Where the rows are.
        root: The studies folder.
        labels_dir: The folder of the labels, relative to it.
    """

    def __init__(self, catalogue: Catalogue, root: Path, labels_dir: str) -> None:
        self.catalogue = catalogue
        self.root = root
        self.top = root / labels_dir
        self.kept = root / ".jlabel" / "versions"
        self.work = root / ".jlabel" / "tmp"

    def file(self, tag: str, image_id: str, ext: str) -> Path:
        """Where the current label is."""
        return self.top / tag / f"{image_id}{ext}"

    def kept_file(self, tag: str, image_id: str, number: int, ext: str) -> Path:
        """Where a version is kept."""
        return self.kept / tag / f"{image_id}.v{number}{ext}"

    def save(
        self,
        image: tuple[int, str],
        tag: str,
        ext: str,
        write: Callable[[Path], None],
        info: Mapping[str, Any],
        author: str | None,
    ) -> int:
        """Make what ``write`` writes to the path it is given the current label and return its version number.

        Raises:
            DatastoreError: It cannot be written; nothing has changed then, and nothing is left over.
        """
        target = self.file(tag, image[1], ext)
        staged = self.work / f"{secrets.token_hex(8)}{ext}"
        try:
            with disk.explained(f"{target}: the label could not be saved, the one before is unchanged"):
                self.work.mkdir(parents=True, exist_ok=True)
                write(staged)
                check_writable_place(self.root, target)
                disk.make_folder(target.parent)
                return self._replace(image, tag, ext, staged, info, author)
        finally:
            with contextlib.suppress(OSError):
                staged.unlink(missing_ok=True)

    def restore(self, image: tuple[int, str], tag: str, number: int, author: str | None) -> int:
        """Save the content of a version again as a new one and return its number.

        Raises:
            DatastoreError: There is no such version, or its file is not what was saved.
        """
        with self.catalogue.read() as connection:
            label = self.find(connection, image[0], tag)
            rows = [] if label is None else self.versions(connection, label.pk)
        row = next((row for row in rows if row.number == number), None)
        if label is None or row is None:
            known = ", ".join(str(row.number) for row in rows) or "none"
            raise DatastoreError(f"image {image[1]!r} has no version {number} of its {tag!r} label; there are: {known}")
        source = self.kept_file(tag, image[1], number, row.ext)
        if label.number == number and not source.exists():
            source = self.file(tag, image[1], row.ext)

        def write(target: Path) -> None:
            disk.copy(source, target)
            if row.sha256 not in (None, disk.fingerprint(target)[1]):
                raise DatastoreError(f"{source}: another program has changed this version since it was saved")

        return self.save(image, tag, row.ext, write, {**row.info, "restored_from": number}, author)

    def remove(self, image: tuple[int, str], tag: str) -> None:
        """Take the current label away; its versions stay."""
        with self.catalogue.write() as connection:
            label = self.up_to_date(connection, image, tag)
            if label is None or label.number is None or label.ext is None:
                raise DatastoreError(f"image {image[1]!r} has no label with the tag {tag!r} to remove")
            with disk.explained(f"{self.file(tag, image[1], label.ext)}: the label could not be removed"):
                check_writable_place(self.root, self.file(tag, image[1], label.ext))
                self._keep(label)
            self._point_to(connection, label, None, pending=True)
        self.settle(label.pk)

    def settle(self, label_pk: int | None = None) -> None:
        """Finish what was decided: one label, or all that are pending."""
        with self.catalogue.write() as connection:
            query = select_labels().where(LabelRow.pending)
            if label_pk is not None:
                query = query.where(LabelRow.pk == label_pk)
            for row in connection.execute(query).all():
                label = Label(*row)
                with disk.explained(
                    f"{self.top / label.tag / label.image_id}: the label could not be put in its place"
                ):
                    self._put_in_place(connection, label)

    def find(self, connection: Connection, image_pk: int, tag: str) -> Label | None:
        """The label's row as it is."""
        row = connection.execute(
            select_labels().where(LabelRow.image_pk == image_pk, LabelRow.tag == tag)
        ).one_or_none()
        return None if row is None else Label(*row)

    def current(self, image: tuple[int, str], tag: str) -> Label | None:
        """The label that the image has now, after a look at its file; None where it has none."""
        with self.catalogue.read() as connection:
            label = self.find(connection, image[0], tag)
        if label is not None and (label.pending or not self._unchanged(label)):
            with self.catalogue.write() as connection:
                label = self.up_to_date(connection, image, tag)
        return label if label is not None and label.number is not None else None

    def up_to_date(self, connection: Connection, image: tuple[int, str], tag: str) -> Label | None:
        """The label's row after a pending change is finished, or another program's change to the file is taken in."""
        label = self.find(connection, image[0], tag)
        if label is None or (not label.pending and self._unchanged(label)):
            return label
        with disk.explained(f"{self.top / tag / image[1]}: the label could not be brought up to date"):
            if label.pending:
                self._put_in_place(connection, label)
            elif label.ext is not None and self.file(tag, image[1], label.ext).is_file():
                self.adopt(connection, image, tag, label.ext)
            else:
                self._point_to(connection, label, None)
        return self.find(connection, image[0], tag)

    def adopt(self, connection: Connection, image: tuple[int, str], tag: str, ext: str) -> None:
        """Make a file that another program put under ``labels/`` the current version: a known one, or a new one."""
        file = self.file(tag, image[1], ext)
        state, sha256 = disk.fingerprint(file)
        label = self.find(connection, image[0], tag) or self._new_label(connection, image[0], tag)
        number = self._known_number(connection, label, state.st_size, sha256)
        if number is None:
            number = self._next_number(connection, label, ext)
            kept = self.kept_file(tag, image[1], number, ext)
            check_writable_place(self.root, kept)
            disk.make_folder(kept.parent)
            disk.link(file, kept)
            _insert_version(connection, label.pk, number, ext, state, sha256, None, state.st_mtime, {})
        self._point_to(connection, label, number, state)

    def versions(self, connection: Connection, label_pk: int) -> list[Row[Any]]:
        """All version rows of a label, oldest first."""
        query = select(VersionRow.__table__).where(VersionRow.label_pk == label_pk)
        return list(connection.execute(query.order_by(VersionRow.number)))

    def _replace(
        self, image: tuple[int, str], tag: str, ext: str, staged: Path, info: Mapping[str, Any], author: str | None
    ) -> int:
        state, sha256 = disk.fingerprint(staged)
        kept: Path | None = None
        try:
            with self.catalogue.write() as connection:
                label = self.up_to_date(connection, image, tag) or self._new_label(connection, image[0], tag)
                self._keep(label)
                number = self._next_number(connection, label, ext)
                kept = self.kept_file(tag, image[1], number, ext)
                check_writable_place(self.root, kept)
                disk.make_folder(kept.parent)
                disk.link(staged, kept)
                disk.sync_folder(kept.parent)
                _insert_version(connection, label.pk, number, ext, state, sha256, author, time.time(), info)
                self._point_to(connection, label, number, state, pending=True)
        except BaseException:
            if kept is not None:
                self._drop_undecided(image, tag, kept)
            raise
        try:
            self.settle(label.pk)
        except DatastoreError:
            self._take_back(label, number, kept)
            raise
        return number

    def _drop_undecided(self, image: tuple[int, str], tag: str, kept: Path) -> None:
        # An interrupt can arrive after the commit: only what no row speaks of is dropped.
        with contextlib.suppress(DatastoreError, OSError), self.catalogue.write() as connection:
            label = self.find(connection, image[0], tag)
            rows = [] if label is None else self.versions(connection, label.pk)
            if all(self.kept_file(tag, image[1], row.number, row.ext) != kept for row in rows):
                kept.unlink(missing_ok=True)

    def _take_back(self, label: Label, number: int, kept: Path) -> None:
        # The label's file could not be replaced: go back, unless someone has meanwhile finished the change or gone
        # further.
        with self.catalogue.write() as connection:
            now = self.find(connection, label.image_pk, label.tag)
            if now is None or not now.pending or now.number != number:
                return
            previous = label.number
            self._point_to(connection, label, previous)
            values = {"size": label.size, "mtime_ns": label.mtime_ns}
            connection.execute(update(LabelRow).where(LabelRow.pk == label.pk).values(values))
            connection.execute(delete(VersionRow).where(VersionRow.label_pk == label.pk, VersionRow.number == number))
        with contextlib.suppress(OSError):
            kept.unlink(missing_ok=True)

    def _put_in_place(self, connection: Connection, label: Label) -> None:
        wanted: Path | None = None
        if label.number is not None and label.ext is not None:
            wanted = self.file(label.tag, label.image_id, label.ext)
            kept = self.kept_file(label.tag, label.image_id, label.number, label.ext)
            check_writable_place(self.root, wanted)
            if not (wanted.exists() and wanted.samefile(kept)):
                disk.make_folder(wanted.parent)
                self._rename_link(kept, wanted)
        exts = select(VersionRow.ext).where(VersionRow.label_pk == label.pk).distinct()
        for ext in connection.scalars(exts):
            other = self.file(label.tag, label.image_id, ext)
            if other != wanted:
                other.unlink(missing_ok=True)
        disk.sync_folder((wanted or self.file(label.tag, label.image_id, "")).parent)
        values: dict[str, Any] = {"pending": False}
        if wanted is not None:
            state = wanted.stat()
            values |= {"size": state.st_size, "mtime_ns": state.st_mtime_ns}
        connection.execute(update(LabelRow).where(LabelRow.pk == label.pk).values(values))

    def _rename_link(self, kept: Path, wanted: Path) -> None:
        beside = self.work / f"{secrets.token_hex(8)}{wanted.suffix}"
        self.work.mkdir(parents=True, exist_ok=True)
        try:
            disk.link(kept, beside)
            os.replace(beside, wanted)  # noqa: PTH105 - the tests let exactly this call fail
        finally:
            beside.unlink(missing_ok=True)

    def _keep(self, label: Label) -> None:
        # A label that was found in the folder has no kept version until the moment it is replaced.
        if label.number is None or label.ext is None:
            return
        kept = self.kept_file(label.tag, label.image_id, label.number, label.ext)
        if not kept.exists():
            check_writable_place(self.root, kept)
            disk.make_folder(kept.parent)
            disk.link(self.file(label.tag, label.image_id, label.ext), kept)

    def _unchanged(self, label: Label) -> bool:
        if label.ext is None:
            return True
        try:
            state = self.file(label.tag, label.image_id, label.ext).stat()
        except OSError:
            return False
        return (state.st_size, state.st_mtime_ns) == (label.size, label.mtime_ns)

    def _known_number(self, connection: Connection, label: Label, size: int, sha256: str) -> int | None:
        for row in reversed(self.versions(connection, label.pk)):
            if row.size != size:
                continue
            known = row.sha256
            if known is None:
                kept = self.kept_file(label.tag, label.image_id, row.number, row.ext)
                known = disk.fingerprint(kept)[1] if kept.is_file() else None
            if known == sha256:
                return int(row.number)
        return None

    def _new_label(self, connection: Connection, image_pk: int, tag: str) -> Label:
        connection.execute(insert(LabelRow).values(image_pk=image_pk, tag=tag, number=None))
        label = self.find(connection, image_pk, tag)
        assert label is not None
        return label

    def _next_number(self, connection: Connection, label: Label, ext: str) -> int:
        last = connection.scalar(select(func.max(VersionRow.number)).where(VersionRow.label_pk == label.pk))
        number = (last or 0) + 1
        # A save that was killed before it was decided may have left a file: it is passed over, never written over.
        while self.kept_file(label.tag, label.image_id, number, ext).exists():
            number += 1
        return number

    def _point_to(
        self,
        connection: Connection,
        label: Label,
        number: int | None,
        state: os.stat_result | None = None,
        *,
        pending: bool = False,
    ) -> None:
        values: dict[str, Any] = {"number": number, "pending": pending}
        if state is not None:
            values |= {"size": state.st_size, "mtime_ns": state.st_mtime_ns}
        connection.execute(update(LabelRow).where(LabelRow.pk == label.pk).values(values))
        if label.tag == FINAL:
            queue.place(connection, label.image_pk)


def select_labels() -> Any:
    """The columns of :class:`Label`, for a query."""
    return (
        select(
            LabelRow.pk,
            LabelRow.image_pk,
            ImageRow.id,
            LabelRow.tag,
            LabelRow.number,
            LabelRow.pending,
            LabelRow.size,
            LabelRow.mtime_ns,
            VersionRow.ext,
        )
        .join(ImageRow, ImageRow.pk == LabelRow.image_pk)
        .outerjoin(VersionRow, (VersionRow.label_pk == LabelRow.pk) & (VersionRow.number == LabelRow.number))
    )


def _insert_version(
    connection: Connection,
    label_pk: int,
    number: int,
    ext: str,
    state: os.stat_result,
    sha256: str | None,
    author: str | None,
    when: float,
    info: Mapping[str, Any],
) -> None:
    connection.execute(
        insert(VersionRow).values(
            label_pk=label_pk,
            number=number,
            ext=ext,
            size=state.st_size,
            sha256=sha256,
            author=author,
            time=when,
            info=dict(info),
        )
    )
