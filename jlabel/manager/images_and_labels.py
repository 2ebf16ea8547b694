"""The images and labels of an app: reading, saving, tables, and values that mean something else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from jlabel.datastores import FINAL
from jlabel.datastores.readings import is_reader_tag, reader_tag
from jlabel.display.progress_bar import shown_progress
from jlabel.display.table import as_table
from jlabel.imaging import FittedLabel, Image
from jlabel.imaging.intensity import Intensities
from jlabel.imaging.label_values import label_array
from jlabel.labels.label import label_values
from jlabel.manager import listings
from jlabel.manager.label_repair import LabelRepair
from jlabel.manager.manager_base import ManagerBase
from jlabel.manager.saved_labels import tell_of_saved_label
from jlabel.progress import NO_PROGRESS, Progress


class ImagesAndLabels(ManagerBase):
    """Images and labels, by id; see :class:`jlabel.AppManager`."""

    def images(self, search: str = "", state: str | None = None) -> Any:
        """The images as a table: id, state, who saved the label and when, a draft if there is one, names of
        labels, how far the work is, and who works on it now.

        Args:
            search: Only images with this text in their id.
            state: Only images in this state, see :meth:`jlabel.Datastore.browse`.

        Returns:
            A pandas DataFrame where pandas is installed (``pip install pandas``), else a list of dicts; a notebook
            shows both as a table. Times are in UTC.

        Raises:
            DatastoreError: There is no such state.

        Examples:
            >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
            >>> manager.save_label("case_1", manager.image("case_1").array > 70)
            'case_1'
            >>> table = manager.images()
            >>> list(table["image"]), list(table["state"])
            (['case_0', 'case_1', 'case_2'], ['unlabelled', 'final', 'unlabelled'])
            >>> manager.close()
        """
        rows = listings.image_rows(self.datastore, search, state)
        return as_table(rows, listings.IMAGE_COLUMNS, "images")

    def labels_table(self, tag: str | None = None, measure: bool = False) -> Any:
        """The saved labels as a table: image, tag, version, author, time, names of labels.

        Args:
            tag: Only labels of this tag; of all if not given.
            measure: Read every label, and give a row for each structure in it: its value, voxels, millilitres (None for
                pictures) and number of objects (None where they are not told apart). A label that cannot be read has
                one row, whose ``problem`` says why.

        Returns:
            As for :meth:`images`.

        Examples:
            >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
            >>> manager.save_label("case_1", manager.image("case_1").array > 70)
            'case_1'
            >>> table = manager.labels_table(measure=True)
            >>> list(table["image"]), list(table["label"]), round(float(table["ml"][0]), 1)
            (['case_1'], ['liver'], 1.1)
            >>> manager.close()
        """
        rows = listings.label_rows(self.datastore, tag)
        if not measure:
            return as_table(rows, listings.LABEL_COLUMNS, "labels")
        measured = listings.measured_rows(
            rows,
            self.labels,
            lambda image_id, of: (self.label(image_id, of), self.image(image_id)),
            self.label_names.current.objects,
        )
        return as_table(measured, listings.MEASURE_COLUMNS, "structures in labels")

    def intensities(self, image_id: str, frame: int = 0) -> Intensities:
        """Statistics of the image's intensities; computed once."""
        return self._images.intensities(image_id, frame)

    def label(
        self, image_id: str, tag: str = "final", version: int | None = None, notes: dict[str, str] | None = None
    ) -> NDArray[Any]:
        """A saved label as label values of shape ``(i, j, k)`` or ``(i, j)``, that of the image.

        Args:
            image_id: The image.
            tag: ``"final"`` for a label that a user made or accepted, ``"original"`` for one that a model made.
            version: An earlier version's number; the current one if not given.
            notes: As for :func:`jlabel.read_label`.

        Raises:
            DatastoreError: There is no such label.
            LabelError: The label does not fit the image, or its values are no label.
        """
        return self._images.label(image_id, tag, version, notes)

    def fitted_label(self, image_id: str, tag: str = "final") -> FittedLabel:
        """A saved label that was drawn in another voxel grid, put into that of the image: cropped, padded or resampled.

        Args:
            image_id: The image.
            tag: As for :meth:`label`.

        Raises:
            DatastoreError: There is no such label.
            LabelError: The label lies elsewhere than the image.
        """
        return self._images.fitted_label(image_id, tag)

    def file_stamp(self, image_id: str, path: Path | None = None) -> tuple[int, int]:
        """What tells the image's file from another one that was put in its place: time (ns) and size (bytes).

        Args:
            image_id: The image.
            path: Its file, where the caller knows it.

        Raises:
            DatastoreError: There is no such image, or its file is gone.
        """
        return self._images.file_stamp(image_id, path)

    def save_label(
        self,
        image_id: str,
        mask: NDArray[Any] | Any,
        tag: str = "final",
        info: Mapping[str, Any] | None = None,
        progress: Progress = NO_PROGRESS,
        image: Image | None = None,
    ) -> str:
        """Save a mask as the image's label; earlier versions stay in the history.

        Args:
            image_id: The image.
            mask: Label values, whole numbers or bool, shape ``(i, j, k)`` or ``(i, j)``, that of the image: an array, a
                tensor (MONAI's MetaTensor too) or nested lists.
            tag: ``"final"`` for a label that a user made or accepted, ``"original"`` for one that a model made.
            info: Kept in the catalogue with this version.
            progress: See :meth:`jlabel.datastores.Datastore.save_label`.
            image: The image, where the caller has it at hand.

        Returns:
            The label's id.

        Raises:
            LabelError: The mask has another shape than the image, or values that are not whole numbers from 0 on.
            DatastoreError: The label could not be written; nothing has changed then.
            Cancelled: ``progress`` cancelled the save; nothing has changed then.
        """
        image = image if image is not None else self.image(image_id)
        values = label_array(mask, f"the label of {image_id!r}", image.shape)
        kept = {**self.label_names.current.info, **dict(info or {})}
        label_id = self.datastore.save_label(image_id, values, tag, kept, image=image, progress=progress)
        if is_reader_tag(tag) and tag == reader_tag(self.datastore.author or ""):
            self.datastore.readings.note(image_id, self.datastore.author or "")
        if tag == FINAL:
            tell_of_saved_label(self.app, image_id, label_id)
        return label_id

    def map_label_values(
        self,
        values: Mapping[int, str | int],
        images: Iterable[str] | None = None,
        tag: str = "final",
        progress: Progress | None = None,
    ) -> list[str]:
        """Give values in saved labels another meaning: masks of 0 and 255, or values of another data set.

        Each label that holds one of them gets a new version; the one before stays in its history.

        Args:
            values: Values as they are in the files to the names of labels, or to values; 0 is the background.
            images: Of which images; of all if not given.
            tag: As for :meth:`save_label`.
            progress: Told how far it is, and can cancel it between two images; a bar if not given.

        Returns:
            The images whose labels were changed.

        Raises:
            LabelError: No such label, or a saved label cannot be read as one.
            DatastoreError: A label cannot be written.

        Examples:
            >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
            >>> mask = np.where(manager.image("case_0").array > 70, 255, 0)
            >>> manager.save_label("case_0", mask)
            'case_0'
            >>> manager.map_label_values({255: "liver"})
            ['case_0']
            >>> np.unique(manager.label("case_0")).tolist()
            [0, 1]
            >>> manager.close()
        """
        with shown_progress("Changing labels", progress) as told:
            return self._label_repair().map_values(values, images, tag, told)

    def threshold_labels(
        self,
        label: str,
        at: float = 128,
        images: Iterable[str] | None = None,
        tag: str = "final",
        progress: Progress | None = None,
    ) -> list[str]:
        """Make labels of files that are nearly ones: masks saved as JPEG, or maps of probabilities.

        Each gets a new version; the file as it was stays in the history.

        Args:
            label: What the values from ``at`` on are; all others are background.
            at: The threshold, in the values of the file: 128 for masks of 0 to 255, 0.5 for probabilities.
            images: Of which images; of all whose label cannot be used as it is, if not given.
            tag: As for :meth:`save_label`.
            progress: Told how far it is, and can cancel it between two images; a bar if not given.

        Returns:
            The images whose labels were changed.

        Raises:
            LabelError: No such label, or a file does not lie in the grid of its image.
            ImageError: A file cannot be read.
            DatastoreError: A label cannot be written.
        """
        with shown_progress("Changing labels", progress) as told:
            return self._label_repair().threshold(label, at, images, tag, told)

    def _label_repair(self) -> LabelRepair:
        return LabelRepair(self.datastore, self._images, label_values(self.label_names.current.named))
