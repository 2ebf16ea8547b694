"""The studies folder of a local datastore: its images' keys, and the places of what is kept beside them."""

from __future__ import annotations

from pathlib import Path

from jlabel.datastores.annotation_tasks import AnnotationTasks
from jlabel.datastores.base import Datastore
from jlabel.datastores.catalogue_leases import CatalogueLeases
from jlabel.datastores.catalogue_readings import CatalogueReadings
from jlabel.datastores.catalogue_reviews import CatalogueReviews
from jlabel.datastores.database.address import PostgresAddress
from jlabel.datastores.database_time import DatabaseClock
from jlabel.datastores.identity import checked_name, identity
from jlabel.datastores.image_notes import CatalogueNotes, ImageNotes
from jlabel.datastores.image_rows import ImageKey, find_image
from jlabel.datastores.leases import Leases
from jlabel.datastores.readings import Readings
from jlabel.datastores.reviews import Reviews
from jlabel.datastores.safe_names import check_image_id, check_own_place
from jlabel.datastores.score_rows import CatalogueScores
from jlabel.datastores.scores import Scores
from jlabel.datastores.setting_rows import get_setting
from jlabel.datastores.studies import StudiesFolder
from jlabel.datastores.workspace import Workspace
from jlabel.errors import DatastoreError
from jlabel.files.links import OWN_FOLDER


class LocalFolder(Datastore):
    """A studies folder with its catalogue; what a :class:`LocalDatastore` does with images and labels builds on it."""

    def __init__(
        self,
        folder: Path | str,
        author: str | None = None,
        timeout: float = 10.0,
        catalogue: str | Path | PostgresAddress | None = None,
    ) -> None:
        self._studies = self._open(folder, timeout, catalogue)
        self._catalogue = self._studies.catalogue
        self._labels = self._studies.files
        self._scores = CatalogueScores(self._catalogue)
        self._annotation_tasks = AnnotationTasks(self._catalogue)
        self._clock = clock = DatabaseClock(self._studies.root / OWN_FOLDER)
        self._leases = CatalogueLeases(self._catalogue, clock)
        self._reviews = CatalogueReviews(self._catalogue, clock)
        self._readings = CatalogueReadings(self._catalogue, clock)
        self._image_notes = CatalogueNotes(self._catalogue, clock)
        who = identity()
        self._author = author or who.name
        self._author_known = bool(author) or who.known

    def _open(
        self, folder: Path | str, timeout: float, catalogue: str | Path | PostgresAddress | None
    ) -> StudiesFolder:
        return StudiesFolder(folder, timeout, catalogue)

    @property
    def folder(self) -> Path:
        """The studies folder."""
        return self._studies.root

    @property
    def author(self) -> str | None:
        """Who saves labels here."""
        return self._author

    @property
    def author_known(self) -> bool:
        """Whether that is a person's name, and no name of an account that says nothing about who uses it."""
        return self._author_known

    def set_author(self, name: str) -> None:
        """Say who saves labels here from now on."""
        self._author, self._author_known = checked_name(name), True

    @property
    def leases(self) -> Leases:
        """In the catalogue; where nothing can be written, everyone gets every image."""
        return self._leases

    @property
    def reviews(self) -> Reviews:
        """In the catalogue."""
        return self._reviews

    @property
    def readings(self) -> Readings:
        """In the catalogue."""
        return self._readings

    @property
    def image_notes(self) -> ImageNotes:
        """In the catalogue."""
        return self._image_notes

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
