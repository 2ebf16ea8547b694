"""What a training learns from and is judged by: by default the images with a label, each with its label's file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from jlabel.datastores import Datastore
from jlabel.errors import TaskError
from jlabel.tasks.author_hook import call_hook
from jlabel.training.label_contents import check_structures
from jlabel.training.labelled_images import LabelledImage, labelled_images
from jlabel.training.own_datalist import split_datalist
from jlabel.training.split import split_images


@dataclass(frozen=True)
class LearningSet:
    """What a training learns from.

    Attributes:
        labels: What is learnt, name to class.
        train: ``{"image": path, "label": …, "id": image id, "version": number}`` of each image to learn from.
        val: The same of the images to judge by.
        images: The images whose ``"label"`` is the path of a label file; none where it is something else.
    """

    labels: Mapping[str, int]
    train: list[dict[str, Any]]
    val: list[dict[str, Any]]
    images: Sequence[LabelledImage] = ()


class LabelTask(Protocol):
    """What is asked of a task that learns from label files."""

    labels: dict[str, int]
    ignore: int | str | None

    def pre_process(self, request: Mapping[str, Any], datastore: Datastore) -> Sequence[Mapping[str, Any]] | None:
        """Images to learn from, in the place of those of the studies."""


def labelled_set(
    task: LabelTask, request: Mapping[str, Any], share: float, datastore: Datastore, note: Callable[[str], None]
) -> LearningSet:
    """The images with a final label, or what the author makes of them.

    Args:
        task: The train task.
        request: As for its call.
        share: The share of images to judge by, 0 to 1.
        datastore: Where the images are.
        note: Told of what is left out.

    Raises:
        TaskError: There are none, or no label holds what is to be learnt.
    """
    values = {str(name): int(value) for name, value in dict(request.get("labels", {})).items()}
    ignored = task.ignore if isinstance(task.ignore, str) else None
    names = [name for name, value in values.items() if name != ignored and value != task.ignore]
    labels = task.labels or {name: index for index, name in enumerate(names, start=1)}
    images = labelled_images(datastore, labels, values, task.ignore, note, getattr(task, "instances", None))
    learnt, judged = split_images(datastore, [image.id for image in images], share)
    if not learnt:
        raise TaskError("every labelled image is kept to judge models by: label one more to learn from")
    check_structures([image for image in images if image.id in set(learnt)], labels)
    items = {image.id: image.item() for image in images}
    train, val = [items[image_id] for image_id in learnt], [items[image_id] for image_id in judged]
    made = call_hook(task.pre_process, request, datastore)
    if made is not None:
        train, val = split_datalist(made, {str(item["image"]) for item in val}, share)
    return LearningSet(labels, train, val, images)
