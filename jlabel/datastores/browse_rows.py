"""Pages of the list of images, from the catalogue's rows."""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeAlias, get_args

import numpy as np
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    except_,
    exists,
    false,
    func,
    not_,
    or_,
    select,
)

from jlabel.datastores import browse_scores, tag_rows
from jlabel.datastores.browsing import ImageEntry, ImageOrder, ImagePage, ImageState, ScoreKey, WorkState
from jlabel.datastores.database.statements import contains, with_index
from jlabel.datastores.image_queue import UNREADABLE, UNSHOWN, chunks
from jlabel.datastores.image_tags import TagFilter
from jlabel.datastores.label_version import FINAL, ORIGINAL
from jlabel.datastores.safe_names import is_unicode
from jlabel.datastores.tables import PRESENT, ImageRow, LabelRow, VersionRow
from jlabel.datastores.work_states import in_work_state, work_of, work_state

_FEW = 2000
# Images that are passed over at the beginning of the list by score.
_FIRST = 500
# No path is longer, and a database takes no pattern of any length.
_LONGEST_PATH = 4096
# The conditions that a search is.
_Found: TypeAlias = list[ColumnElement[bool]]


def browse(
    connection: Connection,
    search: str,
    state: str | None,
    offset: int,
    limit: int,
    tag: str,
    drafts: Collection[str],
    scores: ScoreKey | None = None,
    order: ImageOrder = "id",
    least_score: float | None = None,
    tagged: TagFilter | None = None,
    now: float = 0.0,
) -> ImagePage:
    """See :meth:`jlabel.datastores.Datastore.browse`; ``drafts`` are the ids of images with an unsaved draft, ``now``
    is the time by which leases run out."""
    scored = None if scores is None else browse_scores.find_set(connection, scores)
    page = partial(_page, connection, tag=tag, drafts=drafts, scored=scored, now=now)
    found = _found(connection, search)
    listed = select(ImageRow.pk, ImageRow.id).where(ImageRow.state == PRESENT, *found)
    few = _few(connection, listed, state, drafts)
    worked: Any = state if state in get_args(WorkState) else None
    if least_score is not None or tagged is not None or worked is not None:
        images = _keys_by_id(few) if few is not None else _listed(connection, found, state, tag, worked, now)
        images = images if tagged is None else tag_rows.in_filter(connection, images, tagged)
        if least_score is not None:
            images = browse_scores.at_least(connection, scored, images, least_score, order)
        elif order == "score" and scored is not None:
            return page(browse_scores.by_score(connection, scored, images, offset, limit), len(images))
        return page(browse_scores.with_ids(connection, images[offset : offset + limit]), len(images))
    if few is not None:
        rows = _ordered(connection, few, scored if order == "score" else None)
        return page(rows[offset : offset + limit], len(rows))
    if order == "score" and scored is not None:
        return page(*_by_score(connection, found, state, offset, limit, tag, scored))
    # Where many images are passed over, lists of all keys are worth the time that it takes to make them.
    if state is not None and offset > _FEW:
        images = _listed(connection, found, state, tag)
        return page(browse_scores.with_ids(connection, images[offset : offset + limit]), len(images))
    total = _total(connection, found, state, tag)
    query = listed.where(*_in_state(state, _has(tag), _has(ORIGINAL)))
    return page(_rows(connection, query, offset, limit, total), total)


def _few(
    connection: Connection, listed: Select[int, str], state: str | None, drafts: Collection[str]
) -> list[Any] | None:
    """The images in a state that few are in; None for the other states."""
    if state == "unreadable":
        return list(connection.execute(listed.where(ImageRow.queue.in_((UNREADABLE, UNSHOWN)))))
    if state == "draft":
        return [row for chunk in chunks(sorted(drafts)) for row in connection.execute(listed.where(_one_of(chunk)))]
    return None


def _keys_by_id(rows: list[Any]) -> browse_scores.Keys:
    return np.array([row.pk for row in sorted(rows, key=lambda row: row.id)], np.int64)


def _by_score(
    connection: Connection, found: _Found, state: str | None, offset: int, limit: int, tag: str, scored: int
) -> tuple[list[Any], int]:
    """A page by score, and how many images are listed."""
    if state is None and not found and offset <= _FIRST:
        rows = browse_scores.first_by_score(connection, scored, offset, limit)
        if len(rows) == limit:
            return rows, _total(connection, found, state, tag)
    images = _listed(connection, found, state, tag)
    return browse_scores.by_score(connection, scored, images, offset, limit), len(images)


def _listed(
    connection: Connection,
    found: _Found,
    state: str | None,
    tag: str,
    worked: WorkState | None = None,
    now: float = 0.0,
) -> browse_scores.Keys:
    """The keys of all images of a list, by id."""
    query = select(ImageRow.pk).where(ImageRow.state == PRESENT, *found).order_by(ImageRow.id)
    if worked is not None:
        query = query.where(*in_work_state(worked, _has(tag), tag, now))
    images = browse_scores.keys(connection, query)
    if state is None or worked is not None:
        return images
    final = browse_scores.keys(connection, _labelled(tag))
    model = None if state == "final" else browse_scores.keys(connection, _labelled(ORIGINAL))
    return browse_scores.in_state(images, state, final, model)


def _ordered(connection: Connection, rows: list[Any], scored: int | None) -> list[Any]:
    """A few rows by id, or by their scores."""
    values: dict[int, float] = {}
    for chunk in chunks([row.pk for row in rows]):
        values |= browse_scores.scores_of(connection, scored, list(chunk))
    return sorted(rows, key=lambda row: (-values.get(row.pk, -math.inf), row.id))


def _total(connection: Connection, found: _Found, state: str | None, tag: str) -> int:
    """How many images are listed: lists of their keys, all in order, are merged, and no label is looked up for any."""
    images = select(ImageRow.pk).where(ImageRow.state == PRESENT, *found)
    keys: Select[int] | CompoundSelect[int] = images
    if state == "final":
        keys = _of_listed(_labelled(tag), found)
    elif state == "model":
        keys = except_(_of_listed(_labelled(ORIGINAL), found), _labelled(tag))
    elif state == "unlabelled":
        keys = except_(images, _labelled(tag), _labelled(ORIGINAL))
    if state is not None:
        keys = keys.order_by("pk")
    return connection.scalar(select(func.count()).select_from(keys.subquery())) or 0


def _labelled(tag: str) -> Select[int]:
    return select(LabelRow.image_pk.label("pk")).where(LabelRow.tag == tag, LabelRow.number.is_not(None))


def _of_listed(labelled: Select[int], found: _Found) -> Select[int]:
    joined = labelled.join(ImageRow, ImageRow.pk == LabelRow.image_pk)
    return joined.where(ImageRow.state == PRESENT, *found)


def _rows(connection: Connection, query: Select[int, str], offset: int, limit: int, total: int) -> list[Any]:
    """A page by id, reached from the end of the list that is nearer."""
    after = total - offset - limit
    if offset <= after:
        return list(connection.execute(query.order_by(ImageRow.id).limit(limit).offset(offset)))
    count = min(limit, total - offset)
    if count <= 0:
        return []
    rows = connection.execute(query.order_by(ImageRow.id.desc()).limit(count).offset(max(0, after)))
    return list(rows)[::-1]


def _has(tag: str) -> ColumnElement[bool]:
    # Images with a final label are those that wait in no queue, which is known without a look at the labels.
    if tag == FINAL:
        return or_(ImageRow.queue.is_(None), ImageRow.queue == UNSHOWN)
    current = _labelled(tag).where(LabelRow.image_pk == ImageRow.pk)
    # Else SQLite takes the index that does not hold the number, and reads every label.
    return exists(with_index(current, LabelRow, "label_tag_image_number").correlate(ImageRow))


def _found(connection: Connection, search: str) -> _Found:
    if not search:
        return []
    if len(search) > _LONGEST_PATH or "\0" in search or not is_unicode(search):
        return [false()]
    return [contains(connection, ImageRow.id, search)]


def _one_of(ids: Collection[str]) -> ColumnElement[bool]:
    return ImageRow.id.in_(ids)


def _in_state(state: str | None, final: ColumnElement[bool], model: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    if state is None:
        return []
    if state == "final":
        return [final]
    return [not_(final), model if state == "model" else not_(model)]


def _page(
    connection: Connection,
    rows: list[Any],
    total: int,
    tag: str,
    drafts: Collection[str],
    scored: int | None,
    now: float,
) -> ImagePage:
    values = browse_scores.scores_of(connection, scored, [pk for pk, _ in rows])
    saved = _last_saves(connection, [pk for pk, _ in rows], tag)
    troubled = _troubled(connection, [pk for pk, _ in rows])
    tags = tag_rows.tags_of(connection, [pk for pk, _ in rows])
    held, verdicts = work_of(connection, [pk for pk, _ in rows], tag, now)
    entries = []
    for pk, image_id in rows:
        final, model = saved.get((pk, tag)), saved.get((pk, ORIGINAL))
        state: ImageState = "final" if final is not None else "model" if model is not None else "unlabelled"
        state = troubled.get(pk, state)
        author, time = final or model or (None, None)
        score, shown = values.get(pk), tags.get(pk, ())
        holder, purpose = held.get(pk, (None, None))
        work = work_state(final is not None, purpose, verdicts.get(pk))
        entries.append(ImageEntry(image_id, state, image_id in drafts, author, time, score, shown, work, holder))
    return ImagePage(tuple(entries), total)


def _troubled(connection: Connection, pks: list[int]) -> dict[int, ImageState]:
    """Which of these images cannot be read, and which have a label that cannot be shown."""
    states: dict[int | None, ImageState] = {UNREADABLE: "unreadable", UNSHOWN: "unshown"}
    query = select(ImageRow.pk, ImageRow.queue).where(ImageRow.pk.in_(pks), ImageRow.queue.in_((UNREADABLE, UNSHOWN)))
    return {pk: states[queue] for pk, queue in connection.execute(query)}


def _last_saves(connection: Connection, pks: list[int], tag: str) -> dict[tuple[int, str], tuple[str | None, datetime]]:
    """Author and time of the current labels of these images, by image and tag."""
    current = and_(VersionRow.label_pk == LabelRow.pk, VersionRow.number == LabelRow.number)
    query = (
        select(LabelRow.image_pk, LabelRow.tag, VersionRow.author, VersionRow.time)
        .join(VersionRow, current)
        .where(LabelRow.image_pk.in_(pks), LabelRow.tag.in_((tag, ORIGINAL)))
    )
    return {(pk, at): (author, datetime.fromtimestamp(time, UTC)) for pk, at, author, time in connection.execute(query)}
