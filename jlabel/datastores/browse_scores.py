"""Pages of the list of images with their scores, from the catalogue's rows: the highest score first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    except_,
    exists,
    func,
    literal_column,
    not_,
    select,
    union_all,
)

from jlabel.datastores import sqlite
from jlabel.datastores.browsing import ScoreKey
from jlabel.datastores.image_queue import UNSHOWN
from jlabel.datastores.label_version import FINAL, ORIGINAL
from jlabel.datastores.score_queue import LABELED
from jlabel.datastores.score_values import as_float
from jlabel.datastores.tables import ImageRow, LabelRow, ScoreRow, ScoreSetRow

_FEW = 2000
# What is no number sorts above all numbers: it counts as no score.
_LARGEST = 1.7e308


@dataclass(frozen=True)
class Listed:
    """Which images a list has.

    Attributes:
        search: The text that is in their ids; "" for any.
        state: Their state; None for any.
        tag: The tag of the labels that people made.
    """

    search: str
    state: str | None
    tag: str

    def queues(self, known: Iterable[int]) -> list[int]:
        """Those of the queues in which images of the list stand: under the usual tag they tell who is labelled."""
        if self.state is None or self.tag != FINAL:
            return list(known)
        return [queue for queue in known if (queue in (LABELED, UNSHOWN)) == (self.state == "final")]

    def conditions(self) -> list[ColumnElement[bool]]:
        """What else is so of their scores."""
        if self.state is None:
            return []
        final = [] if self.tag == FINAL else [_among(self.tag)]
        if self.state == "final":
            return final
        model = _among(ORIGINAL)
        return [*(not_(one) for one in final), model if self.state == "model" else not_(model)]


def _labelled(tag: str) -> Select[int]:
    return select(LabelRow.image_pk.label("pk")).where(LabelRow.tag == tag, LabelRow.number.is_not(None))


def _among(tag: str) -> ColumnElement[bool]:
    return ScoreRow.image_pk.in_(_labelled(tag))


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


def rows_by_score(
    connection: Connection, set_pk: int, listed: Listed, images: Select[int, str], offset: int, limit: int, total: int
) -> list[Any]:
    """Keys and ids of a page: images by score, the highest first and then by id, and after them those without, by id.

    Args:
        connection: To the catalogue.
        set_pk: The row of the set of scores.
        listed: Which images the list has.
        images: Their keys and ids.
        offset: The first of the page.
        limit: How many at most.
        total: How many images the list has.
    """
    if offset <= _FEW:
        rows = _scored_rows(connection, set_pk, listed, offset, limit)
        if len(rows) == limit:
            return rows
        known = offset + len(rows) if rows or offset == 0 else None
    else:
        rows, known = [], None
    scored = _count_scored(connection, set_pk, listed) if known is None else known
    if offset > _FEW:
        rows = _rows_of_known(connection, set_pk, listed, offset, min(limit, scored - offset), scored)
    left = min(limit, total - offset) - len(rows)
    if left > 0:
        rows += _unscored_rows(connection, set_pk, images, max(0, offset - scored), left, total - scored)
    return rows


def _has_value() -> tuple[ColumnElement[bool], ...]:
    return (ScoreRow.queue.is_not(None), ScoreRow.value <= _LARGEST)


def _scored(set_pk: int, listed: Listed) -> Select[int, str, float | None]:
    """The scores of the images of the list: the index of scores holds all that is looked at."""
    query = select(ScoreRow.image_pk.label("pk"), ScoreRow.image_id.label("id"), ScoreRow.value.label("value"))
    query = query.where(ScoreRow.set_pk == set_pk, ScoreRow.value <= _LARGEST, *listed.conditions())
    return query.where(sqlite.contains(ScoreRow.image_id, listed.search)) if listed.search else query


def _count_scored(connection: Connection, set_pk: int, listed: Listed) -> int:
    """How many images of the list have a score: lists of keys, all in order, are merged."""
    final, model = _labelled(listed.tag), _labelled(ORIGINAL)
    if listed.state is None:
        return _count_but(connection, set_pk, listed)
    if listed.state == "unlabelled":
        return _count_but(connection, set_pk, listed, final, model)
    not_final = _count_but(connection, set_pk, listed, final)
    if listed.state == "final":
        return _count_but(connection, set_pk, listed) - not_final
    return not_final - _count_but(connection, set_pk, listed, final, model)


def _count_but(connection: Connection, set_pk: int, listed: Listed, *without: Select[int]) -> int:
    keys = select(ScoreRow.image_pk.label("pk")).where(ScoreRow.set_pk == set_pk)
    valueless = [keys.where(ScoreRow.queue.is_(None))]
    for queue in connection.scalars(_queues(set_pk)):
        of_queue = keys.where(ScoreRow.queue == queue)
        valueless += [of_queue.where(ScoreRow.value.is_(None)), of_queue.where(ScoreRow.value > _LARGEST)]
    keys = keys.where(ScoreRow.image_pk.not_in(union_all(*valueless)))
    if listed.search:
        keys = keys.where(sqlite.contains(ScoreRow.image_id, listed.search))
    rows = except_(keys, *without).order_by("pk").subquery() if without else keys.subquery()
    return connection.scalar(select(func.count()).select_from(rows)) or 0


def _scored_rows(
    connection: Connection, set_pk: int, listed: Listed, offset: int, limit: int, *, backwards: bool = False
) -> list[Any]:
    """Each queue is an ordered list already; they are merged."""
    queues = listed.queues(connection.scalars(_queues(set_pk)))
    if not queues:
        return []
    value: ColumnElement[float] = literal_column("value")
    image_id: ColumnElement[str] = literal_column("id")
    order = (value, image_id.desc()) if backwards else (value.desc(), image_id)
    merged = union_all(*(_of_queue(set_pk, listed, queue) for queue in queues))
    rows = connection.execute(merged.order_by(*order).limit(limit).offset(offset))
    return [(pk, found) for pk, found, _ in rows]


def _rows_of_known(
    connection: Connection, set_pk: int, listed: Listed, offset: int, limit: int, total: int
) -> list[Any]:
    """Of so many scored images, reached from the end that is nearer."""
    after = total - offset - limit
    if limit <= 0:
        return []
    if offset <= after:
        return _scored_rows(connection, set_pk, listed, offset, limit)
    return _scored_rows(connection, set_pk, listed, after, limit, backwards=True)[::-1]


def _of_queue(set_pk: int, listed: Listed, queue: int) -> Select[int, str, float | None]:
    return _scored(set_pk, listed).where(ScoreRow.queue == queue)


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


def _unscored_rows(
    connection: Connection, set_pk: int, images: Select[int, str], offset: int, limit: int, total: int
) -> list[Any]:
    score = select(ScoreRow.image_pk).where(ScoreRow.set_pk == set_pk, ScoreRow.image_pk == ImageRow.pk)
    query = images.where(not_(exists(score.where(*_has_value()).correlate(ImageRow))))
    after = total - offset - limit
    if offset <= after:
        return list(connection.execute(query.order_by(ImageRow.id).limit(limit).offset(offset)))
    rows = connection.execute(query.order_by(ImageRow.id.desc()).limit(limit).offset(max(0, after)))
    return list(rows)[::-1]
