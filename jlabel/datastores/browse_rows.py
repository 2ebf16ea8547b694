"""Pages of the list of images, from the catalogue's rows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, not_, select

from jlabel.datastores.base import FINAL, ORIGINAL
from jlabel.datastores.browsing import ImageEntry, ImagePage, ImageState
from jlabel.datastores.models import PRESENT, ImageRow, LabelRow, VersionRow
from jlabel.datastores.queue import chunks


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
    conditions = [ImageRow.state == PRESENT, *_found(search), *_in_state(state, _has(tag), _has(ORIGINAL))]
    total = connection.scalar(select(func.count()).select_from(ImageRow).where(*conditions)) or 0
    query = select(ImageRow.pk, ImageRow.id).where(*conditions)
    rows = list(connection.execute(query.order_by(ImageRow.id).limit(limit).offset(offset)))
    return _page(connection, rows, total, tag, drafts)


def _has(tag: str) -> ColumnElement[bool]:
    # Images with a final label are those that wait in no queue, which is known without a look at the labels.
    if tag == FINAL:
        return ImageRow.queue.is_(None)
    labelled = select(LabelRow.image_pk).where(LabelRow.tag == tag, LabelRow.number.is_not(None))
    return ImageRow.pk.in_(labelled)


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
