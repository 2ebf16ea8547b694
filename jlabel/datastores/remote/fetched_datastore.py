"""A datastore whose images lie elsewhere: they are fetched when somebody asks for their files."""

# ruff: noqa: D102 - the methods are documented in Datastore

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from jlabel.datastores import image_queue
from jlabel.datastores.dicom_contents import DicomContents
from jlabel.datastores.image_rows import ImageKey
from jlabel.datastores.label_version import FINAL
from jlabel.datastores.labelled_image import LabelledImage
from jlabel.datastores.local import LocalDatastore
from jlabel.datastores.remote.fetched_studies import FetchedStudies
from jlabel.datastores.tables import MISSING, PRESENT, ImageRow
from jlabel.datastores.unreadable import UNREADABLE_KEY
from jlabel.errors import DatastoreError


class FetchedDatastore(LocalDatastore):
    """Images elsewhere, and what is known of them in a studies folder on this machine.

    Attributes:
        url: Where the images are.
    """

    url: str
    lies_elsewhere = True
    _studies: FetchedStudies
    _keeps = False

    def get_image_uri(self, image_id: str) -> str:
        image = self._image(image_id)
        try:
            found = self._studies.fetch(image.path)
        except FileNotFoundError:
            self._note_gone(image)
            raise DatastoreError(
                f"{self.url}/{image.path}: image {image_id!r} is gone. Its labels are kept; put it back and call "
                "refresh()"
            ) from None
        if self._keeps:
            self._studies.keep(image.path)
        return str(found)

    def is_fetched(self, image_id: str) -> bool:
        return self._studies.is_fetched(self._image(image_id).path)

    def is_there(self, image_id: str) -> bool:
        image = self._find(image_id)
        return image is not None and image.state == PRESENT

    def image_uris(self, image_ids: Iterable[str]) -> dict[str, str]:
        """See :meth:`Datastore.image_uris`: they are downloaded, and kept until the datastore is closed."""
        top = self._studies.image_file(".")
        found = super().image_uris(image_ids)
        paths = {image_id: Path(uri).relative_to(top).as_posix() for image_id, uri in found.items()}
        return {image_id: str(path) for image_id, path in self._studies.fetch_all(paths).items()}

    def labelled_images(self, tag: str = FINAL) -> list[LabelledImage]:
        """See :meth:`Datastore.labelled_images`: they are downloaded, and kept until the datastore is closed."""
        found = super().labelled_images(tag)
        uris = self.image_uris([one.image_id for one in found])
        return [replace(one, image_uri=uris[one.image_id]) for one in found if one.image_id in uris]

    def datalist(self, full_path: bool = True, tag: str = FINAL) -> list[dict[str, str]]:
        if not full_path:
            return super().datalist(full_path, tag)
        return [{"image": one.image_uri, "label": one.label_uri} for one in self.labelled_images(tag)]

    def dicom_contents(self) -> DicomContents:
        contents = super().dicom_contents()
        top = self._studies.images_top
        labels = tuple(self._studies.fetch_file(file.relative_to(top).as_posix()) for file in contents.labels)
        return replace(contents, labels=labels)

    def refresh(self) -> None:
        super().refresh()
        self._take_back_notes()

    def status(self) -> dict[str, Any]:
        return {**super().status(), "folder": self.url}

    def _take_back_notes(self) -> None:
        """An image that was replaced may be read now."""
        replaced, self._studies.replaced = self._studies.replaced, set()
        if not replaced:
            return
        folders = {path.rpartition("/")[0] for path in replaced}
        with self._catalogue.read() as connection:
            query = select(ImageRow.id, ImageRow.path).where(ImageRow.queue == image_queue.UNREADABLE)
            unreadable = connection.execute(query).all()
        for image_id, path in unreadable:
            if path in replaced or path in folders:
                self.update_image_info(image_id, {UNREADABLE_KEY: None})

    def _note_gone(self, image: ImageKey) -> None:
        with self._catalogue.write(found=True) as connection:
            present = (ImageRow.pk == image.pk, ImageRow.state == PRESENT)
            connection.execute(update(ImageRow).where(*present).values(state=MISSING))
            image_queue.place(connection, image.pk)
