"""What a datastore does with labels: reading and saving them, and their versions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.datastores.base.images import ImageStore
from jlabel.datastores.label_version import FINAL, ORIGINAL, LabelVersion
from jlabel.datastores.labelled_image import LabelledImage
from jlabel.datastores.new_label import NewLabel
from jlabel.errors import DatastoreError
from jlabel.imaging.image import Image
from jlabel.progress import NO_PROGRESS, Progress


class LabelStore(ImageStore):
    """The labels of a datastore; see :class:`jlabel.Datastore`."""

    @abstractmethod
    def get_labeled_images(self, label_tag: str | None = None, labels: Sequence[str] | None = None) -> list[str]:
        """Images that have a label.

        Args:
            label_tag: The tag that counts; without one it is ``final``.
            labels: Names of labels (such as ``"spleen"``): the label's info must list all of them, see
            :func:`label_names`.
        """

    def get_unlabeled_images(self, label_tag: str | None = None, labels: Sequence[str] | None = None) -> list[str]:
        """The images that :meth:`get_labeled_images` with the same arguments does not list."""
        labeled = set(self.get_labeled_images(label_tag, labels))
        return [image_id for image_id in self.list_images() if image_id not in labeled]

    @abstractmethod
    def get_labels_by_image_id(self, image_id: str) -> dict[str, str]:
        """The ids of the image's labels by tag."""

    def get_label_by_image_id(self, image_id: str, tag: str = FINAL) -> str:
        """The id of the image's label of that tag, or an empty string if there is none."""
        return self.get_labels_by_image_id(image_id).get(tag, "")

    @abstractmethod
    def get_label_uri(self, image_id: str, tag: str = FINAL) -> str:
        """The path of the current label."""

    @abstractmethod
    def get_label_info(self, image_id: str, tag: str = FINAL) -> dict[str, Any]:
        """The information that was saved with the image's current label of that tag."""

    @abstractmethod
    def update_label_info(self, image_id: str, tag: str, info: Mapping[str, Any]) -> None:
        """Merge ``info`` into the information of the current label; its version stays the same."""

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

    @abstractmethod
    def remove_label(self, image_id: str, tag: str) -> None:
        """Remove the current label; its versions stay in :meth:`label_history`."""

    @abstractmethod
    def label_history(self, image_id: str, tag: str = FINAL) -> list[LabelVersion]:
        """All versions of the image's label, oldest first; empty if there never was one."""

    def current_version(self, image_id: str, tag: str = FINAL) -> LabelVersion | None:
        """The current version of the image's label; None if it has no label."""
        return next((version for version in self.label_history(image_id, tag) if version.current), None)

    def preferred_tag(self, image_id: str, tag: str = FINAL) -> str | None:
        """The tag of the label to show of an image: that tag, else a person's, else a model's; None without a label."""
        tags = self.get_labels_by_image_id(image_id)
        return next((one for one in (tag, FINAL, ORIGINAL) if one in tags), None)

    @abstractmethod
    def restore_label(self, image_id: str, version: int, tag: str = FINAL) -> str:
        """Save an earlier version again as a new version, and return the label's id."""

    def labelled_images(self, tag: str = FINAL) -> list[LabelledImage]:
        """The images that have a label of that tag, each with its label, sorted by id.

        By default they are asked for one by one.
        """
        found = []
        for image_id in self.get_labeled_images(tag):
            with suppress(DatastoreError):
                version = self.current_version(image_id, tag)
                if version is not None:
                    uris = self.get_image_uri(image_id), self.get_label_uri(image_id, tag)
                    found.append(LabelledImage(image_id, *uris, version, self.get_image_info(image_id)))
        return found

    @abstractmethod
    def datalist(self, full_path: bool = True, tag: str = FINAL) -> list[dict[str, str]]:
        """Training data: ``{"image": path, "label": path}`` of every labeled image."""
