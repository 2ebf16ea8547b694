"""The ranks from which images are drawn have no gaps, whatever happened to the images."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select, update

from jlabel.datastores import image_queue as queue
from jlabel.datastores.catalogue import Catalogue
from jlabel.datastores.tables import MISSING, PRESENT, ImageRow, LabelRow

COUNT = 6
actions = st.lists(
    st.tuples(
        st.sampled_from(["label", "unlabel", "skip", "unskip", "lose", "find", "rebuild"]), st.integers(1, COUNT)
    ),
    max_size=12,
)


@contextmanager
def filled() -> Iterator[Connection]:
    with TemporaryDirectory() as folder:
        catalogue = Catalogue(Path(folder) / "catalogue.sqlite")
        with catalogue.write() as connection:
            rows = [
                {"pk": n, "id": f"c{n}", "path": f"c{n}.png", "folder": "", "info": {}} for n in range(1, COUNT + 1)
            ]
            connection.execute(insert(ImageRow), rows)
            labels = [{"pk": n, "image_pk": n, "tag": "final", "number": None} for n in range(1, COUNT + 1)]
            connection.execute(insert(LabelRow), labels)
            queue.rebuild(connection)
            yield connection
        catalogue.close()


def act(connection: Connection, action: str, pk: int) -> None:
    if action in ("label", "unlabel"):
        number = 1 if action == "label" else None
        connection.execute(update(LabelRow).where(LabelRow.image_pk == pk).values(number=number))
    elif action in ("skip", "unskip"):
        info = {"skipped": "now" if action == "skip" else None}
        connection.execute(update(ImageRow).where(ImageRow.pk == pk).values(info=info))
    elif action in ("lose", "find"):
        state = MISSING if action == "lose" else PRESENT
        connection.execute(update(ImageRow).where(ImageRow.pk == pk).values(state=state))
    if action == "rebuild":
        queue.rebuild(connection)


def act_together(connection: Connection, steps: list[tuple[str, int]]) -> None:
    for action, pk in steps:
        act(connection, action, pk)
    queue.place_all(connection, [pk for _, pk in steps])


def expected(connection: Connection) -> dict[int, set[str]]:
    labeled = set(connection.scalars(select(LabelRow.image_pk).where(LabelRow.number.is_not(None))))
    members: dict[int, set[str]] = {queue.WAITING: set(), queue.SKIPPED: set()}
    for row in connection.execute(select(ImageRow.pk, ImageRow.id, ImageRow.state, ImageRow.info)):
        if row.state == PRESENT and row.pk not in labeled:
            members[queue.queue_of(row.info)].add(row.id)
    return members


@settings(max_examples=40)
@given(st.lists(actions, max_size=6))
def test_queues_hold_who_waits_under_ranks_without_gaps(batches):
    with filled() as connection:
        for together in batches:
            act_together(connection, together)
        for kind, members in expected(connection).items():
            rows = connection.execute(select(ImageRow.id, ImageRow.rank).where(ImageRow.queue == kind)).all()
            assert {row.id for row in rows} == members
            assert sorted(row.rank for row in rows) == list(range(len(members)))


@settings(max_examples=20)
@given(actions, st.sets(st.integers(1, COUNT + 2)))
def test_everyone_who_is_not_excluded_can_be_drawn(steps, excluded):
    exclude = {f"c{n}" for n in excluded}
    with filled() as connection:
        for step in steps:
            act_together(connection, [step])
        members = expected(connection)
        kinds = (queue.WAITING, queue.SKIPPED)
        everyone = members[queue.WAITING] | members[queue.SKIPPED]
        rng = random.Random(0)
        drawn = {queue.draw(connection, kinds, rng, exclude) for _ in range(120)}
        assert drawn == (everyone - exclude or {None})
        assert queue.first(connection, kinds, exclude) == min(everyone - exclude, default=None)
