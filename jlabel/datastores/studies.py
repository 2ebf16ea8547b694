"""A studies folder that is open: its catalogue, where its images and labels are, and looking for changes."""

from __future__ import annotations

import json
import os
from pathlib import Path

from sqlalchemy import Connection

from jlabel.datastores import disk, leftovers
from jlabel.datastores.catalogue import Catalogue, open_catalogue
from jlabel.datastores.catalogue_link import CATALOGUE, remembers_another
from jlabel.datastores.catalogue_move import move_catalogue
from jlabel.datastores.catalogue_place import CataloguePlace
from jlabel.datastores.database.address import PostgresAddress
from jlabel.datastores.database.problems import MovedError, Unwritable
from jlabel.datastores.drafts import drafted_ids
from jlabel.datastores.folder_contents import FolderContents
from jlabel.datastores.folder_notes import folder_notes
from jlabel.datastores.folders import kept_folders, known_contents, known_folders
from jlabel.datastores.image_rows import newest_image, record_scan
from jlabel.datastores.label_batches import LabelBatches
from jlabel.datastores.label_rows import any_label
from jlabel.datastores.label_scan import recall_versions, record_labels, spelled_labels
from jlabel.datastores.listing import Kept, Scan
from jlabel.datastores.monailabel import FILE_NAME, Noted, import_images, import_labels, read_noted
from jlabel.datastores.own_folder import OwnFolder
from jlabel.datastores.row_check import take_out_bad_rows
from jlabel.datastores.safe_names import problem_with_id
from jlabel.datastores.scan import scan_tree
from jlabel.datastores.setting_rows import get_json, get_setting, set_setting
from jlabel.errors import DatastoreError
from jlabel.files.links import OWN_FOLDER
from jlabel.files.temporary import remove_leftovers
from jlabel.progress import NO_PROGRESS, Progress

_MOST_LETTERS = 200


class StudiesFolder:
    """The parts that a local datastore works with.

    Attributes:
        root: The studies folder, absolute.
        images_top: Where image paths start, the root unless MONAI Label was set up otherwise.
        catalogue: The database.
        files: The labels and their versions.

    A folder that cannot be written, for want of room, of permission or because the file system is only read, is opened
    to read: what is found in it is kept in memory, and whatever would change it says why it cannot.

    Raises:
        DatastoreError: The folder is not there, or its catalogue cannot be used.
    """

    def __init__(
        self, folder: Path | str, timeout: float = 10.0, catalogue: str | Path | PostgresAddress | None = None
    ) -> None:
        self.root = Path(os.path.abspath(Path(folder).expanduser()))  # noqa: PTH100 - links in the path are kept
        if not self.root.is_dir():
            raise DatastoreError(f"{self.root}: there is no such folder of studies")
        self._notes: dict[str, str] = {}
        self._own: OwnFolder | None = None
        try:
            self._own = OwnFolder(self.root)
            place = CataloguePlace(self._own.path, catalogue, self.studies_id)
            try:
                self._open(*open_catalogue(place.address, timeout), place)
            except MovedError as moved:
                place.follow(moved.to)
                self._open(*open_catalogue(place.address, timeout), place)
        except (Unwritable, OSError) as error:
            reason = str(error) if isinstance(error, Unwritable) else f"{error.strerror or error} ({error.filename})"
            self.close()
            given = catalogue is not None and catalogue != self.root / OWN_FOLDER / CATALOGUE
            if given or remembers_another(self.root / OWN_FOLDER):
                raise DatastoreError(
                    f"{self.root} cannot be opened to read alone, since its catalogue is elsewhere: {reason}"
                ) from error
            self._open_to_read(f"{self.root} is open to read, nothing can be written: {reason}", timeout)
        except BaseException:
            self.close()
            raise

    @property
    def has_own_catalogue(self) -> bool:
        """Whether the catalogue is the file in the folder."""
        return self.catalogue.address == self.root / OWN_FOLDER / CATALOGUE

    def close(self) -> None:
        """Close the catalogue, and go out of the folder."""
        if hasattr(self, "catalogue"):
            self.catalogue.close()
        if self._own is not None:
            self._own.close()

    def move_catalogue(self, to: str | Path, progress: Progress = NO_PROGRESS) -> str:
        """See :meth:`jlabel.LocalDatastore.migrate_catalogue`."""
        return move_catalogue(self.catalogue, self.root / OWN_FOLDER, to, progress, self.studies_id)

    def studies_id(self) -> str | None:
        """The id by which a catalogue elsewhere knows these studies, on whichever machine they are open.

        None where they are on one machine: their folder and the catalogue agree on one.
        """
        return None

    def _open_to_read(self, reason: str, timeout: float) -> None:
        file = self.root / OWN_FOLDER / CATALOGUE
        self._notes = {"read": f"{reason}. Make room, or see to the permission, and open it again to save labels"}
        self._open(Catalogue(file, timeout, only_read=self._notes["read"]), None)

    def _open(self, catalogue: Catalogue, damage: str | None, place: CataloguePlace | None = None) -> None:
        self.catalogue = catalogue
        if place is not None and not place.is_inside:
            with catalogue.write() as connection:
                place.claim(connection)
            place.remember()
        for number, note in enumerate(self._own.notes if self._own is not None else ()):
            self._notes[f"link {number}"] = note
        noted = self._noted()
        self._prepare(noted, damage)
        images_dir, labels_dir = self._folders()
        self.images_top = self.root / images_dir
        self.files = self._make_labels(labels_dir)
        if catalogue.only_read is None:
            self._sweep()
            try:
                self.files.settle()
            except DatastoreError as error:
                self._notes["labels"] = str(error)
        self.update(noted)

    def _sweep(self) -> None:
        """Remove what killed processes left, as far as nobody can be at it."""
        assert self._own is not None
        here = self._own.presence
        if not here.alone:
            remove_leftovers(self._own.path / "tmp", leftovers.OLD, former=True)
            return
        if here.unclean:
            with self.catalogue.write(durable=False) as connection:
                known = get_setting(connection, "scanned") is not None
                leftovers.sweep(self._own.path, connection if known else None, self.files)
        remove_leftovers(self._own.path / "tmp", former=True)
        here.stay()

    def _make_labels(self, labels_dir: str) -> LabelBatches:
        return LabelBatches(self.catalogue, self.root, labels_dir)

    def image_file(self, path: str) -> Path:
        """Where the image with that path in the catalogue is."""
        return self.images_top / path

    def notes(self) -> list[str]:
        """What a person should know about this folder."""
        with self.catalogue.read() as connection:
            kept = _texts(get_json(connection, "notes"))
        return [*kept, *self._notes.values()]

    def update(self, noted: Noted | None = None) -> None:
        """Look for images and labels that have come, gone or changed."""
        self._look_through(noted)

    def _look_through(self, noted: Noted | None, newest: int | None = None) -> None:
        """As :meth:`update`; ``newest`` is the key of the image that came last, where somebody has looked before."""
        with self.catalogue.read() as connection:
            known_images = known_folders(connection, "images")
            known_labels = known_folders(connection, "labels")
            newest = newest_image(connection) if newest is None else newest
            opened_before = get_setting(connection, "scanned") is not None
            labels_vanished = self._labels_vanished(connection)
            self.files.spelled = spelled_labels(connection)
        with disk.explained(f"{self.images_top}: the images cannot be listed"):
            images = scan_tree(
                self.images_top, known_images, leave_out={self.files.top}, recall=self._contents, kept=self._kept
            )
        labels = self._scan_labels(known_labels)
        listed = images.listings or labels.listings or labels_vanished
        vanished = known_images.keys() != images.folders or known_labels.keys() != labels.folders
        if not opened_before or noted is not None or listed or vanished:
            self._record(images, labels, noted, newest, labels_known=bool(known_labels))
        elif "left out" in self._notes:
            return
        with self.catalogue.read() as connection:
            self._notes |= folder_notes(connection, [*images.unusable, *labels.unusable])

    def _record(self, images: Scan, labels: Scan, noted: Noted | None, newest: int, labels_known: bool) -> None:
        with self.catalogue.write(found=True) as connection:
            # Asked again: another process may have opened the folder, and saved labels, while this one looked at it.
            opened_before = get_setting(connection, "scanned") is not None
            if get_setting(connection, "imported") is not None:
                noted = None
            new = record_scan(connection, images, self._top_name(), newest, self._drafted)
            if noted is not None:
                import_images(connection, noted)
            # A label may have waited for its image in a folder that has not changed since.
            labels = self._scan_labels({}) if new and labels_known else labels
            self._record_labels(connection, labels, first=not opened_before)
            if noted is not None:
                import_labels(connection, noted)
                set_setting(connection, "imported", FILE_NAME)
            set_setting(connection, "scanned", "1")

    def _record_labels(self, connection: Connection, labels: Scan, first: bool) -> None:
        if first:
            recall_versions(connection, self.files)
        record_labels(connection, self.files, labels)

    def _labels_vanished(self, connection: Connection) -> bool:
        return not self.files.top.is_dir() and any_label(connection)

    def _drafted(self) -> set[str]:
        return drafted_ids(self.root / OWN_FOLDER / "drafts")

    def _contents(self, folder: str) -> FolderContents | None:
        with self.catalogue.read() as connection:
            return known_contents(connection, "images", folder)

    def _kept(self) -> dict[str, Kept]:
        with self.catalogue.read() as connection:
            return kept_folders(connection)

    def _scan_labels(self, known: dict[str, int | None]) -> Scan:
        if not self.files.top.is_dir():
            return Scan()
        with disk.explained(f"{self.files.top}: the labels cannot be listed"):
            return scan_tree(self.files.top, known)

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
        with self.catalogue.write(found=True) as connection:
            mended = take_out_bad_rows(connection)
            if noted is not None:
                if get_setting(connection, "scanned") is None:
                    set_setting(connection, "images_dir", noted.images_dir)
                    set_setting(connection, "labels_dir", noted.labels_dir or "labels")
                for key, value in (("name", noted.name), ("description", noted.description)):
                    if value and get_setting(connection, key) is None:
                        set_setting(connection, key, value)
            fresh = [*mended, *([damage] if damage is not None else [])]
            if fresh:
                kept = _texts(get_json(connection, "notes"))
                set_setting(connection, "notes", json.dumps([*kept, *fresh]))

    def _folders(self) -> tuple[str, str]:
        with self.catalogue.read() as connection:
            found = {key: get_setting(connection, key) or "" for key in ("images_dir", "labels_dir")}
        for key, name in found.items():
            if name and not _can_be_used(self.root / name, name, there=key == "images_dir"):
                said = repr(name[:_MOST_LETTERS])
                self._notes[key] = f"the catalogue names {said} as a folder: it is none of these studies, and left out"
                found[key] = ""
        return found["images_dir"], found["labels_dir"] or "labels"

    def _top_name(self) -> str:
        name = self.images_top.name
        return name if problem_with_id(name) is None else "series"


def _can_be_used(folder: Path, name: str, there: bool) -> bool:
    """Whether a name can be that of a folder in the studies, and whether it is there, where it has to be."""
    if problem_with_id(name) is not None:
        return False
    try:
        return folder.is_dir() or not there
    except OSError:
        return False


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
