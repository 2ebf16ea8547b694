"""The studies folder of a local datastore: its images' keys, and the places of what is kept beside them."""

# ruff: noqa: D102 - the methods are documented in Datastore

from __future__ import annotations

import getpass
from pathlib import Path

from sqlalchemy import Connection

from jlabel.datastores import drafts
from jlabel.datastores.base import Datastore
from jlabel.datastores.catalogue import get_setting
from jlabel.datastores.images import ImageKey, find_image
from jlabel.datastores.names import check_image_id, check_tag, check_writable_place
from jlabel.datastores.studies import OWN_FOLDER, StudiesFolder
from jlabel.errors import DatastoreError


class LocalFolder(Datastore):
    """A studies folder with its catalogue; what a :class:`LocalDatastore` does with images and labels builds on it."""

    def __init__(self, folder: Path | str, author: str | None = None, timeout: float = 10.0) -> None:
        self._studies = StudiesFolder(folder, timeout)
        self._catalogue = self._studies.catalogue
        self._labels = self._studies.files
        self._author = author or _login_name()

    @property
    def folder(self) -> Path:
        """The studies folder."""
        return self._studies.root

    def draft_file(self, image_id: str, session: str) -> Path:
        """In ``.jlabel/drafts``, beside the catalogue."""
        file = drafts.draft_path(self._own("drafts"), check_image_id(image_id), session)
        check_writable_place(self.folder, file)
        return file

    def jobs_folder(self) -> Path:
        """In ``.jlabel/jobs``, beside the catalogue."""
        folder = self.folder / ".jlabel" / "jobs"
        check_writable_place(self.folder, folder)
        return folder

    def draft_files(self, image_id: str) -> list[Path]:
        return drafts.draft_paths(self._own("drafts"), check_image_id(image_id))

    def drafted_images(self) -> set[str]:
        return drafts.drafted_ids(self._own("drafts"))

    def cache_folder(self, name: str) -> Path:
        """In ``.jlabel``, beside the catalogue."""
        folder = self._own(check_tag(name))
        check_writable_place(self.folder, folder / "any")
        return folder

    def models_folder(self) -> Path:
        """In ``.jlabel/models``, beside the catalogue."""
        folder = self.folder / ".jlabel" / "models"
        check_writable_place(self.folder, folder)
        return folder

    def _own(self, name: str) -> Path:
        return self.folder / OWN_FOLDER / name

    def _setting(self, key: str) -> str | None:
        with self._catalogue.read() as connection:
            return get_setting(connection, key)

    def _find(self, connection: Connection, image_id: str) -> ImageKey:
        image = find_image(connection, check_image_id(image_id))
        if image is None:
            raise DatastoreError(
                f"there is no image {image_id!r} in {self.folder}; list_images() lists those there are"
            )
        return image

    def _image(self, image_id: str) -> ImageKey:
        with self._catalogue.read() as connection:
            return self._find(connection, image_id)


def _login_name() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return None
