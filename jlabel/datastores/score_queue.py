"""Scores follow their images: where an image stands is kept beside its scores, and each set counts those that wait.

So the highest score of an image that waits is the first entry of an index, however many are labelled since.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, case, func, or_, select, update

from jlabel.datastores.tables import PRESENT, ImageRow, ScoreRow, ScoreSetRow

#: In the place of a queue: the image has a final label. NULL means that the image is gone.
LABELED = -1
#: The queues of images that wait for a final label, as image_queue.py numbers them: waiting, and skipped.
WAIT = (0, 1)

# Made once, because each save of a label runs them.
_KNOWN = (
    select(ScoreRow.image_pk, ScoreRow.queue).where(ScoreRow.image_pk.in_(bindparam("keys", expanding=True))).distinct()
)
_MOVE = update(ScoreRow).where(ScoreRow.image_pk == bindparam("key")).values(queue=bindparam("new_queue"))
_SETS = select(ScoreRow.set_pk).where(ScoreRow.image_pk == bindparam("key"))
_COUNT = (
    update(ScoreSetRow)
    .where(ScoreSetRow.pk.in_(_SETS))
    .values(images=ScoreSetRow.images + bindparam("more"), waiting=ScoreSetRow.waiting + bindparam("more_waiting"))
)
_WHERE_IT_STANDS = case((ImageRow.state != PRESENT, None), else_=func.coalesce(ImageRow.queue, LABELED))


def standing(present: bool, queue: int | None) -> int | None:
    """Where the scores of an image stand, for an image that is there or not and stands in that queue."""
    return None if not present else LABELED if queue is None else queue


def follow(connection: Connection, standing: Mapping[int, int | None]) -> None:
    """Let the scores of some images stand where the images do.

    Args:
        connection: To the catalogue.
        standing: By the images' keys, see :func:`standing`.
    """
    for image_pk, stood in connection.execute(_KNOWN, {"keys": [*standing]}).all():
        if stood != standing[image_pk]:
            _follow(connection, image_pk, stood, standing[image_pk])


def _follow(connection: Connection, image_pk: int, stood: int | None, stands: int | None) -> None:
    more = (stands is not None) - (stood is not None)
    more_waiting = (stands in WAIT) - (stood in WAIT)
    connection.execute(_MOVE, {"key": image_pk, "new_queue": stands})
    if more or more_waiting:
        connection.execute(_COUNT, {"key": image_pk, "more": more, "more_waiting": more_waiting})


def follow_all(connection: Connection) -> None:
    """Let all scores stand where their images do, after many have moved."""
    if connection.scalar(select(ScoreSetRow.pk).limit(1)) is None:
        return
    moved = (
        select(ImageRow.pk, _WHERE_IT_STANDS.label("stands"))
        .join(ScoreRow, ScoreRow.image_pk == ImageRow.pk)
        .where(ScoreRow.queue.is_distinct_from(_WHERE_IT_STANDS))
        .distinct()
        .subquery()
    )
    connection.execute(update(ScoreRow).values(queue=moved.c.stands).where(ScoreRow.image_pk == moved.c.pk))
    count(connection)


def count(connection: Connection) -> None:
    """Count the scores of all sets anew."""
    of_set = select(func.count()).where(ScoreRow.set_pk == ScoreSetRow.pk)
    connection.execute(
        update(ScoreSetRow).values(
            images=of_set.where(ScoreRow.queue.is_not(None)).scalar_subquery(),
            waiting=of_set.where(or_(*(ScoreRow.queue == queue for queue in WAIT))).scalar_subquery(),
        )
    )
