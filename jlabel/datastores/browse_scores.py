"""Pages of the list of images with their scores, from the catalogue's rows: the highest score first.

The keys of all images, those of labels and the order of a set of scores are read as arrays, each in one step from an
index that holds all of it, and put together here: a page in the middle of a long list takes no longer than the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Select, func, literal_column, select, union_all

from jlabel.datastores.browsing import ScoreKey
from jlabel.datastores.database.statements import is_whole_number, listed
from jlabel.datastores.image_queue import chunks
from jlabel.datastores.score_queue import LABELED
from jlabel.datastores.score_values import as_float
from jlabel.datastores.tables import ImageRow, ScoreRow, ScoreSetRow

# What is no number sorts above all numbers: it counts as no score.
_LARGEST = 1.7e308

Keys = NDArray[np.int64]


def find_set(connection: Connection, key: ScoreKey) -> int | None:
    """The row of a set of scores; None where there are none such."""
    same = (ScoreSetRow.method == key.method, ScoreSetRow.model == key.model, ScoreSetRow.version == key.version)
    return connection.scalar(select(ScoreSetRow.pk).where(*same))


def scores_of(connection: Connection, set_pk: int | None, pks: Sequence[int]) -> dict[int, float]:
    """The scores of these images, of those that have one."""
    if set_pk is None:
        return {}
    query = select(ScoreRow.image_pk, ScoreRow.value).where(ScoreRow.set_pk == set_pk, ScoreRow.image_pk.in_(pks))
    # More conditions would have SQLite walk through the index of scores instead.
    values = {pk: as_float(value) for pk, value in connection.execute(query)}
    return {pk: value for pk, value in values.items() if value == value}


def keys(connection: Connection, query: Select[Any]) -> Keys:
    """The keys that a query of one column gives, in its order."""
    # One text of all of them: a row of Python for each takes five times as long. Both databases keep the order of the
    # inner query, since that is what the text depends on.
    text = connection.scalar(select(listed(query.subquery().c[0])))
    return np.fromstring(text, dtype=np.int64, sep=",") if text else np.empty(0, np.int64)


def in_state(images: Keys, state: str, final: Keys, model: Keys | None) -> Keys:
    """Those of the images that are in a state.

    Args:
        images: Keys, in the order that is kept.
        state: ``"final"``, ``"model"`` or ``"unlabelled"``.
        final: The images with a label that a person made.
        model: Those with one that a model made; not asked for the first state.
    """
    has_final = np.isin(images, final)
    if state == "final" or model is None:
        return images[has_final]
    has_model = np.isin(images, model)
    return images[~has_final & (has_model if state == "model" else ~has_model)]


def by_score(connection: Connection, set_pk: int, images: Keys, offset: int, limit: int) -> list[Any]:
    """Keys and ids of a page: images by score, the highest first and then by id, and after them those without, by id.

    Args:
        connection: To the catalogue.
        set_pk: The row of the set of scores.
        images: The keys of all images of the list, by id.
        offset: The first of the page.
        limit: How many at most.
    """
    order = _highest_first(connection, set_pk)
    scored = order[np.isin(order, images)]
    page = scored[offset : offset + limit]
    if len(page) < limit:
        unscored = images[np.isin(images, scored, invert=True)]
        begin = max(0, offset - len(scored))
        page = np.concatenate([page, unscored[begin : begin + limit - len(page)]])
    return with_ids(connection, page)


def at_least(connection: Connection, set_pk: int | None, images: Keys, least: float, order: str) -> Keys:
    """Those of the images whose score is not less than this.

    Args:
        connection: To the catalogue.
        set_pk: The row of the set of scores; None where there are none.
        images: The keys of all images of the list, by id.
        least: The least score.
        order: ``"id"``, or ``"score"``: the highest first, then by id.
    """
    if set_pk is None:
        return images[:0]
    found = _highest_first(connection, set_pk, ScoreRow.value >= least)
    return found[np.isin(found, images)] if order == "score" else images[np.isin(images, found)]


def _highest_first(connection: Connection, set_pk: int, *within: ColumnElement[bool]) -> Keys:
    """The keys of the images with a score, the highest first, then by id."""
    # A catalogue that somebody else wrote may have any text in the place of a key.
    number = is_whole_number(ScoreRow.image_pk)
    scored = select(ScoreRow.image_pk).where(ScoreRow.set_pk == set_pk, *within, ScoreRow.value <= _LARGEST, number)
    return keys(connection, scored.order_by(ScoreRow.value.desc(), ScoreRow.image_id))


def with_ids(connection: Connection, page: Keys) -> list[Any]:
    """The keys of a page with the ids of their images."""
    ids: dict[int, str] = {}
    for chunk in chunks(page.tolist()):
        rows = connection.execute(select(ImageRow.pk, ImageRow.id).where(ImageRow.pk.in_(chunk)))
        ids |= {row.pk: row.id for row in rows}
    return [(pk, ids[pk]) for pk in page.tolist()]


def first_by_score(connection: Connection, set_pk: int, offset: int, limit: int) -> list[Any]:
    """As :func:`by_score`, of all images that have a score: fast where few are passed over.

    Each queue is an ordered list already; they are merged.
    """
    queues = list(connection.scalars(_queues(set_pk)))
    if not queues:
        return []
    value: ColumnElement[float] = literal_column("value")
    image_id: ColumnElement[str] = literal_column("id")
    columns = (ScoreRow.image_pk.label("pk"), ScoreRow.image_id.label("id"), ScoreRow.value.label("value"))
    scored = select(*columns).where(ScoreRow.set_pk == set_pk, ScoreRow.value <= _LARGEST)
    merged = union_all(*(scored.where(ScoreRow.queue == queue) for queue in queues))
    rows = connection.execute(merged.order_by(value.desc(), image_id).limit(limit).offset(offset))
    return [(pk, found) for pk, found, _ in rows]


def _queues(set_pk: int) -> Select[Any]:
    """The queues in which images of this set stand, each found by a step in the index and not by a walk through it."""
    first = select(func.min(ScoreRow.queue).label("queue")).where(ScoreRow.set_pk == set_pk)
    found = first.where(ScoreRow.queue >= LABELED).cte("found", recursive=True)
    following = (
        select(func.min(ScoreRow.queue))
        .where(ScoreRow.set_pk == set_pk, ScoreRow.queue > found.c.queue)
        .scalar_subquery()
    )
    steps = found.union_all(select(following).where(found.c.queue.is_not(None)))
    return select(steps.c.queue).where(steps.c.queue.is_not(None))
