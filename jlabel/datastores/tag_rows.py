"""The tags of images in the catalogue's rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, String, or_, select, type_coerce

from jlabel.datastores.browse_scores import Keys
from jlabel.datastores.catalogue import dumps
from jlabel.datastores.image_tags import TAG_MARK, ImageTag, TagFilter, all_tags
from jlabel.datastores.tables import PRESENT, ImageRow


def noted(connection: Connection, classification: str) -> Sequence[Any]:
    """Keys, ids and infos of the images of whose tag in a classification something was noted, by id."""
    columns = select(ImageRow.pk, ImageRow.id, ImageRow.info).where(ImageRow.state == PRESENT)
    return connection.execute(columns.where(_mentions(classification)).order_by(ImageRow.id)).all()


def in_filter(connection: Connection, images: Keys, wanted: TagFilter) -> Keys:
    """Those of the images that are meant, in their order.

    Args:
        connection: To the catalogue.
        images: Their keys.
        wanted: Which tag they are to have.
    """
    rows = noted(connection, wanted.classification)
    if wanted.value is None:
        given = np.array([row.pk for row in rows if not wanted.has(row.info)], np.int64)
        return images[~np.isin(images, given)]
    return images[np.isin(images, np.array([row.pk for row in rows if wanted.has(row.info)], np.int64))]


def tags_of(connection: Connection, pks: Sequence[int]) -> dict[int, tuple[ImageTag, ...]]:
    """The tags of these images, of those that have one."""
    text = type_coerce(ImageRow.info, String)
    marked = or_(*(text.contains(mark, autoescape=True) for mark in TAG_MARK))
    rows = connection.execute(select(ImageRow.pk, ImageRow.info).where(ImageRow.pk.in_(pks), marked))
    return {pk: all_tags(info) for pk, info in rows}


def _mentions(classification: str) -> ColumnElement[bool]:
    """Whether an info has a tag of it; most have none, and are not read."""
    text = type_coerce(ImageRow.info, String)
    # The name as it is written in JSON, whether with letters of any alphabet or with their numbers.
    spellings = {dumps(classification)[1:-1], json.dumps(classification)[1:-1]}
    return or_(*(text.contains(f"{mark}{name}", autoescape=True) for mark in TAG_MARK for name in sorted(spellings)))
