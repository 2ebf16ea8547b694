"""What every datastore can do: images, their labels by tag, what is known about both, and every version of a label."""

from __future__ import annotations

import random
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.datastores.browsing import ImagePage, browse_listed
from jlabel.errors import DatastoreError
from jlabel.imaging.image import Image
from jlabel.imaging.watch import UNWATCHED, Watch

ORIGINAL = "original"
"""Tag of a label that a model made."""

FINAL = "final"
"""Tag of a label that a person made or accepted: an image with one counts as labeled."""


@dataclass(frozen=True)
class LabelVersion:
    """One of the versions that a label has had.

    Attributes:
        number: Counts from 1 for each image and tag; a number is never used again.
        time: When it was saved (UTC).
        author: Who saved it, where that is known.
        bytes: Size of its file.
        sha256: Of its file, in hex; None where it was found in the folder and never had to be compared.
        info: What was saved with it.
        current: Whether it is the label now.
    """

    number: int
    time: datetime
    author: str | None
    bytes: int
    sha256: str | None = None
    info: Mapping[str, Any] = field(default_factory=dict)
    current: bool = False


class Datastore(ABC):
    """Images to label and their labels.

    An image id is text that means something only to its datastore. Methods that are given an unknown image id, or ask
    for a label that is not there, raise :class:`jlabel.errors.DatastoreError`. The id of a label is the id of its
    image: with a tag it names one label. All methods may be called from any thread.
    """

    _settings: Mapping[str, dict[str, Any] | None] = {}
    _settings_turn = threading.Lock()

    @abstractmethod
    def name(self) -> str:
        """The datastore's name, for people."""

    @abstractmethod
    def set_name(self, name: str) -> None:
        """Give the datastore another name."""

    @abstractmethod
    def description(self) -> str:
        """A text about the datastore, for people."""

    @abstractmethod
    def set_description(self, description: str) -> None:
        """Give the datastore another description."""

    @abstractmethod
    def list_images(self) -> list[str]:
        """The ids of all images that are there now, sorted."""

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
        """What was saved with the image's current label of that tag."""

    @abstractmethod
    def update_label_info(self, image_id: str, tag: str, info: Mapping[str, Any]) -> None:
        """Merge ``info`` into the info of the current label; its version stays the same."""

    @abstractmethod
    def get_image_uri(self, image_id: str) -> str:
        """Where the image can be read: a path."""

    @abstractmethod
    def get_image_info(self, image_id: str) -> dict[str, Any]:
        """What is known about the image (a copy)."""

    @abstractmethod
    def update_image_info(self, image_id: str, info: Mapping[str, Any]) -> None:
        """Merge ``info`` into what is known about the image.

        A value for ``skipped`` (a time; None takes it back) puts the image behind all others.
        """

    @abstractmethod
    def get_labels_by_image_id(self, image_id: str) -> dict[str, str]:
        """The ids of the image's labels by tag."""

    @abstractmethod
    def get_label_uri(self, image_id: str, tag: str = FINAL) -> str:
        """Where the current label can be read: a path."""

    @abstractmethod
    def add_image(self, image_id: str | None, filename: Path | str, info: Mapping[str, Any] | None = None) -> str:
        """Take in a copy of an image file under that id (None: made from the file's name) and return the id."""

    @abstractmethod
    def remove_image(self, image_id: str) -> None:
        """Take the image and its labels out of the datastore."""

    @abstractmethod
    def save_label(
        self,
        image_id: str,
        label: NDArray[np.generic] | Path | str,
        tag: str = FINAL,
        info: Mapping[str, Any] | None = None,
        *,
        image: Image | None = None,
        watch: Watch = UNWATCHED,
    ) -> str:
        """Save a label as the current one; the one before it stays in :meth:`label_history`.

        Args:
            image_id: The image.
            label: An array of label values in the image's own grid, or the path of a label file, which is copied.
            tag: ``final``, ``original`` or a tag of one's own.
            info: What to remember about it, JSON values.
            image: The image as it was read, if the caller has it: an array is then saved without reading it again.
            watch: Told how much is done, and asked whether to go on until the label is decided; then it is told that
                all is done (1.0), and asked no more.

        Returns:
            The label's id. Once this returns, the label survives a kill and a power cut.

        Raises:
            LabelError: The array has another shape than the image, or values that cannot be stored.
            DatastoreError: It cannot be written; then nothing has changed.
            Cancelled: ``watch`` gave it up; then nothing has changed.
        """

    def draft_file(self, image_id: str, session: str) -> Path | None:
        """Where a labeling session may keep a draft that is not saved yet; None where there is no place for one.

        Args:
            image_id: The image.
            session: 8 to 32 digits in hex: each session has its own file.
        """
        return None

    def draft_files(self, image_id: str) -> list[Path]:
        """The files with a draft of an image, of all sessions, in no order."""
        return []

    def drafted_images(self) -> set[str]:
        """The images that have a draft which is not saved."""
        return set()

    def cache_folder(self, name: str) -> Path | None:
        """A folder for what can be made again at any time; None where there is no place for it.

        Args:
            name: A short name for what is kept in it.
        """
        return None

    def jobs_folder(self) -> Path | None:
        """Where background jobs may be kept, or None where this datastore has no place for them."""
        return None

    def setting(self, name: str) -> dict[str, Any] | None:
        """What :meth:`change_setting` kept last under that name, or None.

        A datastore that does not say otherwise keeps settings as long as the object lives.
        """
        return self._settings.get(name)

    def change_setting(
        self, name: str, change: Callable[[dict[str, Any] | None], Mapping[str, Any] | None]
    ) -> dict[str, Any] | None:
        """Change what everybody who works here shares beside images and labels.

        Args:
            name: What it is about.
            change: Given what is kept now, returns what is to be kept, JSON values; no other change comes between.

        Returns:
            What is kept now.

        Raises:
            DatastoreError: It cannot be written; then nothing has changed. What ``change`` raises is passed on.
        """
        with self._settings_turn:
            kept = change(self._settings.get(name))
            self._settings = {**self._settings, name: None if kept is None else dict(kept)}
            return self._settings[name]

    def label_set(self) -> dict[str, Any] | None:
        """What :meth:`change_label_set` kept last, or None."""
        return self.setting("label_set")

    def change_label_set(
        self, change: Callable[[dict[str, Any] | None], Mapping[str, Any] | None]
    ) -> dict[str, Any] | None:
        """Change the names, values and colours of the labels that people work with here; as :meth:`change_setting`."""
        return self.change_setting("label_set", change)

    def models_folder(self) -> Path | None:
        """Where trained models may be kept, or None where this datastore has no place for them."""
        return None

    @abstractmethod
    def remove_label(self, image_id: str, tag: str) -> None:
        """Take the current label away; it stays in :meth:`label_history`."""

    @abstractmethod
    def label_history(self, image_id: str, tag: str = FINAL) -> list[LabelVersion]:
        """All versions of the image's label, oldest first; empty where there never was one."""

    def get_version_uri(self, image_id: str, version: int, tag: str = FINAL) -> str:
        """Where the file of one version of the image's label can be read: a path.

        Raises:
            DatastoreError: There is no such version, or this datastore does not give the files of versions.
        """
        raise DatastoreError(f"{self.name()} does not give the files of earlier versions")

    @abstractmethod
    def restore_label(self, image_id: str, version: int, tag: str = FINAL) -> str:
        """Save the content of an earlier version again, as a new version, and return the label's id."""

    @abstractmethod
    def datalist(self, full_path: bool = True, tag: str = FINAL) -> list[dict[str, str]]:
        """``{"image": path, "label": path}`` of every labeled image, to train on."""

    @abstractmethod
    def refresh(self) -> None:
        """Look again at what is there."""

    @abstractmethod
    def status(self) -> dict[str, Any]:
        """Counts and notes, for people."""

    def browse(
        self, search: str = "", state: str | None = None, offset: int = 0, limit: int = 50, tag: str = FINAL
    ) -> ImagePage:
        """A page of the list of images, by id.

        Args:
            search: Only images with this text in their id, in upper or lower case.
            state: Only images in this state: ``unlabelled``, ``model`` (only a model's label is there), ``final``, or
                ``draft`` (there is a draft that is not saved).
            offset: The first of the page, counted from 0.
            limit: How many at most, 1 to 500.
            tag: The tag of a person's labels.

        Raises:
            DatastoreError: There is no such state or page.
        """
        return browse_listed(self, search, state, offset, limit, tag)

    def get_unlabeled_images(self, label_tag: str | None = None, labels: Sequence[str] | None = None) -> list[str]:
        """Images that :meth:`get_labeled_images` with the same arguments does not list."""
        labeled = set(self.get_labeled_images(label_tag, labels))
        return [image_id for image_id in self.list_images() if image_id not in labeled]

    def get_label_by_image_id(self, image_id: str, tag: str = FINAL) -> str:
        """The id of the image's label of that tag, or an empty string where there is none."""
        return self.get_labels_by_image_id(image_id).get(tag, "")

    def count_images(self) -> int:
        """How many images :meth:`list_images` lists."""
        return len(self.list_images())

    def count_labeled(self) -> int:
        """How many of them have a ``final`` label."""
        return len(self.get_labeled_images())

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

    def random_unlabeled(
        self, rng: random.Random, exclude: Collection[str] = (), *, skipped: bool = False
    ) -> str | None:
        """An image without a ``final`` label, each with the same chance; arguments as :meth:`first_unlabeled`."""
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


def label_names(info: Mapping[str, Any]) -> set[str]:
    """Names of the labels that a label file holds, as its info tells them.

    They are read from ``label_names`` or ``labels`` (a list of names, or a mapping with the names as keys), at the top
    or in ``params``, and from ``label_info``, a list of ``{"name": …}``.
    """
    names: set[str] = set()
    params = info.get("params")
    for part in (info, params if isinstance(params, Mapping) else {}):
        for key in ("label_names", "labels"):
            value = part.get(key)
            if isinstance(value, Mapping | list | tuple):
                names.update(str(name) for name in value)
        entries = part.get("label_info")
        if isinstance(entries, list):
            names.update(str(entry["name"]) for entry in entries if isinstance(entry, Mapping) and "name" in entry)
    return names
