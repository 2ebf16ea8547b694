"""The labels of a labeler: looked at, changed, measured."""

from __future__ import annotations

from jlabel.imaging.voxel_size import voxel_ml
from jlabel.labeler.controller import LabelerController
from jlabel.labels import Label
from jlabel.widget.namespaces.items import CurrentItems


class LabelerLabels(CurrentItems[Label]):
    """The labels in the order in which they are shown; as a tuple, and with what changes them.

    Changes are saved with the studies at once: they are there in every labeler that is opened after, for other people
    too. Undo brings back the voxels of a label that was merged or deleted, and the label with them, as long as the
    image stays open. Other changes of the label set are no steps of undo: they change no voxel, and can be taken back
    by hand.

    Examples:
        >>> labeler = jlabel.AppManager(jlabel.RadiologyApp(studies, labels=["liver"]), device="cpu").labeler("case_0")
        >>> labeler.labels.add("spleen").value
        2
        >>> [label.name for label in labeler.labels]
        ['liver', 'spleen']
        >>> labeler.close()
    """

    def __init__(self, controller: LabelerController) -> None:
        self._controller = controller
        self._editing = controller.features.label_editing

    def _items(self) -> tuple[Label, ...]:
        return self._controller.labels

    @property
    def volumes(self) -> dict[str, float]:
        """The size of each label in the draft by name: millilitres, in a picture pixels.

        Raises:
            JlabelError: No image is open.
        """
        ml = voxel_ml(self._controller.require_image().image)
        counts = self._controller.features.volumes.counts()
        return {label.name: counts.get(label.value, 0) * (1.0 if ml is None else ml) for label in self}

    def add(self, name: str, color: str | None = None, value: int | None = None) -> Label:
        """Add a label and choose it.

        Args:
            name: Its name.
            color: ``#rrggbb``; one that is not used yet if not given.
            value: Its value in label files, 1 to 65,535; if not given, one that was never used here.

        Raises:
            LabelError: The name or the value is taken, or cannot be used.
            DatastoreError: It cannot be saved with the studies; nothing has changed then.
        """
        return self._editing.add(name, color, value)

    def rename(self, name: str, to: str) -> None:
        """Give a label another name; models go on to find it.

        Raises:
            LabelError: There is no such label, or the new name is taken or cannot be used.
        """
        self._editing.rename(name, to)

    def recolor(self, name: str, color: str) -> None:
        """Give a label another colour, ``#rrggbb``.

        Raises:
            LabelError: There is no such label, or that is no colour.
        """
        self._editing.recolor(name, color)

    def move(self, name: str, place: int) -> None:
        """Put a label at another place in the list, counted from 0.

        Raises:
            LabelError: There is no such label.
        """
        self._editing.move(name, place)

    def merge(self, name: str, into: str) -> None:
        """Make one label of two: in this draft, the voxels of the first become the second's, as one step of undo.

        Labels that were saved for other images keep theirs. Models that find the first give the second from now on.

        Raises:
            LabelError: There is no such label, one of them is locked, or they are the same.
        """
        self._editing.merge(name, into)

    def delete(self, name: str) -> None:
        """Delete a label, and its voxels in this draft, as one step of undo. Its value is never used again.

        Labels that were saved for other images keep theirs.

        Raises:
            LabelError: There is no such label, it is locked, or it is the only one.
        """
        self._editing.delete(name)
