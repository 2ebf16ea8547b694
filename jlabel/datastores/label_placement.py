"""The file of each label and its row in the catalogue: what was decided is finished, and what changed is taken in.

A row that is *pending* has a number that is decided, and a file that may not be in its place yet: whoever meets it puts
the file there. A file that another program has put there becomes a version of its own.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from jlabel.datastores import disk, label_rows
from jlabel.datastores.catalogue import Catalogue
from jlabel.datastores.label_places import kept_name
from jlabel.datastores.label_rows import ImageRef, Label, Version
from jlabel.datastores.safe_names import check_writable_place
from jlabel.files.file_operations import make_folder, remove_file, sync_folder
from jlabel.files.file_operations import replace as replace_file
from jlabel.files.links import OWN_FOLDER
from jlabel.files.temporary import temporary_name


class LabelPlacement:
    """Where the labels of one studies folder and their versions are, and how file and row come to agree.

    Args:
        catalogue: Where the rows are.
        root: The studies folder.
        labels_dir: The folder of the labels, relative to it.
    """

    def __init__(self, catalogue: Catalogue, root: Path, labels_dir: str) -> None:
        self.catalogue = catalogue
        self.root = root
        self.top = root / labels_dir
        self.spelled: dict[str, str] = {}
        self.kept = root / OWN_FOLDER / "versions"
        self.work = root / OWN_FOLDER / "tmp"

    def file(self, tag: str, image_id: str, ext: str) -> Path:
        """Where the current label is: a file that was found keeps the spelling that it has on disk."""
        name = f"{tag}/{image_id}{ext}"
        return self.top / self.spelled.get(name, name)

    def kept_file(self, tag: str, image_id: str, number: int, ext: str) -> Path:
        """Where a version is kept."""
        return self.kept / tag / kept_name(image_id, number, ext)

    def settle(self, label_pk: int | None = None) -> None:
        """Finish what was decided: one label, or all that are pending."""
        if self.catalogue.only_read is not None:
            return
        with self.catalogue.write(durable=False) as connection:
            folders: set[Path] = set()
            for label in label_rows.find_pending(connection, label_pk):
                place = self.top / label.tag / label.image_id
                with disk.explained(f"{place}: the label could not be put in its place"):
                    folders.add(self._put_in_place(connection, label))
            for folder in folders:
                sync_folder(folder)

    def current(self, image: ImageRef, tag: str) -> Label | None:
        """The label that the image has now, after a look at its file; None where it has none."""
        with self.catalogue.read() as connection:
            label = label_rows.find(connection, image.pk, tag)
        if label is not None and self.catalogue.only_read is None and (label.pending or not self._unchanged(label)):
            with self.catalogue.write() as connection:
                label = self.up_to_date(connection, image, tag)
        return label if label is not None and label.number is not None else None

    def current_version(self, image_id: str, tag: str) -> Version | None:
        """The version of the label that the image has now, with one look at the catalogue and one at the file.

        None where it has none, and where the row does not tell: see :meth:`current`. A change that is not finished is
        decided all the same, and its file is in its place.
        """
        with self.catalogue.read() as connection:
            found = label_rows.find_with_version(connection, image_id, tag)
        if found is None or not self._unchanged(found[0]):
            return None
        return found[1]

    def is_unchanged(self, label: Label) -> bool:
        """Whether the label's file is as its row says."""
        return self._unchanged(label)

    def up_to_date(self, connection: Connection, image: ImageRef, tag: str) -> Label | None:
        """The label's row, once a pending change is finished or another program's change to the file is taken in."""
        label = label_rows.find(connection, image.pk, tag)
        if label is None or (not label.pending and self._unchanged(label)):
            return label
        with disk.explained(f"{self.top / tag / image.id}: the label could not be brought up to date"):
            if label.pending:
                sync_folder(self._put_in_place(connection, label))
            elif label.ext is not None and self.file(tag, image.id, label.ext).is_file():
                self.adopt(connection, image, tag, label.ext)
            else:
                label_rows.change(connection, label, None)
        return label_rows.find(connection, image.pk, tag)

    def adopt(self, connection: Connection, image: ImageRef, tag: str, ext: str) -> None:
        """Make a file that another program put under ``labels/`` the current version: a known one, or a new one."""
        file = self.file(tag, image.id, ext)
        state, sha256 = disk.fingerprint(file)
        label = label_rows.find_or_new(connection, image, tag)
        number = self._known_number(connection, label, state.st_size, sha256)
        if number is None:
            number = self._next_number(connection, label, ext)
            kept = self.kept_file(tag, image.id, number, ext)
            make_folder(kept.parent, durable=True)
            disk.link(file, kept, self.work)
            version = Version(number, ext, state.st_size, sha256, None, state.st_mtime, {})
            label_rows.add_version(connection, label.pk, version)
        label_rows.change(connection, label, number, state)

    def _put_in_place(self, connection: Connection, label: Label) -> Path:
        # Returns the folder that is to be synced before this is committed.
        if label.number is None or label.ext is None:
            self.clear_others(connection, label, None)
            label_rows.change(connection, label, None)
            return self.file(label.tag, label.image_id, "").parent
        wanted = self.file(label.tag, label.image_id, label.ext)
        if not self._unchanged(label) and wanted.is_file():
            found = self._known_number(connection, label, *_size_and_hash(wanted))
            if found is None:
                self.adopt(connection, ImageRef(label.image_pk, label.image_id), label.tag, label.ext)
                return wanted.parent
        else:
            found = label.number if wanted.is_file() else None
        if found != label.number:
            check_writable_place(self.root, wanted)
            make_folder(wanted.parent, durable=True)
            self._rename_link(label, wanted)
        self.clear_others(connection, label, wanted)
        label_rows.change(connection, label, label.number, wanted.stat())
        return wanted.parent

    def clear_others(self, connection: Connection, label: Label, wanted: Path | None) -> None:
        """Remove the label's files of other extensions than that of its file; of all, where it has none."""
        for ext in label_rows.extensions(connection, label.pk):
            other = self.file(label.tag, label.image_id, ext)
            if other != wanted:
                check_writable_place(self.root, other)
                other.unlink(missing_ok=True)

    def _rename_link(self, label: Label, wanted: Path) -> None:
        assert label.number is not None
        assert label.ext is not None
        self.put_link(self.kept_file(label.tag, label.image_id, label.number, label.ext), wanted)

    def put_link(self, kept: Path, wanted: Path) -> None:
        """Put a link to the file of a version in the place of a label, at once."""
        beside = self.work / temporary_name(wanted.suffix)
        try:
            disk.link(kept, beside, self.work)
            replace_file(beside, wanted)
        finally:
            remove_file(beside)

    def _keep(self, label: Label) -> None:
        # A label that was found in the folder has no kept version until the moment it is replaced.
        if label.number is None or label.ext is None:
            return
        kept = self.kept_file(label.tag, label.image_id, label.number, label.ext)
        if not kept.exists():
            make_folder(kept.parent, durable=True)
            disk.link(self.file(label.tag, label.image_id, label.ext), kept, self.work)

    def _unchanged(self, label: Label) -> bool:
        if label.ext is None:
            return True
        try:
            state = self.file(label.tag, label.image_id, label.ext).stat()
        except OSError:
            return False
        return (state.st_size, state.st_mtime_ns) == (label.size, label.mtime_ns)

    def _known_number(self, connection: Connection, label: Label, size: int, sha256: str) -> int | None:
        for version in label_rows.versions(connection, label.pk)[::-1]:
            if version.size != size:
                continue
            known = version.sha256
            if known is None:
                kept = self.kept_file(label.tag, label.image_id, version.number, version.ext)
                known = disk.fingerprint(kept)[1] if kept.is_file() else None
            if known == sha256:
                return version.number
        return None

    def _next_number(self, connection: Connection, label: Label, ext: str) -> int:
        number = label_rows.last_number(connection, label.pk) + 1
        # A save that was killed before it was decided may have left a file: it is passed over, never written over.
        while self.kept_file(label.tag, label.image_id, number, ext).exists():
            number += 1
        return number


def _size_and_hash(file: Path) -> tuple[int, str]:
    state, sha256 = disk.fingerprint(file)
    return state.st_size, sha256
