"""Which images a scoring is about."""

from __future__ import annotations

from collections.abc import Iterable

from jlabel.datastores import FINAL, Datastore
from jlabel.errors import DatastoreError, TaskError, UnreachableError

UNLABELED, ALL = "unlabeled", "all"


def chosen_images(datastore: Datastore, images: str | Iterable[str]) -> list[str]:
    """The ids that are meant: ``"unlabeled"`` (without a final label), ``"all"``, or ids.

    Raises:
        TaskError: Another word.
        DatastoreError: There is no such image.
    """
    if images == UNLABELED:
        return datastore.get_unlabeled_images()
    if images == ALL:
        return datastore.list_images()
    if isinstance(images, str):
        raise TaskError(f"images is 'unlabeled', 'all' or a list of ids, not {images!r}")
    ids = list(images)
    for image_id in ids:
        datastore.get_image_info(image_id)
    return ids


def is_gone(datastore: Datastore, image_id: str) -> bool:
    """Whether an image was deleted, from the datastore or from the disk."""
    return not datastore.is_there(image_id)


def is_labelled(datastore: Datastore, image_id: str) -> bool:
    """Whether an image has a final label by now."""
    try:
        return FINAL in datastore.get_labels_by_image_id(image_id)
    except UnreachableError:
        raise
    except DatastoreError:
        return False
