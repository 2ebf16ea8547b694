"""The labelled images that a training uses, with what their label values mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.datastores import FINAL, Datastore
from jlabel.errors import DatastoreError, TaskError, UnreachableError

IGNORED = -1
"""The class of voxels of which nobody has said what they are."""


@dataclass(frozen=True)
class LabelledImage:
    """An image and its label.

    Attributes:
        id: The image's id.
        image: The image's file.
        label: The label's file.
        version: Of the label; with it a kept copy of the prepared label is known to be the right one.
        classes: Values in the label's file to classes; other values are background.
        named: Values that have a name, whether it is learnt or not.
        objects: Of a label whose objects have values of their own, the least of them: that value and all above it that
            no other label has.
        told_apart: The number from which on :meth:`to_classes` numbers the objects; None where they are their class.
    """

    id: str
    image: Path
    label: Path
    version: int
    classes: Mapping[int, int]
    named: frozenset[int] = frozenset()
    objects: int | None = None
    told_apart: int | None = None

    def item(self) -> dict[str, Any]:
        """As MONAI's datasets want it; with ``"first_object"`` where objects are told apart."""
        item = {"image": str(self.image), "label": str(self.label), "id": self.id, "version": self.version}
        return item if self.told_apart is None else {**item, "first_object": self.objects}

    def is_object(self, value: int) -> bool:
        """Whether the value stands for an object of the label whose objects have values of their own."""
        return self.objects is not None and value >= self.objects and value not in self.named - {self.objects}

    def class_of(self, value: int) -> int:
        """The class of a value; 0 for one without a class."""
        if self.objects is not None and self.is_object(value):
            return self.classes.get(self.objects, 0)
        return self.classes.get(value, 0)

    def to_classes(self, values: NDArray[Any]) -> NDArray[Any]:
        """A label's values as classes, those without a class as 0; objects that are told apart are numbered."""
        largest = max(int(values.max(initial=0)), *self.classes, 0)
        table = np.zeros(largest + 1, np.int16 if self.told_apart is None else np.int32)
        for value, index in self.classes.items():
            table[value] = index
        for value in range(largest + 1 if self.objects is None else self.objects, largest + 1):
            if self.is_object(value):
                first = self.told_apart
                table[value] = self.class_of(value) if first is None else first + value - (self.objects or 0)
        classes: NDArray[Any] = table[values]
        return classes


def labelled_images(
    datastore: Datastore,
    labels: Mapping[str, int],
    values: Mapping[str, int],
    ignore: int | str | None,
    note: Callable[[str], None],
    instances: str | None = None,
) -> list[LabelledImage]:
    """The images with a final label; one whose label is gone is named and left out.

    Args:
        datastore: Where they are.
        labels: The structures to learn, name to class.
        values: The labels' values now: what a file's values mean where its own info does not say, or says it with a
            name that was changed since.
        ignore: The value, or the name, of voxels of which nobody has said what they are.
        note: Told of what is left out.
        instances: The label whose objects are told apart.

    Raises:
        TaskError: There are none.
    """
    found = []
    told_apart = None if instances is None else max(labels.values(), default=0) + 1
    for image_id in datastore.get_labeled_images():
        try:
            info = datastore.get_label_info(image_id, FINAL)
            names = {**values, **_file_values(info)}
            version = datastore.current_version(image_id)
            number = version.number if version is not None else 0
            image, label = datastore.get_image_uri(image_id), datastore.get_label_uri(image_id, FINAL)
        except UnreachableError:
            raise
        except DatastoreError as error:
            note(f"image {image_id!r} is left out: {error}")
            continue
        classes = {names[name]: index for name, index in labels.items() if name in names}
        ignored = names.get(ignore) if isinstance(ignore, str) else ignore
        if ignored is not None:
            classes[ignored] = IGNORED
        named = frozenset(names.values()) | frozenset(classes)
        objects = _first_object(info, names, instances)
        found.append(LabelledImage(image_id, Path(image), Path(label), number, classes, named, objects, told_apart))
    if not found:
        raise TaskError("there are no labels to learn from yet: save the label of at least one image")
    return found


def _file_values(info: Mapping[str, Any]) -> dict[str, int]:
    names = info.get("labels")
    if not isinstance(names, Mapping):
        return {}
    return {str(name): value for name, value in names.items() if isinstance(value, int) and value >= 0}


def _first_object(info: Mapping[str, Any], names: Mapping[str, int], instances: str | None) -> int | None:
    """The least value of an object: of the label that is asked for, else of the one that the file says it holds."""
    if instances is not None:
        return names.get(instances)
    kept = info.get("instances")
    return names.get(kept) if isinstance(kept, str) else None
