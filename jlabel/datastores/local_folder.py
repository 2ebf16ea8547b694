"""The studies folder of a local datastore: its images' keys, and the places of what is kept beside them."""

from __future__ import annotations

import getpass
from pathlib import Path

from jlabel.datastores.annotation_tasks import AnnotationTasks
from jlabel.datastores.base import Datastore
from jlabel.datastores.catalogue import get_setting
from jlabel.datastores.image_rows import ImageKey, find_image
from jlabel.datastores.safe_names import check_image_id, check_own_place
from jlabel.datastores.score_rows import CatalogueScores
from jlabel.datastores.scores import Scores
from jlabel.datastores.studies import StudiesFolder
from jlabel.datastores.workspace import Workspace
from jlabel.errors import DatastoreError
from jlabel.files.links import OWN_FOLDER


class LocalFolder(Datastore):
    """A studies folder with its catalogue; what a :class:`LocalDatastore` does with images and labels builds on it."""

    def __init__(self, folder: Path | str, author: str | None = None, timeout: float = 10.0) -> None:
        self._studies = self._open(folder, timeout)
        self._catalogue = self._studies.catalogue
        self._labels = self._studies.files
        self._scores = CatalogueScores(self._catalogue)
        self._annotation_tasks = AnnotationTasks(self._catalogue)
        self._author = author or _login_name()

    def _open(self, folder: Path | str, timeout: float) -> StudiesFolder:
        return StudiesFolder(folder, timeout)

    @property
    def folder(self) -> Path:
        """The studies folder."""
        return self._studies.root

    @property
    def author(self) -> str | None:
        """Who saves labels here."""
        return self._author

    @property
    def workspace(self) -> Workspace:
        """In ``.jlabel``, beside the catalogue."""
        return Workspace(self.folder / OWN_FOLDER, lambda path: check_own_place(self.folder, path))

    @property
    def scores(self) -> Scores:
        """In the catalogue; an image that is removed takes its scores with it."""
        return self._scores

    @property
    def annotation_tasks(self) -> AnnotationTasks:
        """In the catalogue."""
        return self._annotation_tasks

    def _setting(self, key: str) -> str | None:
        with self._catalogue.read() as connection:
            return get_setting(connection, key)

    def _image(self, image_id: str) -> ImageKey:
        """The key of an image, whose id may be spelled otherwise; a file that has just come is found too.

        Raises:
            DatastoreError: There is no such image.
        """
        image = self._find(check_image_id(image_id))
        if image is None:
            self._studies.update()
            image = self._find(image_id)
        if image is None:
            raise DatastoreError(
                f"there is no image {image_id!r} in {self.folder}, which was looked through again; list_images() lists "
                "those there are"
            )
        return image

    def _find(self, image_id: str) -> ImageKey | None:
        with self._catalogue.read() as connection:
            return find_image(connection, image_id)


def _login_name() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return None
