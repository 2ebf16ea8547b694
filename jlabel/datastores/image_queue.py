"""Who is next: images without a final label, in a queue from which any one is drawn in logarithmic time.

The images of a queue hold the ranks 0 … n-1 without gaps. Drawing one at random is drawing a rank; when an image
leaves, the last one takes over its rank. So nothing is ever listed, and each image has exactly the same chance.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select, update

from jlabel.datastores import score_queue
from jlabel.datastores.database.statements import value_of_json
from jlabel.datastores.label_version import FINAL
from jlabel.datastores.readings import READERS_KEY
from jlabel.datastores.tables import PRESENT, ImageRow, LabelRow
from jlabel.datastores.unreadable import UNREADABLE_KEY, UNSHOWN_KEY

WAITING, SKIPPED = 0, 1
#: Images that cannot be read, and those whose final label cannot be shown: nobody draws them, and neither are they
#: labelled.
UNREADABLE, UNSHOWN = 2, 3
#: Images that several people read: no strategy gives them, see readings.py.
READ_BY_SEVERAL = 4
_CHUNK = 500
# From so many images on, putting all in their places at once is faster.
_MANY = 500

# Made once, because each save and each question for the next image runs them.
_LAST_RANK = select(ImageRow.rank).where(ImageRow.queue == bindparam("queue")).order_by(ImageRow.rank.desc()).limit(1)
_WHERE_THEY_ARE = (
    select(ImageRow.pk, ImageRow.state, ImageRow.info, ImageRow.queue, ImageRow.rank, LabelRow.number)
    .outerjoin(LabelRow, (LabelRow.image_pk == ImageRow.pk) & (LabelRow.tag == FINAL))
    .where(ImageRow.pk.in_(bindparam("keys", expanding=True)))
)
_PUT = (
    update(ImageRow)
    .where(ImageRow.pk == bindparam("key"))
    .values(queue=bindparam("new_queue"), rank=bindparam("new_rank"))
)
_LAST_ONES = select(ImageRow.pk).where(ImageRow.queue == bindparam("queue"), ImageRow.rank >= bindparam("rank"))
_AT = select(ImageRow.id).where(ImageRow.queue == bindparam("queue"), ImageRow.rank == bindparam("rank"))


def queue_of(info: Mapping[str, Any], final: int | None = None) -> int | None:
    """The queue in which an image with that info stands.

    Args:
        info: What is noted of the image.
        final: The version of its final label, None where it has none.

    Returns:
        None where the image is labelled.
    """
    if final is not None:
        return UNSHOWN if info.get(UNSHOWN_KEY) == final else None
    if info.get(UNREADABLE_KEY):
        return UNREADABLE
    if info.get(READERS_KEY):
        return READ_BY_SEVERAL
    return SKIPPED if info.get("skipped") else WAITING


def length(connection: Connection, queue: int) -> int:
    """How many images stand in the queue."""
    rank = connection.scalar(_LAST_RANK, {"queue": queue})
    return 0 if rank is None else rank + 1


def place(connection: Connection, image_pk: int) -> None:
    """Put one image where it belongs, after its state, its info or its final label has changed."""
    _place(connection, [image_pk])


def place_all(connection: Connection, image_pks: Collection[int]) -> None:
    """Put these images where they belong."""
    if len(image_pks) > _MANY:
        rebuild(connection)
    else:
        _place(connection, sorted(set(image_pks)))


def _place(connection: Connection, image_pks: Sequence[int]) -> None:
    left: dict[int, dict[int, int]] = {}
    joined: dict[int | None, list[int]] = {}
    standing: dict[int, int | None] = {}
    for row in connection.execute(_WHERE_THEY_ARE, {"keys": image_pks}).all():
        present = row.state == PRESENT
        wanted = queue_of(row.info, row.number) if present else None
        standing[row.pk] = score_queue.standing(present, wanted)
        if wanted == row.queue:
            continue
        if row.queue is not None:
            left.setdefault(row.queue, {})[row.pk] = row.rank
        joined.setdefault(wanted, []).append(row.pk)
    score_queue.follow(connection, standing)
    moves = [move for queue, ranks in left.items() for move in _close_gaps(connection, queue, ranks)]
    for queue, pks in joined.items():
        end = 0 if queue is None else length(connection, queue) - len(left.get(queue, ()))
        ranks = [None] * len(pks) if queue is None else range(end, end + len(pks))
        moves += [{"key": pk, "new_queue": queue, "new_rank": rank} for pk, rank in zip(pks, ranks, strict=True)]
    if moves:
        connection.execute(_PUT, moves)


def _close_gaps(connection: Connection, queue: int, left: Mapping[int, int]) -> list[dict[str, int | None]]:
    """What is to be changed where images leave a queue: the last ones take over their ranks.

    Args:
        connection: To the catalogue.
        queue: The queue.
        left: The ranks of the images that leave, by their keys.
    """
    end = length(connection, queue) - len(left)
    last_ones = connection.scalars(_LAST_ONES, {"queue": queue, "rank": end})
    staying = [pk for pk in last_ones if pk not in left]
    gaps = [rank for rank in left.values() if rank < end]
    pairs = zip(staying, gaps, strict=True)
    return [{"key": pk, "new_queue": queue, "new_rank": rank} for pk, rank in pairs]


def rebuild(connection: Connection) -> None:
    """Put all images where they belong, in the order of their ids, after many have changed."""
    labeled = select(LabelRow.image_pk).where(LabelRow.tag == FINAL, LabelRow.number.is_not(None))
    skipped, untold = value_of_json(connection, ImageRow.info, "skipped")
    connection.execute(update(ImageRow).values(queue=None, rank=None).where(ImageRow.queue.is_not(None)))
    waits = (ImageRow.state == PRESENT) & ImageRow.pk.not_in(labeled)
    put_off = skipped.is_not(None) & skipped.not_in(("", "0", "false"))
    for queue, members in ((SKIPPED, waits & put_off), (WAITING, waits & ImageRow.queue.is_(None))):
        ranked = (
            select(ImageRow.pk, (func.row_number().over(order_by=ImageRow.id) - 1).label("rank"))
            .where(members)
            .subquery()
        )
        connection.execute(update(ImageRow).values(queue=queue, rank=ranked.c.rank).where(ImageRow.pk == ranked.c.pk))
    # These are few.
    values = [value_of_json(connection, ImageRow.info, key)[0] for key in (UNREADABLE_KEY, UNSHOWN_KEY, READERS_KEY)]
    noted = or_(untold, *(value.is_not(None) for value in values))
    for chunk in chunks(connection.scalars(select(ImageRow.pk).where(noted)).all()):
        _place(connection, chunk)
    score_queue.follow_all(connection)


def draw(connection: Connection, queues: Sequence[int], rng: random.Random, exclude: Collection[str]) -> str | None:
    """The id of one image of these queues taken together, each with the same chance, none of ``exclude``."""
    taken = {queue: _ranks(connection, queue, exclude) for queue in queues}
    sizes = {queue: length(connection, queue) - len(taken[queue]) for queue in queues}
    total = sum(sizes.values())
    if total <= 0:
        return None
    rank = rng.randrange(total)
    for queue in queues:
        if rank < sizes[queue]:
            for other in taken[queue]:
                rank += other <= rank
            return connection.scalar(_AT, {"queue": queue, "rank": rank})
        rank -= sizes[queue]
    raise AssertionError("unreachable: the rank is below the total")


def first(connection: Connection, queues: Sequence[int], exclude: Collection[str]) -> str | None:
    """The smallest id in these queues that is none of ``exclude``."""
    return min(_ends(connection, queues, exclude, ImageRow.id.asc()), default=None)


def last(connection: Connection, queues: Sequence[int], exclude: Collection[str]) -> str | None:
    """The largest id in these queues that is none of ``exclude``."""
    return max(_ends(connection, queues, exclude, ImageRow.id.desc()), default=None)


def _ends(
    connection: Connection, queues: Sequence[int], exclude: Collection[str], order: ColumnElement[str]
) -> list[str]:
    """Ids at one end of each of these queues, none of ``exclude``."""
    found: list[str] = []
    excluded = set(exclude)
    for queue in queues:
        by_id = select(ImageRow.id).where(ImageRow.queue == queue).order_by(order).limit(len(excluded) + 1)
        found.extend(image_id for image_id in connection.scalars(by_id) if image_id not in excluded)
    return found


def _ranks(connection: Connection, queue: int, ids: Collection[str]) -> list[int]:
    ranks: list[int] = []
    for chunk in chunks(sorted(set(ids))):
        query = select(ImageRow.rank).where(ImageRow.id.in_(chunk), ImageRow.queue == queue)
        ranks.extend(rank for rank in connection.scalars(query) if rank is not None)
    return sorted(ranks)


def chunks(ids: Iterable[Any]) -> Iterator[list[Any]]:
    """The ids in pieces that one statement can take."""
    items = list(ids)
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]
