"""A list of images that an author's ``pre_process`` makes, in the place of the labelled images of the studies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jlabel.errors import TaskError

Items = list[dict[str, Any]]


def split_datalist(given: Sequence[Mapping[str, Any]], judged: set[str], share: float) -> tuple[Items, Items]:
    """What to learn from, and what to judge by.

    An item of an image of the studies is on the side of that image. Others are split in their order, the last ones to
    judge by: slices of one volume follow each other, and stay together but for those at the border.

    Args:
        given: ``{"image": path, "label": path}`` of each, and whatever else the transforms need.
        judged: The files of the images that are kept to judge by.
        share: The share of other items to judge by, 0 to 1.

    Raises:
        TaskError: An item has no image, or there are none.
    """
    items: Items = []
    for index, item in enumerate(given):
        if "image" not in item:
            raise TaskError(
                f"item {index} of pre_process has no 'image', only {', '.join(map(str, item)) or 'nothing'}"
            )
        items.append({"id": str(item.get("id", item["image"])), "version": 0, **item})
    if not items:
        raise TaskError("pre_process has made no images to learn from")
    known = [item for item in items if str(item["image"]) in judged]
    others = [item for item in items if str(item["image"]) not in judged]
    count = 0 if known else min(len(others) - 1, round(len(others) * share))
    return others[: len(others) - count], known + others[len(others) - count :]
