"""The base class of datastores: images, labels by tag, information about both, and all versions of labels."""

from __future__ import annotations

import contextlib
import random
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from jlabel.datastores.annotation_tasks import AnnotationTasks
from jlabel.datastores.browsing import ImageOrder, ImagePage, ScoreKey, browse_listed
from jlabel.datastores.dicom_contents import DicomContents
from jlabel.datastores.image_notes import ImageNotes
from jlabel.datastores.image_tags import ImageTag, TagFilter, image_tag, model_tag
from jlabel.datastores.label_version import FINAL, ORIGINAL, LabelVersion
from jlabel.datastores.labelled_image import LabelledImage
from jlabel.datastores.leases import Leases
from jlabel.datastores.memory_scores import MemoryScores
from jlabel.datastores.new_label import NewLabel
from jlabel.datastores.patients import patient_in
from jlabel.datastores.readings import Readings
from jlabel.datastores.reviews import Reviews
from jlabel.datastores.scores import Scores
from jlabel.datastores.spelling import folded
from jlabel.datastores.version_notes import VersionNote, listed_notes
from jlabel.datastores.workspace import Workspace
from jlabel.display.html import facts_html
from jlabel.errors import DatastoreError
from jlabel.imaging.formats.dicom_groups import path_on_disk
from jlabel.imaging.image import Image
from jlabel.progress import NO_PROGRESS, Progress


class Datastore(ABC):
    """Base class of datastores: images to label, and their labels.

    An image id is a text that only its datastore interprets. The id of a label is the id of its image; together with a
    tag it names one label. Methods raise :class:`jlabel.errors.DatastoreError` for an unknown image id and for a label
    that does not exist. All methods may be called from any thread. Label arrays have the shape ``(i, j, k)`` or ``(i,
    j)`` of their image.

    Examples:
        >>> datastore = jlabel.RadiologyApp(studies, ["liver"]).datastore
        >>> isinstance(datastore, jlabel.Datastore), datastore.list_images()
        (True, ['case_0', 'case_1', 'case_2'])
        >>> datastore.save_label("case_0", np.zeros((12, 10, 8), np.uint8), tag="final")
        'case_0'
        >>> datastore.get_unlabeled_images()
        ['case_1', 'case_2']
        >>> [version.number for version in datastore.label_history("case_0")]
        [1]
    """

    def _repr_html_(self) -> str:
        status = self.status()
        facts = {str(key).replace("_", " "): value for key, value in status.items() if key not in ("name", "notes")}
        return facts_html(str(status.get("name") or type(self).__name__), facts, map(str, status.get("notes") or ()))

    _settings: Mapping[str, dict[str, Any] | None] = {}
    _settings_turn = threading.Lock()

    @property
    def one_machine(self) -> bool:
        """Whether all who have it open must run on one machine, as with a catalogue in SQLite; by default not."""
        return False

    def __call__(self) -> Self:
        """Itself: authors of MONAI Label apps ask an app for ``datastore()``."""
        return self

    @abstractmethod
    def name(self) -> str:
        """The datastore's name, shown to users."""

    @abstractmethod
    def set_name(self, name: str) -> None:
        """Change the datastore's name."""

    @abstractmethod
    def description(self) -> str:
        """A text about the datastore, shown to users."""

    @abstractmethod
    def set_description(self, description: str) -> None:
        """Change the datastore's description."""

    @abstractmethod
    def list_images(self) -> list[str]:
        """The ids of all images, sorted."""

    @abstractmethod
    def get_labeled_images(self, label_tag: str | None = None, labels: Sequence[str] | None = None) -> list[str]:
        """Images that have a label.

        Args:
            label_tag: The tag that counts; without one it is ``final``.
            labels: Names of labels (such as ``"spleen"``): the label's info must list all of them, see
            :func:`label_names`.
        """

    @abstractmethod
    def get_label_info(self, image_id: str, tag: str = FINAL) -> dict[str, Any]:
        """The information that was saved with the image's current label of that tag."""

    @abstractmethod
    def update_label_info(self, image_id: str, tag: str, info: Mapping[str, Any]) -> None:
        """Merge ``info`` into the information of the current label; its version stays the same."""

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

    def notes(self) -> list[str]:
        """What a person should know about the images, such as what was left out; empty where there is nothing."""
        return [str(note) for note in self.status().get("notes", ())]

    def dicom_contents(self) -> DicomContents:
        """The DICOM segmentations and contours that lie with the images, and the series of the images; empty here."""
        return DicomContents()

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

    @abstractmethod
    def get_image_info(self, image_id: str) -> dict[str, Any]:
        """The information about the image (a copy)."""

    @abstractmethod
    def update_image_info(self, image_id: str, info: Mapping[str, Any]) -> None:
        """Merge ``info`` into the information about the image.

        A value for ``skipped`` (a time; None takes it back) puts the image behind all others.
        """

    @abstractmethod
    def get_labels_by_image_id(self, image_id: str) -> dict[str, str]:
        """The ids of the image's labels by tag."""

    @abstractmethod
    def get_label_uri(self, image_id: str, tag: str = FINAL) -> str:
        """The path of the current label."""

    @abstractmethod
    def add_image(self, image_id: str | None, filename: Path | str, info: Mapping[str, Any] | None = None) -> str:
        """Copy an image file into the datastore under that id (None: made from the file's name) and return the id."""

    @abstractmethod
    def remove_image(self, image_id: str) -> None:
        """Remove the image and its labels from the datastore."""

    @abstractmethod
    def save_label(
        self,
        image_id: str,
        label: NDArray[np.generic] | Path | str,
        tag: str = FINAL,
        info: Mapping[str, Any] | None = None,
        *,
        image: Image | None = None,
        progress: Progress = NO_PROGRESS,
    ) -> str:
        """Save a label as the current one; earlier versions stay in :meth:`label_history`.

        Args:
            image_id: The image.
            label: Label values of shape ``(i, j, k)`` or ``(i, j)``, or the path of a label file, which is copied.
            tag: ``final``, ``original`` or a tag of one's own.
            info: Information to save with it, JSON values.
            image: The image as it was read, if the caller has it: an array is then saved without reading it again.
            progress: Gets the part that is done, and can cancel the save until the label takes effect; then it gets
                1.0, and can cancel no more.

        Returns:
            The label's id. Once this returns, the label survives a kill and a power cut.

        Raises:
            LabelError: The array has another shape than the image, or values that cannot be stored.
            DatastoreError: It cannot be written; then nothing has changed.
            Cancelled: ``progress`` cancelled the save; then nothing has changed.
        """

    def save_labels(self, labels: Iterable[NewLabel], tag: str = FINAL, progress: Progress = NO_PROGRESS) -> int:
        """Save many labels, each as :meth:`save_label` does.

        By default one after the other. A datastore may save several together, and is quicker then.

        Args:
            labels: The labels, which may be made while they are saved; of an image the last one counts.
            tag: As for :meth:`save_label`.
            progress: Asked between labels whether to go on; the caller tells how far it is.

        Returns:
            How many were saved.

        Raises:
            LabelError: As for :meth:`save_label`; the labels before are saved.
            DatastoreError: Likewise.
            Cancelled: ``progress`` cancelled it; the labels before are saved.
        """
        count = 0
        for one in labels:
            progress.check()
            self.save_label(one.image_id, one.label, tag, one.info, image=one.image)
            count += 1
        return count

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

    def image_uris(self, image_ids: Iterable[str]) -> dict[str, str]:
        """The paths of many images by their ids, as :meth:`get_image_uri` gives them; those that are gone are left out.

        By default they are asked for one by one.
        """
        found = {}
        for image_id in image_ids:
            with contextlib.suppress(DatastoreError):
                found[image_id] = self.get_image_uri(image_id)
        return found

    def labelled_images(self, tag: str = FINAL) -> list[LabelledImage]:
        """The images that have a label of that tag, each with its label, sorted by id.

        By default they are asked for one by one.
        """
        found = []
        for image_id in self.get_labeled_images(tag):
            with contextlib.suppress(DatastoreError):
                version = self.current_version(image_id, tag)
                if version is not None:
                    uris = self.get_image_uri(image_id), self.get_label_uri(image_id, tag)
                    found.append(LabelledImage(image_id, *uris, version, self.get_image_info(image_id)))
        return found

    @property
    def author(self) -> str | None:
        """Who saves labels here, where that is known; by default it is not."""
        return None

    @property
    def author_known(self) -> bool:
        """Whether :attr:`author` is a person's name, and no name of an account that says nothing about who uses it."""
        return self.author is not None

    def set_author(self, name: str) -> None:
        """Say who saves labels here from now on.

        Raises:
            DatastoreError: It is no name, or this datastore does not ask.
        """
        raise DatastoreError(f"{type(self).__name__} does not let {name!r:.100} be set as who saves labels here")

    @property
    def leases(self) -> Leases:
        """Who works on which image; by default that is not kept, and everyone gets every image."""
        return Leases()

    @property
    def reviews(self) -> Reviews:
        """What reviewers said of labels; by default there is no place for it."""
        return Reviews()

    @property
    def readings(self) -> Readings:
        """Which images several people read; by default none."""
        return Readings()

    @property
    def image_notes(self) -> ImageNotes:
        """People's notes on images as a whole; by default there is no place for them."""
        return ImageNotes()

    @property
    def workspace(self) -> Workspace:
        """The folders of drafts, caches, jobs and models; by default the datastore has none."""
        return Workspace(None)

    @property
    def scores(self) -> Scores:
        """The scores of the images, and their features; by default they last as long as the object."""
        return self.__dict__.setdefault("_memory_scores", MemoryScores(self))  # type: ignore[no-any-return]

    @property
    def annotation_tasks(self) -> AnnotationTasks:
        """The tasks on annotation servers that images of this datastore are in; by default there is no place for them.

        Raises:
            DatastoreError: There is no place for them.
        """
        raise DatastoreError(f"{type(self).__name__} keeps no record of tasks on annotation servers")

    def setting(self, name: str) -> dict[str, Any] | None:
        """The value that :meth:`change_setting` saved last under that name, or None.

        By default settings last as long as the object.
        """
        return self._settings.get(name)

    def change_setting(
        self, name: str, change: Callable[[dict[str, Any] | None], Mapping[str, Any] | None]
    ) -> dict[str, Any] | None:
        """Change a setting that all users of the datastore share.

        Args:
            name: What it is about.
            change: Takes the present value and returns the new one, JSON values; no other change comes between.

        Returns:
            The new value.

        Raises:
            DatastoreError: It cannot be written; then nothing has changed. What ``change`` raises is passed on.
        """
        with self._settings_turn:
            kept = change(self._settings.get(name))
            self._settings = {**self._settings, name: None if kept is None else dict(kept)}
            return self._settings[name]

    def label_set(self) -> dict[str, Any] | None:
        """The value that :meth:`change_label_set` saved last, or None."""
        return self.setting("label_set")

    def change_label_set(
        self, change: Callable[[dict[str, Any] | None], Mapping[str, Any] | None]
    ) -> dict[str, Any] | None:
        """Change the names, values and colours of the labels, as :meth:`change_setting` changes a setting."""
        return self.change_setting("label_set", change)

    @abstractmethod
    def remove_label(self, image_id: str, tag: str) -> None:
        """Remove the current label; its versions stay in :meth:`label_history`."""

    @abstractmethod
    def label_history(self, image_id: str, tag: str = FINAL) -> list[LabelVersion]:
        """All versions of the image's label, oldest first; empty if there never was one."""

    def version_notes(self, key: str) -> list[VersionNote]:
        """The JSON objects that were saved under a key of the info, with any version of any label.

        They come by image, tag and number. The key has no quotation marks in it. By default all histories are read, one
        by one.
        """
        return listed_notes(self, key)

    def current_version(self, image_id: str, tag: str = FINAL) -> LabelVersion | None:
        """The current version of the image's label; None if it has no label."""
        return next((version for version in self.label_history(image_id, tag) if version.current), None)

    def preferred_tag(self, image_id: str, tag: str = FINAL) -> str | None:
        """The tag of the label to show of an image: that tag, else a person's, else a model's; None without a label."""
        tags = self.get_labels_by_image_id(image_id)
        return next((one for one in (tag, FINAL, ORIGINAL) if one in tags), None)

    def get_version_uri(self, image_id: str, version: int, tag: str = FINAL) -> str:
        """The path of the file of one version of the image's label.

        Raises:
            DatastoreError: There is no such version, or this datastore does not give the files of versions.
        """
        raise DatastoreError(f"{self.name()} does not give the files of earlier versions")

    @abstractmethod
    def restore_label(self, image_id: str, version: int, tag: str = FINAL) -> str:
        """Save an earlier version again as a new version, and return the label's id."""

    @abstractmethod
    def datalist(self, full_path: bool = True, tag: str = FINAL) -> list[dict[str, str]]:
        """Training data: ``{"image": path, "label": path}`` of every labeled image."""

    def change_stamp(self) -> Hashable:
        """Something that is another whenever images or labels have come or gone; cheap enough to ask every second.

        It may also be another where nothing has. By default it always is the same: changes are not noticed.
        """
        return None

    @abstractmethod
    def refresh(self) -> None:
        """Read again which images and labels exist."""

    @abstractmethod
    def status(self) -> dict[str, Any]:
        """Counts and notes, shown to users."""

    def browse(
        self,
        search: str = "",
        state: str | None = None,
        offset: int = 0,
        limit: int = 50,
        tag: str = FINAL,
        scores: ScoreKey | None = None,
        order: ImageOrder = "id",
        least_score: float | None = None,
        tagged: TagFilter | None = None,
    ) -> ImagePage:
        """A page of the list of images.

        Args:
            search: Only images with this text in their id, in upper or lower case.
            state: Only images in this state: ``unlabelled``, ``model`` (only a model's label is there), ``final``,
                ``draft`` (there is a draft that is not saved), or how far the work is: ``to_do``, ``in_progress``,
                ``done``, ``in_review``, ``accepted`` or ``sent_back``.
            offset: The first of the page, counted from 0.
            limit: How many at most, 1 to 500.
            tag: The tag of the labels that users made.
            scores: Which scores the entries are to have.
            order: By ``id``, or by ``score``: the highest of those scores first, and last images without one.
            least_score: Only images with one of those scores that is not less than this.
            tagged: Only images with this tag, or without one.

        Raises:
            DatastoreError: There is no such state, order or page.
        """
        return browse_listed(self, search, state, offset, limit, tag, scores, order, least_score, tagged)

    def get_unlabeled_images(self, label_tag: str | None = None, labels: Sequence[str] | None = None) -> list[str]:
        """The images that :meth:`get_labeled_images` with the same arguments does not list."""
        labeled = set(self.get_labeled_images(label_tag, labels))
        return [image_id for image_id in self.list_images() if image_id not in labeled]

    def get_label_by_image_id(self, image_id: str, tag: str = FINAL) -> str:
        """The id of the image's label of that tag, or an empty string if there is none."""
        return self.get_labels_by_image_id(image_id).get(tag, "")

    def count_images(self) -> int:
        """The number of images."""
        return len(self.list_images())

    def count_labeled(self) -> int:
        """The number of images with a ``final`` label."""
        return len(self.get_labeled_images())

    def labels_by_author(self, tag: str = FINAL) -> dict[str, int]:
        """How many current labels each person has saved, by name; "" where nobody knows who it was.

        By default each is asked for.
        """
        versions = (self.current_version(image_id, tag) for image_id in self.get_labeled_images(tag))
        return dict(Counter(version.author or "" for version in versions if version is not None))

    def count_unlabeled(self) -> int:
        """The number of images without a ``final`` label that can be labelled."""
        return len(self.get_unlabeled_images())

    def waiting_images(self, *, skipped: bool = False) -> list[str]:
        """The ids of the images from which :meth:`first_unlabeled` and :meth:`random_unlabeled` choose, sorted.

        Args:
            skipped: Whether skipped images are among them.
        """
        return sorted(self._turns((), skipped)[0])

    def is_waiting(self, image_id: str) -> bool:
        """Whether :meth:`waiting_images` has the image: it is there, was not skipped, and has no ``final`` label."""
        return image_id in self.waiting_images()

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

    def has_labeled(self, count: int) -> bool:
        """Whether so many images have a ``final`` label; quick, also where there are many more."""
        return self.count_labeled() >= count

    def first_unlabeled(self, exclude: Collection[str] = (), *, skipped: bool = False) -> str | None:
        """The first image by id that has no ``final`` label.

        Args:
            exclude: Ids not to return.
            skipped: Whether skipped images take part like any other. If not, they come only after all others.
        """
        for candidates in self._turns(exclude, skipped):
            if candidates:
                return candidates[0]
        return None

    def last_unlabeled(self, exclude: Collection[str] = (), *, skipped: bool = False) -> str | None:
        """The last image by id without a ``final`` label; arguments as for :meth:`first_unlabeled`."""
        for candidates in self._turns(exclude, skipped):
            if candidates:
                return max(candidates)
        return None

    def random_unlabeled(
        self, rng: random.Random, exclude: Collection[str] = (), *, skipped: bool = False
    ) -> str | None:
        """A random image without a ``final`` label; arguments as for :meth:`first_unlabeled`."""
        for candidates in self._turns(exclude, skipped):
            if candidates:
                return candidates[rng.randrange(len(candidates))]
        return None

    def _turns(self, exclude: Collection[str], skipped: bool) -> list[list[str]]:
        excluded = set(exclude)
        waiting = [image_id for image_id in self.get_unlabeled_images() if image_id not in excluded]
        if skipped:
            return [waiting]
        put_off = {image_id for image_id in waiting if self.get_image_info(image_id).get("skipped")}
        return [
            [image_id for image_id in waiting if image_id not in put_off],
            [image_id for image_id in waiting if image_id in put_off],
        ]
