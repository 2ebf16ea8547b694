"""What a notebook can do with the labels of a labeler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jlabel.tasks import Label
from jlabel.widget.volumes import voxel_ml

if TYPE_CHECKING:
    from jlabel.widget.desk import Desk


class LabelMethods:
    """The labels' part of :class:`jlabel.Labeler`.

    Changes are kept with the studies at once: they are there in every labeler that is opened after, for other people
    too. Undo brings back the voxels of a label that was merged or deleted, and the label with them, as long as the
    image stays open. Other changes of the label set are no steps of undo: they change no voxel, and can be taken back
    by hand.
    """

    _desk: Desk

    @property
    def labels(self) -> tuple[Label, ...]:
        """The labels, in the order in which they are shown."""
        return self._desk.labels

    @property
    def volumes(self) -> dict[str, float]:
        """The size of each label in the draft by name: millilitres, in a picture pixels.

        Raises:
            JlabelError: No image is open.
        """
        ml = voxel_ml(self._desk.need().image)
        counts = self._desk.volumes.counts()
        return {label.name: counts.get(label.value, 0) * (1.0 if ml is None else ml) for label in self.labels}

    def add_label(self, name: str, color: str | None = None, value: int | None = None) -> Label:
        """Add a label and choose it.

        Args:
            name: Its name.
            color: ``#rrggbb``; one that is not used yet if not given.
            value: Its value in label files, 1 to 65,535; if not given, one that was never used here.

        Raises:
            LabelError: The name or the value is taken, or cannot be used.
            DatastoreError: It cannot be kept with the studies; nothing has changed then.
        """
        return self._desk.label_set.add(name, color, value)

    def rename_label(self, name: str, to: str) -> None:
        """Give a label another name; models go on to find it.

        Raises:
            LabelError: There is no such label, or the new name is taken or cannot be used.
        """
        self._desk.label_set.rename(name, to)

    def recolor_label(self, name: str, color: str) -> None:
        """Give a label another colour, ``#rrggbb``.

        Raises:
            LabelError: There is no such label, or that is no colour.
        """
        self._desk.label_set.recolor(name, color)

    def move_label(self, name: str, place: int) -> None:
        """Put a label at another place in the list, counted from 0.

        Raises:
            LabelError: There is no such label.
        """
        self._desk.label_set.move(name, place)

    def merge_label(self, name: str, into: str) -> None:
        """Make one label of two: in this draft, the voxels of the first become the second's, as one step of undo.

        Labels that were saved for other images keep theirs. Models that find the first give the second from now on.

        Raises:
            LabelError: There is no such label, one of them is locked, or they are the same.
        """
        self._desk.label_set.merge(name, into)

    def delete_label(self, name: str) -> None:
        """Delete a label, and its voxels in this draft, as one step of undo. Its value is never used again.

        Labels that were saved for other images keep theirs.

        Raises:
            LabelError: There is no such label, it is locked, or it is the only one.
        """
        self._desk.label_set.delete(name)
