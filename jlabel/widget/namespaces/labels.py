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
        """The size of each label in the draft by name: millilitres, in a picture pixels; of objects all together.

        Raises:
            JlabelError: No image is open.
        """
        ml = voxel_ml(self._controller.require_image().image)
        counts = self._controller.features.volumes.counts()
        sizes = {label.name: counts.get(label.value, 0) * (1.0 if ml is None else ml) for label in self}
        together = sum(self.objects.values())
        return {label.name: together if label.instances else sizes[label.name] for label in self}

    @property
    def objects(self) -> dict[int, float]:
        """The size of each object in the draft by its value, where those of a label are told apart; else empty.

        Raises:
            JlabelError: No image is open.
        """
        ml = voxel_ml(self._controller.require_image().image)
        counts, objects = self._controller.features.volumes.counts(), self._controller.objects
        found = [] if objects is None else objects.among(counts)
        return {value: counts[value] * (1.0 if ml is None else ml) for value in found}

    @property
    def active_object(self) -> int | None:
        """The value of the object that strokes and prompts are for; None where no objects are told apart.

        Set it to go on with another object.
        """
        with self._controller.lock:
            return self._controller.features.objects.active

    @active_object.setter
    def active_object(self, value: int) -> None:
        self._controller.features.objects.choose(value)

    def new_object(self) -> int:
        """Begin a new object, with the next free value, and return the value.

        Raises:
            JlabelError: No label's objects are told apart, or no image is open.
        """
        return self._controller.features.objects.begin()

    def new_object_each_prompt(self, on: bool = True) -> None:
        """Begin a new object with each prompt that lies on none, as at first; or go on with the active object."""
        self._controller.features.objects.begin_each(on)

    def tell_apart(self, name: str, on: bool = True) -> None:
        """Give each object of a label, such as a nucleus, a value of its own from now on, or not any more.

        Its own value and all above it that no other label has stand for an object each. Saved labels say so with
        ``"instances"`` in their info, and trainings read it there.

        Raises:
            LabelError: There is no such label, or the objects of another label are told apart.
            DatastoreError: It cannot be saved with the studies; nothing has changed then.
        """
        self._editing.tell_apart(name, on)

    def add(self, name: str, color: str | None = None, value: int | None = None, instances: bool = False) -> Label:
        """Add a label and choose it.

        Args:
            name: Its name.
            color: ``#rrggbb``; one that is not used yet if not given.
            value: Its value in label files, 1 to 65,535; if not given, one that was never used here.
            instances: Whether its objects are told apart, see :meth:`tell_apart`.

        Raises:
            LabelError: The name or the value is taken, or cannot be used, or the objects of another label are told
                apart.
            DatastoreError: It cannot be saved with the studies; nothing has changed then.
        """
        return self._editing.add(name, color, value, instances)

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
