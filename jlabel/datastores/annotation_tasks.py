"""Tasks on an annotation server: which images are out there, where, and what came back, in the catalogue.

A task is *planned* before anything is uploaded, *out* once people can work on it, *done* once all of it came back, and
*lost* where the server has it no more. Each step is one transaction: whoever goes on after a kill finds where it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, select, update

from jlabel.datastores.catalogue import Catalogue
from jlabel.datastores.tables import AnnotationFrameRow, AnnotationJobRow, AnnotationTaskRow

PLANNED, OUT, DONE, LOST = "planned", "out", "done", "lost"
#: States of a task whose images are not given out again.
OPEN = (PLANNED, OUT)


@dataclass(frozen=True)
class AnnotationFrame:
    """A frame of a task.

    Attributes:
        name: Of its file on the server.
        image_id: The image that it shows.
        slice: Which slice of a volume; None for a picture.
        version: Of the image's final label when it was sent, 0 where it had none.
        number: Of the frame in the task; None until the server has told.
    """

    name: str
    image_id: str
    slice: int | None = None
    version: int = 0
    number: int | None = None


@dataclass(frozen=True)
class AnnotationTask:
    """A task on an annotation server.

    Attributes:
        key: What the task is found by on the server.
        place: The server, the organization and the project.
        round: Of which round it is, from 1 on.
        state: :data:`PLANNED`, :data:`OUT`, :data:`DONE` or :data:`LOST`.
        number: Of the task on the server; None until it is known.
        created: When it was planned, in seconds since 1970.
        info: What it was planned with, JSON values.
    """

    key: str
    place: str
    round: int
    state: str = PLANNED
    number: int | None = None
    created: float = 0.0
    info: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class AnnotationJob:
    """A job of a task as it was when it was last looked at.

    Attributes:
        number: Of the job on the server.
        first: Its first frame.
        last: Its last frame.
        state: As the server calls it.
        assignee: Who works on it; "" for nobody.
        pulled: The stamp of the job whose labels were saved; "" where none were.
        problem: Why its labels could not be saved; "" where they could.
    """

    number: int
    first: int
    last: int
    state: str
    assignee: str = ""
    pulled: str = ""
    problem: str = ""


_NUMBER_FRAME = (
    update(AnnotationFrameRow).where(AnnotationFrameRow.pk == bindparam("key")).values(frame=bindparam("on_server"))
)
_CHANGES = ("first", "last", "state", "assignee", "pulled", "problem")
_CHANGE_JOB = (
    update(AnnotationJobRow)
    .where(AnnotationJobRow.pk == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGES})
)


_ANY_OPEN = select(AnnotationTaskRow.pk).where(AnnotationTaskRow.state.in_(OPEN)).limit(1)
_SOON = 1.0


class AnnotationTasks:
    """The tasks of one studies folder, on whatever servers; several processes may use them.

    Args:
        catalogue: Where they are kept.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._none_out = float("-inf")

    def plan(
        self, place: str, make: Callable[[int], Sequence[tuple[AnnotationTask, Sequence[AnnotationFrame]]]]
    ) -> list[AnnotationTask]:
        """Write down the tasks of a new round, all or none.

        Args:
            place: Where the tasks will be.
            make: Called with the number of the round; gives each task with its frames.
        """
        with self._catalogue.write() as connection:
            last = connection.scalar(select(func.max(AnnotationTaskRow.round)).where(AnnotationTaskRow.place == place))
            planned = list(make((last or 0) + 1))
            for task, frames in planned:
                self._insert(connection, task, frames)
        self._none_out = float("-inf")
        return [task for task, _ in planned]

    def tasks(self, place: str | None = None, states: Iterable[str] | None = None) -> list[AnnotationTask]:
        """The tasks in the order in which they were planned.

        Args:
            place: Only those there; all if not given.
            states: Only those in one of these states.
        """
        query = select(AnnotationTaskRow.__table__).order_by(AnnotationTaskRow.pk)
        if place is not None:
            query = query.where(AnnotationTaskRow.place == place)
        if states is not None:
            query = query.where(AnnotationTaskRow.state.in_(list(states)))
        with self._catalogue.read() as connection:
            rows = connection.execute(query).all()
        return [
            AnnotationTask(row.key, row.place, row.round, row.state, row.number, row.created, dict(row.info or {}))
            for row in rows
        ]

    def frames(self, key: str) -> list[AnnotationFrame]:
        """The frames of a task by their names."""
        columns = (
            AnnotationFrameRow.name,
            AnnotationFrameRow.image_id,
            AnnotationFrameRow.slice,
            AnnotationFrameRow.version,
            AnnotationFrameRow.frame,
        )
        query = select(*columns).join(AnnotationTaskRow).where(AnnotationTaskRow.key == key)
        with self._catalogue.read() as connection:
            rows = connection.execute(query.order_by(AnnotationFrameRow.name)).all()
        return [AnnotationFrame(*row) for row in rows]

    def image_counts(self, place: str) -> dict[str, int]:
        """How many images are in each task there, by the tasks' keys."""
        query = (
            select(AnnotationTaskRow.key, func.count(AnnotationFrameRow.image_id.distinct()))
            .join(AnnotationFrameRow)
            .where(AnnotationTaskRow.place == place)
            .group_by(AnnotationTaskRow.key)
        )
        with self._catalogue.read() as connection:
            return dict(connection.execute(query).all())

    def are_any_out(self) -> bool:
        """Whether a task has not come back, on whatever server; where there was none, others' are seen in a second."""
        now = time.monotonic()
        if now - self._none_out < _SOON:
            return False
        with self._catalogue.read() as connection:
            found = connection.scalar(_ANY_OPEN) is not None
        self._none_out = float("-inf") if found else now
        return found

    def images_out(self, place: str | None = None) -> set[str]:
        """The images that are in a task which has not come back, there or on whatever server."""
        query = (
            select(AnnotationFrameRow.image_id)
            .join(AnnotationTaskRow)
            .where(AnnotationTaskRow.state.in_(OPEN))
            .distinct()
        )
        if place is not None:
            query = query.where(AnnotationTaskRow.place == place)
        with self._catalogue.read() as connection:
            return set(connection.scalars(query))

    def is_out(self, key: str, number: int, frames: Mapping[str, int]) -> None:
        """A planned task is on the server now, with these numbers of its frames by their names."""
        with self._catalogue.write() as connection:
            pk = self._pk(connection, key)
            connection.execute(
                update(AnnotationTaskRow).where(AnnotationTaskRow.pk == pk).values(number=number, state=OUT)
            )
            known = connection.execute(
                select(AnnotationFrameRow.pk, AnnotationFrameRow.name).where(AnnotationFrameRow.task_pk == pk)
            )
            rows = [{"key": frame_pk, "on_server": frames.get(name)} for frame_pk, name in known]
            if rows:
                connection.execute(_NUMBER_FRAME, rows)

    def change_state(self, key: str, state: str) -> None:
        """A task is in another state now."""
        with self._catalogue.write() as connection:
            connection.execute(update(AnnotationTaskRow).where(AnnotationTaskRow.key == key).values(state=state))

    def jobs(self, key: str) -> list[AnnotationJob]:
        """The jobs of a task, as they were when they were last looked at."""
        return [job for _, job in self._jobs(AnnotationTaskRow.key == key)]

    def jobs_by_task(self, place: str) -> dict[str, list[AnnotationJob]]:
        """The same of all tasks there that have any, by the tasks' keys."""
        found: dict[str, list[AnnotationJob]] = {}
        for key, job in self._jobs(AnnotationTaskRow.place == place):
            found.setdefault(key, []).append(job)
        return found

    def note_jobs(self, key: str, jobs: Iterable[AnnotationJob]) -> None:
        """Write down how jobs of a task are now; those that are not named stay as they were."""
        with self._catalogue.write() as connection:
            pk = self._pk(connection, key)
            there = dict(
                connection.execute(
                    select(AnnotationJobRow.number, AnnotationJobRow.pk).where(AnnotationJobRow.task_pk == pk)
                ).all()
            )
            listed = list(jobs)
            known = [
                {"key": there[job.number], **{f"new_{name}": getattr(job, name) for name in _CHANGES}}
                for job in listed
                if job.number in there
            ]
            new = [{"task_pk": pk, **vars(job)} for job in listed if job.number not in there]
            if known:
                connection.execute(_CHANGE_JOB, known)
            if new:
                connection.execute(insert(AnnotationJobRow), new)

    def _jobs(self, which: ColumnElement[bool]) -> list[tuple[str, AnnotationJob]]:
        columns = (AnnotationJobRow.number, *(getattr(AnnotationJobRow, name) for name in _CHANGES))
        query = select(AnnotationTaskRow.key, *columns).join(AnnotationJobRow).where(which)
        with self._catalogue.read() as connection:
            rows = connection.execute(query.order_by(AnnotationJobRow.number)).all()
        return [(row[0], AnnotationJob(*row[1:])) for row in rows]

    def _insert(self, connection: Connection, task: AnnotationTask, frames: Sequence[AnnotationFrame]) -> None:
        row = {
            "key": task.key,
            "place": task.place,
            "round": task.round,
            "number": task.number,
            "state": task.state,
            "created": task.created or time.time(),
            "info": dict(task.info),
        }
        made = connection.execute(insert(AnnotationTaskRow), row).inserted_primary_key
        assert made is not None
        rows = [
            {
                "task_pk": made[0],
                "name": one.name,
                "image_id": one.image_id,
                "slice": one.slice,
                "version": one.version,
                "frame": one.number,
            }
            for one in frames
        ]
        if rows:
            connection.execute(insert(AnnotationFrameRow), rows)

    def _pk(self, connection: Connection, key: str) -> int:
        return int(connection.execute(select(AnnotationTaskRow.pk).where(AnnotationTaskRow.key == key)).scalar_one())
