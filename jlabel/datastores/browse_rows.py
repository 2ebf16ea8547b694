"""Pages of the list of images, from the catalogue's rows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, and_, except_, exists, func, not_, select

from jlabel.datastores.base import FINAL, ORIGINAL
from jlabel.datastores.browsing import ImageEntry, ImagePage, ImageState
from jlabel.datastores.models import PRESENT, ImageRow, LabelRow, VersionRow
from jlabel.datastores.queue import chunks

_FEW = 2000


def browse(
    connection: Connection,
    search: str,
    state: str | None,
    offset: int,
    limit: int,
    tag: str,
    drafts: Collection[str],
) -> ImagePage:
    """See :meth:`jlabel.datastores.Datastore.browse`; ``drafts`` are the ids of images with an unsaved draft."""
    listed = select(ImageRow.pk, ImageRow.id).where(ImageRow.state == PRESENT, *_found(search))
    if state == "draft":
        rows = [row for chunk in chunks(sorted(drafts)) for row in connection.execute(listed.where(_one_of(chunk)))]
        rows.sort(key=lambda row: row.id)
        return _page(connection, rows[offset : offset + limit], len(rows), tag, drafts)
    total = _total(connection, search, state, tag)
    # Where many images are passed over, a list of all labelled ones is worth the time that it takes to make.
    has = _is_among if min(offset, total - offset) > _FEW else _has
    query = listed.where(*_in_state(state, has(tag), has(ORIGINAL)))
    return _page(connection, _rows(connection, query, offset, limit, total), total, tag, drafts)


def _total(connection: Connection, search: str, state: str | None, tag: str) -> int:
    """How many images are listed: lists of their keys, all in order, are merged, and no label is looked up for any."""
    images = select(ImageRow.pk).where(ImageRow.state == PRESENT, *_found(search))
    keys: Select[int] | CompoundSelect[int] = images
    if state == "final":
        keys = _of_listed(_labelled(tag), search)
    elif state == "model":
        keys = except_(_of_listed(_labelled(ORIGINAL), search), _labelled(tag))
    elif state == "unlabelled":
        keys = except_(images, _labelled(tag), _labelled(ORIGINAL))
    if state is not None:
        keys = keys.order_by("pk")
    return connection.scalar(select(func.count()).select_from(keys.subquery())) or 0


def _labelled(tag: str) -> Select[int]:
    return select(LabelRow.image_pk.label("pk")).where(LabelRow.tag == tag, LabelRow.number.is_not(None))


def _of_listed(labelled: Select[int], search: str) -> Select[int]:
    joined = labelled.join(ImageRow, ImageRow.pk == LabelRow.image_pk)
    return joined.where(ImageRow.state == PRESENT, *_found(search))


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
        return ImageRow.queue.is_(None)
    current = _labelled(tag).where(LabelRow.image_pk == ImageRow.pk)
    # Else SQLite takes the index that does not hold the number, and reads every label.
    return exists(current.with_hint(LabelRow, "INDEXED BY label_tag_image_number", "sqlite").correlate(ImageRow))


def _is_among(tag: str) -> ColumnElement[bool]:
    return _has(tag) if tag == FINAL else ImageRow.pk.in_(_labelled(tag))


def _found(search: str) -> list[ColumnElement[bool]]:
    if not search:
        return []
    if search.isascii():
        # LIKE takes no notice of case here, and it is several times as quick as a function of ours.
        return [ImageRow.id.like(f"%{_literally(search)}%", escape="~")]
    return [func.casefold(ImageRow.id).like(f"%{_literally(search.casefold())}%", escape="~")]


def _literally(text: str) -> str:
    return "".join(f"~{letter}" if letter in "~%_" else letter for letter in text)


def _one_of(ids: Collection[str]) -> ColumnElement[bool]:
    return ImageRow.id.in_(ids)


def _in_state(state: str | None, final: ColumnElement[bool], model: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    if state is None:
        return []
    if state == "final":
        return [final]
    return [not_(final), model if state == "model" else not_(model)]


def _page(connection: Connection, rows: list[Any], total: int, tag: str, drafts: Collection[str]) -> ImagePage:
    saved = _last_saves(connection, [row.pk for row in rows], tag)
    entries = []
    for pk, image_id in rows:
        final, model = saved.get((pk, tag)), saved.get((pk, ORIGINAL))
        state: ImageState = "final" if final is not None else "model" if model is not None else "unlabelled"
        author, time = final or model or (None, None)
        entries.append(ImageEntry(image_id, state, image_id in drafts, author, time))
    return ImagePage(tuple(entries), total)


def _last_saves(connection: Connection, pks: list[int], tag: str) -> dict[tuple[int, str], tuple[str | None, datetime]]:
    """Author and time of the current labels of these images, by image and tag."""
    current = and_(VersionRow.label_pk == LabelRow.pk, VersionRow.number == LabelRow.number)
    query = (
        select(LabelRow.image_pk, LabelRow.tag, VersionRow.author, VersionRow.time)
        .join(VersionRow, current)
        .where(LabelRow.image_pk.in_(pks), LabelRow.tag.in_((tag, ORIGINAL)))
    )
    return {(pk, at): (author, datetime.fromtimestamp(time, UTC)) for pk, at, author, time in connection.execute(query)}
