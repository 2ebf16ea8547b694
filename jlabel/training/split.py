"""Which images a model learns from and which it is judged by: decided once for each image and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from jlabel.datastores import Datastore

TRAINING, VALIDATION = "training", "validation"
_KEY = "split"


def split_images(datastore: Datastore, image_ids: Sequence[str], share: float) -> tuple[list[str], list[str]]:
    """The images to learn from and those to judge by.

    What an image is used for is written down in the datastore and never changes, so that no model is judged by an image
    that it, or the one it grew from, has learnt from. Images that come new are taken in an order that depends on their
    ids alone, and fill up the share of those to judge by; of two images or more, one at least is judged by.

    Args:
        datastore: Keeps the decisions, in the image's info under ``split``.
        image_ids: Images with labels.
        share: How many of them are to judge by, 0 to 1; 0 decides nothing and gives all that are not kept back.
    """
    kept = {image_id: datastore.get_image_info(image_id).get(_KEY) for image_id in image_ids}
    new = sorted((image_id for image_id, use in kept.items() if use not in (TRAINING, VALIDATION)), key=_shuffled)
    if share > 0:
        wanted = max(round(share * len(image_ids)), min(1, len(image_ids) - 1))
        lacking = wanted - sum(use == VALIDATION for use in kept.values())
        for number, image_id in enumerate(new):
            # The first image of all is learnt from: without one there is nothing to judge.
            kept[image_id] = VALIDATION if number < lacking else TRAINING
            datastore.update_image_info(image_id, {_KEY: kept[image_id]})
    learnt = [image_id for image_id in image_ids if kept[image_id] != VALIDATION]
    return learnt, [image_id for image_id in image_ids if kept[image_id] == VALIDATION]


def _shuffled(image_id: str) -> str:
    return hashlib.sha256(image_id.encode()).hexdigest()
