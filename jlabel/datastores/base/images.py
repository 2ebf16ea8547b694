"""What a datastore does with images: which there are, where they lie, and information about them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from jlabel.datastores.dicom_contents import DicomContents
from jlabel.datastores.image_tags import ImageTag, image_tag, model_tag
from jlabel.datastores.patients import patient_in
from jlabel.datastores.spelling import folded
from jlabel.errors import DatastoreError
from jlabel.imaging.formats.dicom_groups import path_on_disk
from jlabel.progress import NO_PROGRESS, Progress


class ImageStore(ABC):
    """The images of a datastore; see :class:`jlabel.Datastore`."""

    @abstractmethod
    def list_images(self) -> list[str]:
        """The ids of all images, sorted."""

    def canonical_id(self, image_id: str) -> str:
        """The id as the datastore has it, for one that may be typed in another unicode form or in other letters' case.

        Raises:
            DatastoreError: There is no such image, also after another look for new ones.
        """
        for _ in range(2):
            images = self.list_images()
            wanted = [one for one in images if one == image_id] or [
                one for one in images if folded(one) == folded(image_id)
            ]
            if len(wanted) == 1:
                return wanted[0]
            self.refresh()
        raise DatastoreError(f"there is no image {image_id!r}; list_images() lists those there are")

    @abstractmethod
    def get_image_uri(self, image_id: str) -> str:
        """The path of the image, as :func:`jlabel.read_image` takes it.

        It is a file, a folder of a DICOM series, or ``folder/series=UID`` for one of several series in a folder.
        """

    #: Whether images lie on another machine, and are downloaded when they are opened.
    lies_elsewhere = False

    def is_fetched(self, image_id: str) -> bool:
        """Whether the image can be read at once; False where its file would have to be downloaded first.

        By default it can.
        """
        return True

    def is_there(self, image_id: str) -> bool:
        """Whether there is such an image, and its file, as far as that is known without a download."""
        try:
            return path_on_disk(Path(self.get_image_uri(image_id))).exists()
        except (DatastoreError, OSError):
            return False

    def image_uris(self, image_ids: Iterable[str]) -> dict[str, str]:
        """The paths of many images by their ids, as :meth:`get_image_uri` gives them; those that are gone are left out.

        By default they are asked for one by one.
        """
        found = {}
        for image_id in image_ids:
            with suppress(DatastoreError):
                found[image_id] = self.get_image_uri(image_id)
        return found

    @abstractmethod
    def get_image_info(self, image_id: str) -> dict[str, Any]:
        """The information about the image (a copy)."""

    @abstractmethod
    def update_image_info(self, image_id: str, info: Mapping[str, Any]) -> None:
        """Merge ``info`` into the information about the image.

        A value for ``skipped`` (a time; None takes it back) puts the image behind all others.
        """

    def patients(self) -> dict[str, str]:
        """The patient of each image whose info names one, under ``patient``, ``patient_id`` or ``PatientID``."""
        named = ((image_id, patient_in(self.get_image_info(image_id))) for image_id in self.list_images())
        return {image_id: patient for image_id, patient in named if patient}

    def tagged_images(self, classification: str, by_model: bool = False) -> dict[str, ImageTag]:
        """The images that have a class of a classification, each with its tag.

        Args:
            classification: What it is about.
            by_model: The tags are those that models found; else those by a person or, where nobody said so, by a model.
        """
        read = model_tag if by_model else image_tag
        found = ((image_id, read(self.get_image_info(image_id), classification)) for image_id in self.list_images())
        return {image_id: tag for image_id, tag in found if tag is not None}

    @abstractmethod
    def add_image(self, image_id: str | None, filename: Path | str, info: Mapping[str, Any] | None = None) -> str:
        """Copy an image file into the datastore under that id (None: made from the file's name) and return the id."""

    def add_images(self, images: Iterable[tuple[str, Path]], progress: Progress = NO_PROGRESS) -> list[str]:
        """Copy many image files into the datastore, each under an id, and return the ids; see :meth:`add_image`.

        By default one after the other.

        Raises:
            DatastoreError: An image cannot be added; those before it are.
        """
        added = []
        for image_id, file in images:
            progress.check()
            added.append(self.add_image(image_id, file))
        return added

    @abstractmethod
    def remove_image(self, image_id: str) -> None:
        """Remove the image and its labels from the datastore."""

    def notes(self) -> list[str]:
        """What a person should know about the images, such as what was left out; empty where there is nothing."""
        return [str(note) for note in self.status().get("notes", ())]

    def dicom_contents(self) -> DicomContents:
        """The DICOM segmentations and contours that lie with the images, and the series of the images; empty here."""
        return DicomContents()

    @abstractmethod
    def refresh(self) -> None:
        """Read again which images and labels exist."""

    def change_stamp(self) -> Hashable:
        """Something that is another whenever images or labels have come or gone; cheap enough to ask every second.

        It may also be another where nothing has. By default it always is the same: changes are not noticed.
        """
        return None

    @abstractmethod
    def status(self) -> dict[str, Any]:
        """Counts and notes, shown to users."""
