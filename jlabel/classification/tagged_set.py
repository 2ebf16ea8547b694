"""What a classification learns from: the images whose class a person has given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from jlabel.datastores import Datastore
from jlabel.errors import TaskError
from jlabel.labels.classification import Classification
from jlabel.training.learning_set import LearningSet
from jlabel.training.split import split_images


def classes_by_person(datastore: Datastore, known: Classification) -> dict[str, str]:
    """The images to which a person has given one of the classes, id to class."""
    tags = datastore.tagged_images(known.name).items()
    return {image_id: tag.value for image_id, tag in tags if tag.by_person and tag.value in known.classes}


def lacking_classes(datastore: Datastore, known: Classification) -> str:
    """What a person is to do before there is something to tell apart; empty where there is."""
    return _lacking(known, classes_by_person(datastore, known))


def _lacking(known: Classification, given: Mapping[str, str]) -> str:
    counts = Counter(given.values())
    if len(counts) > 1:
        return ""
    begin = "No image is tagged yet" if not counts else f"All tagged images are {next(iter(counts))!r}"
    wanted = " or ".join(repr(one) for one in known.classes if one not in counts)
    if not counts:
        wanted = " and some as ".join(repr(one) for one in known.classes[:2])
    return f"{begin}: tag some as {wanted} ({known.name})"


def tagged_set(datastore: Datastore, known: Classification, share: float, note: Callable[[str], None]) -> LearningSet:
    """The images to learn from and those to judge by, of each class about the same share.

    Args:
        datastore: Where the images are.
        known: What is learnt.
        share: The share of images to judge by, 0 to 1.
        note: Told of classes that no image has.

    Raises:
        TaskError: There is nothing to tell apart.
    """
    given = classes_by_person(datastore, known)
    lacking = _lacking(known, given)
    if lacking:
        raise TaskError(lacking)
    learnt, judged = list[str](), list[str]()
    for one in known.classes:
        some, others = split_images(datastore, [image for image, value in given.items() if value == one], share)
        if not some:
            note(f"no image is there to learn {one!r} from" + ("; all are kept to judge models by" if others else ""))
        learnt, judged = learnt + some, judged + others
    if len({given[image] for image in learnt}) < 2:
        raise TaskError("all images to learn from are of one class: tag more of the other classes")
    labels = {name: index for index, name in enumerate(known.classes)}
    files = datastore.image_uris([*learnt, *judged])

    def items(images: list[str]) -> list[dict[str, Any]]:
        there = (one for one in images if one in files)
        return [{"image": files[one], "label": labels[given[one]], "id": one, "version": 0} for one in there]

    return LearningSet(labels, items(learnt), items(judged))
