"""Saved labels of the present image: compared with the draft, and taken over into it."""

from __future__ import annotations

from collections.abc import Sequence

from jlabel.errors import JlabelError
from jlabel.imaging import FittedLabel
from jlabel.labeler.controller import LabelerController


class LabelerVersions:
    """The saved labels of the image that is open, by tag and version.

    Examples:
        >>> labeler = jlabel.AppManager(jlabel.RadiologyApp(studies, labels=["liver"]), device="cpu").labeler("case_0")
        >>> labeler.save()
        'case_0'
        >>> labeler.versions.compare("final")
        >>> labeler.versions.take_over("final")
        0
        >>> labeler.close()
    """

    def __init__(self, controller: LabelerController) -> None:
        self._controller = controller

    def compare(self, tag: str | None = None, version: int | None = None) -> None:
        """Show another label of the image beside the draft, as outlines or side by side, with their Dice.

        Args:
            tag: The other label's tag; without one the model's (``original``), else the saved one.
            version: One of its versions; the current one if not given.

        Raises:
            DatastoreError: There is no such label or version.
            JlabelError: No image is open, or it has no saved label.
        """
        self._controller.features.comparison.compare(tag, version)

    def fit(self) -> FittedLabel:
        """Show the saved label that does not lie in the image's voxel grid, fitted into it, as one step of undo.

        It is cropped or padded where its voxels lie in the same places, else resampled to the nearest voxel.

        Returns:
            The label in the image's grid (``mask``), how it was fitted (``how``), and how many of its voxels lie
            outside of the image (``left_out``).

        Raises:
            JlabelError: No image is open, or its saved label is shown already.
            LabelError: The label lies elsewhere than the image.
            ImageError: Its file cannot be read.
        """
        return self._controller.features.unshown_label.fit()

    def send_back(self, message: str, position: Sequence[int] | None = None) -> None:
        """Send the open image back to who annotated it in CVAT, with a comment; see ``manager.annotate_with``.

        Args:
            message: What is to be changed.
            position: The voxel at which the comment is put; the one under the crosshair if not given.

        Raises:
            TaskError: The image was never sent from here.
            CvatError: The server cannot be reached, or refuses.
            JlabelError: No image is open, nothing is said, there is no such voxel, or nothing was ever sent.
        """
        self._controller.features.sending_back.send(message, position)

    def take_over(self, tag: str = "original", version: int | None = None, label: str | None = None) -> int:
        """Put a saved label in the place of the draft, as one step of undo; locked labels stay as they are.

        Args:
            tag: The saved label's tag.
            version: One of its versions; the current one if not given.
            label: Only this structure; all if not given.

        Returns:
            How many voxels changed.

        Raises:
            DatastoreError: There is no such label or version.
            LabelError: ``label`` is locked, or the values do not fit the draft.
            JlabelError: No image is open, or the app has no such label.
        """
        values = self._controller.values
        if label is not None and label not in values:
            raise JlabelError(f"no label {label!r}; there is {', '.join(values)}")
        value = values[label] if label is not None else None
        return self._controller.features.versions.take_over(tag, version, value)
