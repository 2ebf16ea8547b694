"""A studies folder that is open: its catalogue, where its images and labels are, and looking for changes."""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path

from jlabel.datastores import disk
from jlabel.datastores.catalogue import get_setting, open_catalogue, set_setting
from jlabel.datastores.folders import known_folders
from jlabel.datastores.found import recall_versions, record_labels
from jlabel.datastores.images import record_scan
from jlabel.datastores.label_rows import any_label
from jlabel.datastores.monailabel import FILE_NAME, Noted, import_images, import_labels, read_noted
from jlabel.datastores.names import check_writable_place, problem_with_id
from jlabel.datastores.scan import Scan, scan_tree
from jlabel.datastores.versions import LabelFiles
from jlabel.errors import DatastoreError

OWN_FOLDER = ".jlabel"
_LEFTOVER_AGE = 3600.0


class StudiesFolder:
    """The parts that a local datastore works with.

    Attributes:
        root: The studies folder, absolute.
        images_top: Where image paths start, the root unless MONAI Label was set up otherwise.
        catalogue: The database.
        files: The labels and their versions.

    Raises:
        DatastoreError: The folder is not there, cannot be written, or its catalogue cannot be used.
    """

    def __init__(self, folder: Path | str, timeout: float = 10.0) -> None:
        self.root = Path(os.path.abspath(Path(folder).expanduser()))  # noqa: PTH100 - links in the path are kept
        if not self.root.is_dir():
            raise DatastoreError(f"{self.root}: there is no such folder of studies")
        own = self.root / OWN_FOLDER
        check_writable_place(self.root, own / "catalogue.sqlite")
        with disk.explained(f"{self.root}: the studies folder cannot be written, and jlabel keeps its catalogue in it"):
            disk.make_folder(own)
            (own / "tmp").mkdir(exist_ok=True)
            _sweep(own / "tmp")
        self.catalogue, damage = open_catalogue(own / "catalogue.sqlite", timeout)
        self._notes: dict[str, str] = {}
        noted = self._noted()
        self._prepare(noted, damage)
        images_dir, labels_dir = self._folders()
        self.images_top = self.root / images_dir
        self.files = LabelFiles(self.catalogue, self.root, labels_dir)
        try:
            self.files.settle()
        except DatastoreError as error:
            self._notes["labels"] = str(error)
        self.update(noted)

    def image_file(self, path: str) -> Path:
        """Where the image with that path in the catalogue is."""
        return self.images_top / path

    def notes(self) -> list[str]:
        """What a person should know about this folder."""
        with self.catalogue.read() as connection:
            kept = json.loads(get_setting(connection, "notes") or "[]")
        return [*kept, *self._notes.values()]

    def update(self, noted: Noted | None = None) -> None:
        """Look for images and labels that have come, gone or changed."""
        with self.catalogue.read() as connection:
            known_images = known_folders(connection, "images")
            known_labels = known_folders(connection, "labels")
            opened_before = get_setting(connection, "scanned") is not None
            labels_vanished = not self.files.top.is_dir() and any_label(connection)
        with disk.explained(f"{self.images_top}: the images cannot be listed"):
            images = scan_tree(self.images_top, known_images, leave_out={self.files.top})
        labels = self._scan_labels(known_labels)
        listed = images.listings or labels.listings or labels_vanished
        vanished = known_images.keys() != images.folders or known_labels.keys() != labels.folders
        if opened_before and noted is None and not listed and not vanished:
            return
        with self.catalogue.write() as connection:
            new = record_scan(connection, images, self._top_name())
            if noted is not None:
                import_images(connection, noted)
            if not opened_before:
                recall_versions(connection, self.files)
            # A label may have waited for its image in a folder that has not changed since.
            record_labels(connection, self.files, self._scan_labels({}) if new and known_labels else labels)
            if noted is not None:
                import_labels(connection, noted)
                set_setting(connection, "imported", FILE_NAME)
            set_setting(connection, "scanned", "1")
        self._note_unusable(images, labels)

    def _scan_labels(self, known: dict[str, int | None]) -> Scan:
        if not self.files.top.is_dir():
            return Scan()
        with disk.explained(f"{self.files.top}: the labels cannot be listed"):
            return scan_tree(self.files.top, known, series=False)

    def _noted(self) -> Noted | None:
        with self.catalogue.read() as connection:
            if get_setting(connection, "imported") is not None:
                return None
        file = self.root / FILE_NAME
        try:
            return read_noted(file)
        except (ValueError, RecursionError) as error:
            self._notes[FILE_NAME] = f"{file} was not imported: {error}. Images and labels were taken from the folder."
            return None

    def _prepare(self, noted: Noted | None, damage: str | None) -> None:
        with self.catalogue.write() as connection:
            if noted is not None:
                if get_setting(connection, "scanned") is None:
                    set_setting(connection, "images_dir", noted.images_dir)
                    set_setting(connection, "labels_dir", noted.labels_dir or "labels")
                for key, value in (("name", noted.name), ("description", noted.description)):
                    if value and get_setting(connection, key) is None:
                        set_setting(connection, key, value)
            if damage is not None:
                kept = json.loads(get_setting(connection, "notes") or "[]")
                set_setting(connection, "notes", json.dumps([*kept, damage]))

    def _folders(self) -> tuple[str, str]:
        with self.catalogue.read() as connection:
            return get_setting(connection, "images_dir") or "", get_setting(connection, "labels_dir") or "labels"

    def _top_name(self) -> str:
        name = self.images_top.name
        return name if problem_with_id(name) is None else "series"

    def _note_unusable(self, *scans: Scan) -> None:
        unusable = [name for scan in scans for name in scan.unusable]
        if unusable:
            shown = ", ".join(unusable[:5]) + (", …" if len(unusable) > 5 else "")
            self._notes["unusable"] = (
                f"{len(unusable)} files or folders left out, their names cannot be image ids or they cannot be read: "
                f"{shown}"
            )


def _sweep(work: Path) -> None:
    # What a killed save left: old enough that no save is still at it.
    for leftover in work.iterdir():
        with contextlib.suppress(OSError):
            if time.time() - leftover.stat().st_mtime > _LEFTOVER_AGE:
                leftover.unlink()
