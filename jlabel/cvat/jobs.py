"""Jobs of a task, and what was drawn in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jlabel.cvat.answers import number, text
from jlabel.cvat.connection import Connection
from jlabel.errors import CvatError

#: Jobs in which people annotate; others hold a ground truth, or the replicas of a consensus.
ANNOTATION, GROUND_TRUTH = "annotation", "ground_truth"
NEW, COMPLETED, REJECTED = "new", "completed", "rejected"
ACCEPTANCE = "acceptance"


@dataclass(frozen=True)
class CvatJob:
    """A part of a task that one person annotates.

    Attributes:
        id: Its number on the server.
        task: The task's number.
        first: Its first frame.
        last: Its last frame.
        state: ``"new"``, ``"in progress"``, ``"completed"`` or ``"rejected"``.
        stage: ``"annotation"``, ``"validation"`` or ``"acceptance"``.
        kind: :data:`ANNOTATION`, ``"ground_truth"`` or ``"consensus_replica"``.
        assignee: Who works on it; "" for nobody.
        updated: When it last changed, as the server says it.
    """

    id: int
    task: int
    first: int
    last: int
    state: str
    stage: str
    kind: str
    assignee: str
    updated: str

    def has(self, frame: int) -> bool:
        """Whether a frame is in it."""
        return self.first <= frame <= self.last

    def is_done(self, accepted: bool = False) -> bool:
        """Whether its frames are annotated: a person has said so, or where ``accepted`` is asked for, a second one."""
        if self.kind != ANNOTATION:
            return False
        return self.stage == ACCEPTANCE if accepted else self.state == COMPLETED or self.stage == ACCEPTANCE


def task_jobs(connection: Connection, task: int) -> list[CvatJob]:
    """The jobs of a task by their first frames, of every kind.

    Raises:
        CvatError: The server cannot be asked.
    """
    found = [_job(connection, entry) for entry in connection.pages("jobs", task_id=task)]
    return sorted((one for one in found if one.task == task), key=lambda one: (one.first, one.id))


def job_shapes(connection: Connection, job: int) -> Mapping[str, Any]:
    """What was drawn in a job, as CVAT has it: ``shapes``, ``tracks`` and ``tags``.

    Raises:
        CvatError: The server cannot be asked, or the answer makes no sense.
    """
    return _drawn(connection, f"jobs/{job}/annotations")


def task_shapes(connection: Connection, task: int) -> Mapping[str, Any]:
    """The same of a whole task.

    Raises:
        CvatError: The server cannot be asked, or the answer makes no sense.
    """
    return _drawn(connection, f"tasks/{task}/annotations")


def add_task_annotations(
    connection: Connection, task: int, shapes: Sequence[Mapping[str, Any]], tags: Sequence[Mapping[str, Any]] = ()
) -> None:
    """Add shapes to frames of a task on which nothing was drawn, and tags to frames that have none; once.

    Raises:
        CvatError: The server refuses.
    """
    wanted = {"shapes": shapes, "tags": tags}
    content = {"version": 0, "tracks": [], **{kind: list(some) for kind, some in wanted.items()}}

    def find() -> bool | None:
        there = task_shapes(connection, task)
        frames = {kind: {one.get("frame") for one in there[kind]} for kind in wanted}
        return True if all(one["frame"] in frames[kind] for kind, some in wanted.items() for one in some) else None

    def make() -> bool:
        connection.send("PATCH", f"tasks/{task}/annotations", {"params": {"action": "create"}, "json": content})
        return True

    connection.make_once(find, make)


def reject_job(connection: Connection, job: int, frame: int, position: tuple[float, float], message: str) -> None:
    """Send a job back with a comment at a place in a frame.

    Args:
        connection: To the server.
        job: Its number.
        frame: The frame's number in the task.
        position: x and y in pixels.
        message: What is to be changed.

    Raises:
        CvatError: The server refuses.
    """
    place = {"job": job, "frame": frame, "position": [*position, *position], "message": message}

    def find() -> bool | None:
        found = connection.pages("issues", job_id=job)
        same = (one for one in found if one.get("frame") == frame and one.get("resolved") is not True)
        return True if any(_says(connection, one, message) for one in same) else None

    def make() -> bool:
        connection.post("issues", place)
        return True

    connection.make_once(find, make)
    connection.patch(f"jobs/{job}", {"state": REJECTED})


def _says(connection: Connection, issue: Mapping[str, Any], message: str) -> bool:
    key = number(issue, "id", connection.account.url)
    return any(text(one, "message") == message for one in connection.pages("comments", issue_id=key))


def _job(connection: Connection, entry: Mapping[str, Any]) -> CvatJob:
    url = connection.account.url
    assignee = entry.get("assignee")
    return CvatJob(
        id=number(entry, "id", url),
        task=number(entry, "task_id", url),
        first=number(entry, "start_frame", url),
        last=number(entry, "stop_frame", url),
        state=text(entry, "state"),
        stage=text(entry, "stage"),
        # Servers of before there were kinds have this one alone.
        kind=text(entry, "type") or ANNOTATION,
        assignee=text(assignee, "username"),
        updated=text(entry, "updated_date"),
    )


def _drawn(connection: Connection, path: str) -> Mapping[str, Any]:
    found = connection.get(path)
    if not isinstance(found, dict):
        raise CvatError(f"{connection.account.url}: the answer to {path} is no annotation")
    for kind in ("shapes", "tracks", "tags"):
        entries = found.setdefault(kind, [])
        if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
            raise CvatError(f"{connection.account.url}: the answer to {path} is no annotation")
    return found
