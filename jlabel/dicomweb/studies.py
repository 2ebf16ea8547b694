"""Studies on a DICOMweb server, open: a studies folder on this machine whose images are fetched when they are read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy import select, update

from jlabel.datastores.catalogue_link import CATALOGUE
from jlabel.datastores.label_batches import LabelBatches
from jlabel.datastores.label_rows import ImageRef
from jlabel.datastores.monailabel import Noted
from jlabel.datastores.patients import patient_in
from jlabel.datastores.remote.address import LocalPlaces
from jlabel.datastores.remote.fetched_studies import FetchedStudies
from jlabel.datastores.remote.image_cache import ImageCache
from jlabel.datastores.remote.placeholders import Placeholders
from jlabel.datastores.remote.remote_object import RemoteObject
from jlabel.datastores.remote.store import StoreUnreachable
from jlabel.datastores.studies import StudiesFolder
from jlabel.datastores.tables import REMOVED, ImageRow
from jlabel.dicomweb.downloads import SeriesDownloads
from jlabel.dicomweb.known_series import KnownSeriesFile
from jlabel.dicomweb.label_sending import SourceImage
from jlabel.dicomweb.label_sync import LabelSync
from jlabel.dicomweb.labels import DicomWebLabels
from jlabel.dicomweb.series import Series, instance_name
from jlabel.dicomweb.series_listing import SeriesChanges, SeriesListing
from jlabel.dicomweb.server import DicomWebServer
from jlabel.errors import DatastoreError
from jlabel.files.links import OWN_FOLDER
from jlabel.imaging.formats.reading import read_image
from jlabel.imaging.image import Image

# Geometries of images that labels were saved for last.
_REMEMBERED = 16


class DicomWebStudies(FetchedStudies):
    """The parts that a datastore of a DICOMweb server works with.

    Args:
        places: The folders on this machine.
        server: The server.
        query: What narrows the search for series.
        most_bytes: What fetched images may take of the disk.
        timeout: As for :class:`StudiesFolder`.
        looks: Whether the server is searched at once; if not, the listing of before is used where there is one.
    """

    def __init__(
        self,
        places: LocalPlaces,
        server: DicomWebServer,
        query: Mapping[str, str],
        most_bytes: int,
        timeout: float,
        looks: bool = True,
    ) -> None:
        self.server = server
        known = KnownSeriesFile(places.studies / OWN_FOLDER / "dicomweb" / "series.json")
        self._known = known
        self._listing = SeriesListing(server, query, Placeholders(places.studies), known)
        self._geometries: dict[str, tuple[object, SourceImage]] = {}
        downloads = SeriesDownloads(server, self._listing.instances, self._forget)
        # Its own, whatever the environment names: its rows speak of this machine's files.
        own = places.studies / OWN_FOLDER / CATALOGUE
        super().__init__(places, ImageCache(places.images, downloads, most_bytes), timeout, own, looks)

    def _make_labels(self, labels_dir: str) -> LabelBatches:
        return DicomWebLabels(self.catalogue, self.root, labels_dir, self.server, self.source_image)

    @property
    def labels(self) -> DicomWebLabels:
        """The labels and their versions."""
        assert isinstance(self.files, DicomWebLabels)
        return self.files

    def notes(self) -> list[str]:
        """See :meth:`StudiesFolder.notes`."""
        waiting = self.labels.note()
        return [*super().notes(), *([waiting] if waiting else [])]

    def update(self, noted: Noted | None = None) -> None:
        """Look for series and labels that have come, gone or changed on the server."""
        with self._listing_turn:
            before = self.root / OWN_FOLDER / "listed"
            looks, self._looks = self._looks, True
            if not looks and before.exists():
                StudiesFolder.update(self, noted)
                return
            try:
                with self._alone():
                    changes = self._listing.update()
                self._take_in(changes)
                StudiesFolder.update(self, noted)
                self._name_patients(changes.new)
                self._take_in_labels(changes)
            except StoreUnreachable as error:
                if not before.exists():
                    raise
                self._notes["server"] = f"the series are those that were listed before: {error}"
                StudiesFolder.update(self, noted)
                return
            self._notes.pop("server", None)
            before.touch()
            self.labels.store_waiting()

    def source_image(self, image_id: str) -> SourceImage:
        """The image of a label, without its voxels; its files are on this machine then.

        Raises:
            DatastoreError: It cannot be fetched.
            ImageError: It cannot be read.
        """
        path = self._path_of(image_id)
        try:
            file = self.fetch(path)
        except FileNotFoundError:
            raise DatastoreError(f"{self.server.url}: image {image_id!r} is gone from the server") from None
        stamp = self._stamp(path)
        known = self._geometries.get(path)
        if known is None or known[0] != stamp:
            return self.remember(path, read_image(file))
        return known[1]

    def remember(self, path: str, image: Image) -> SourceImage:
        """Keep the geometry of an image for the labels that are saved for it."""
        name = image.sources[0][0].relative_to(self.cache.top).as_posix() if image.sources else self._files(path)[0]
        instance = self._listing.instances([name])[0][1]
        bare = replace(image, array=np.broadcast_to(np.zeros((), image.array.dtype), image.array.shape))
        found = SourceImage(bare, instance)
        self._geometries.pop(path, None)
        self._geometries[path] = (self._stamp(path), found)
        while len(self._geometries) > _REMEMBERED:
            self._geometries.pop(next(iter(self._geometries)), None)
        return found

    def _look(self, files: Collection[str]) -> dict[str, RemoteObject]:
        found = dict(self._listing.instances(files))
        missing = next((name for name in files if name not in found), None)
        if missing is not None:
            raise FileNotFoundError(missing)
        known = self._known.load()
        for uid in {one.series for one in found.values()}:
            if uid not in known:
                raise FileNotFoundError(uid)
            try:
                series = self._listing.ask(uid, known[uid])
            except FileNotFoundError:
                with self.listed():
                    self._take_in(self._listing.drop(uid))
                raise
            if series is not None:
                with self.listed():
                    self._take_in(self._listing.renew(series, known[uid].folder))
                found = dict(self._listing.instances(files))
        if len(found) < len(files):
            raise FileNotFoundError(next(name for name in files if name not in found))
        return {name: one.at(name.rpartition("/")[0]) for name, one in found.items()}

    def _take_in(self, changes: SeriesChanges) -> None:
        self.cache.forget([*changes.replaced, *changes.gone])
        self.replaced.update(changes.replaced)
        self._checked.clear()
        note = changes.note()
        if note is not None:
            self._notes["series"] = note
        else:
            self._notes.pop("series", None)

    def _take_in_labels(self, changes: SeriesChanges) -> None:
        sync = LabelSync(self.labels, self._image_of)
        for series, headers in changes.own:
            source = sync.take_in(series, headers)
            with self._alone():
                self._listing.taken_in(series, source)
        self._notes.pop("stored labels", None)
        if sync.problems:
            self._notes["stored labels"] = f"{len(sync.problems)} labels are left out: {'; '.join(sync.problems[:3])}"

    def _image_of(self, series: str, instance: str) -> ImageRef | None:
        """The image of a series that holds an instance."""
        known = self._known.load().get(series)
        if known is None or not known.folder:
            return None
        inside = f"{known.folder}/"
        with self.catalogue.read() as connection:
            rows = connection.execute(
                select(ImageRow.pk, ImageRow.id, ImageRow.path).where(
                    (ImageRow.path == known.folder) | ImageRow.path.startswith(inside, autoescape=True),
                    ImageRow.state != REMOVED,
                )
            ).all()
        if len(rows) == 1:
            return ImageRef(rows[0].pk, rows[0].id)
        ending = instance_name(0, instance).partition("-")[2]
        for row in rows:
            if any(name.endswith(f"-{ending}") for name in self._files(row.path)):
                return ImageRef(row.pk, row.id)
        return None

    def _name_patients(self, new: list[Series]) -> None:
        """Keep whose images they are: a training keeps those of one patient together."""
        with self.catalogue.write(found=True) as connection:
            for series in new:
                inside = (ImageRow.path == series.folder) | ImageRow.path.startswith(
                    f"{series.folder}/", autoescape=True
                )
                rows = (
                    connection.execute(select(ImageRow.pk, ImageRow.info).where(inside)).all() if series.patient else ()
                )
                for row in rows:
                    if not patient_in(row.info):
                        info: dict[str, Any] = {**row.info, "patient": series.patient}
                        connection.execute(update(ImageRow).where(ImageRow.pk == row.pk).values(info=info))

    def _path_of(self, image_id: str) -> str:
        with self.catalogue.read() as connection:
            path = connection.scalar(select(ImageRow.path).where(ImageRow.id == image_id, ImageRow.state != REMOVED))
        if path is None:
            raise DatastoreError(f"there is no image {image_id!r}")
        return path

    def _stamp(self, path: str) -> object:
        return tuple((name, self.cache.stamp(name)) for name in self._files(path))

    def _forget(self, series: str) -> None:
        with self.listed():
            self._listing.forget(series)
