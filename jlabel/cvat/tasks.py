"""Tasks of a CVAT server: made once, filled with pictures once, and their frames by name."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jlabel.cvat.answers import number, text
from jlabel.cvat.connection import Connection
from jlabel.cvat.uploads import upload
from jlabel.errors import CvatError
from jlabel.progress import NO_PROGRESS, Progress

_QUALITY = 100  # of the pictures that CVAT makes of ours for its page: a mask is drawn on what is seen
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 5.0
_FINISHED, _FAILED = "finished", "failed"


@dataclass(frozen=True)
class Frame:
    """A frame of a task.

    Attributes:
        number: Its number in the task.
        name: The name of the file that it was made of.
        width: In pixels.
        height: In pixels.
        deleted: Whether somebody has taken it out.
    """

    number: int
    name: str
    width: int
    height: int
    deleted: bool = False


@dataclass(frozen=True)
class TaskRequest:
    """What a task is made of.

    Attributes:
        key: A text that no other task has in its name; by it the task is found again.
        title: What people see; the key follows it.
        project: The project's number.
        segment_size: How many frames a job has; 0 for one job.
        subset: Of the project; "" for none.
    """

    key: str
    title: str
    project: int
    segment_size: int = 0
    subset: str = ""

    @property
    def name(self) -> str:
        """The task's name."""
        return f"{self.title} [{self.key}]"


def filled_task(
    connection: Connection, request: TaskRequest, files: Sequence[Path], progress: Progress = NO_PROGRESS
) -> int:
    """The number of the task of that key with its pictures; it is made and filled where there is none.

    A task whose pictures have not all arrived is removed, and made anew: nobody knows what is there of them.

    Args:
        connection: To the server.
        request: What the task is made of.
        files: The pictures; their names are those of the frames, and frames go by the order of the names.
        progress: Told how much is uploaded, and asked whether somebody still waits.

    Raises:
        CvatError: The server refuses, or cannot make frames of the files.
    """

    def find() -> int | None:
        task = find_task(connection, request.project, request.key)
        if task is None:
            return None
        if _state(connection, task) is None:
            remove_task(connection, task)
            return None
        _wait(connection, task, "", progress)
        return task

    def make() -> int:
        task = number(connection.post("tasks", _content(request)), "id", connection.account.url)
        options = {"image_quality": _QUALITY, "use_cache": True, "sorting_method": "lexicographical"}
        _wait(connection, task, upload(connection, f"tasks/{task}/data", files, options, progress), progress)
        return task

    made = connection.make_once(find, make, progress)
    progress.step(1, 1)
    return made


def find_task(connection: Connection, project: int, key: str) -> int | None:
    """The number of the task of a project with that key in its name; None where there is none.

    Raises:
        CvatError: The server cannot be asked.
    """
    # "search" spares pages where the server knows it; what it gives is looked through in any case.
    for entry in connection.pages("tasks", project_id=project, search=key):
        if entry.get("project_id") == project and f"[{key}]" in text(entry, "name"):
            return number(entry, "id", connection.account.url)
    return None


def task_frames(connection: Connection, task: int) -> list[Frame]:
    """The frames of a task, also those that were taken out.

    Raises:
        CvatError: The server cannot be asked, or the answer makes no sense.
    """
    meta = connection.get(f"tasks/{task}/data/meta")
    frames = meta.get("frames") if isinstance(meta, dict) else None
    if not isinstance(frames, list):
        raise CvatError(f"{connection.account.url}: task {task} has no frames")
    first = number(meta, "start_frame", connection.account.url) if "start_frame" in meta else 0
    numbers = meta.get("included_frames") or range(first, first + len(frames))
    deleted = set(meta.get("deleted_frames") or ())
    url = connection.account.url
    return [
        Frame(at, text(one, "name"), number(one, "width", url), number(one, "height", url), at in deleted)
        for at, one in zip(numbers, frames, strict=False)
    ]


def remove_task(connection: Connection, task: int) -> None:
    """Remove a task and all that was drawn in it.

    Raises:
        CvatError: The server refuses.
    """
    connection.delete(f"tasks/{task}")


def _content(request: TaskRequest) -> dict[str, Any]:
    content: dict[str, Any] = {"name": request.name, "project_id": request.project}
    if request.segment_size:
        content |= {"segment_size": request.segment_size, "overlap": 0}
    return content | ({"subset": request.subset} if request.subset else {})


def _state(connection: Connection, task: int) -> str | None:
    """How far the server is with a task's pictures; None where it was given none, or could not use them."""
    found = connection.get(f"tasks/{task}")
    if number({"size": found.get("size") or 0}, "size", connection.account.url):
        return _FINISHED
    state = _request_of(connection, task)[0]
    return None if state in ("", _FAILED) else state


def _request_of(connection: Connection, task: int) -> tuple[str, str]:
    """State and message of the request that makes a task's frames, the newest; ("", "") where there is none."""
    try:
        found = list(connection.pages("requests", task_id=task, action="create", target="task"))
    except CvatError as error:
        if error.status != 404:
            raise
        return _old_state(connection, task)
    mine = [one for one in found if (one.get("operation") or {}).get("task_id") in (None, task)]
    newest = max(mine, key=lambda one: text(one, "created_date"), default=None)
    return (text(newest, "status").lower(), text(newest, "message")) if newest else ("", "")


def _old_state(connection: Connection, task: int) -> tuple[str, str]:
    """The same of a server without requests."""
    found = connection.get(f"tasks/{task}/status")
    state = text(found, "state").lower()
    return ("" if state == "unknown" else state), text(found, "message")


def _wait(connection: Connection, task: int, request: str, progress: Progress) -> None:
    pause = _FIRST_PAUSE
    while True:
        progress.check()
        state, message = _asked(connection, task, request)
        if state == _FINISHED:
            return
        if state == _FAILED:
            raise CvatError(f"{connection.account.url}: CVAT could not make frames of the pictures: {message}")
        time.sleep(pause)
        pause = min(_LONGEST_PAUSE, 1.5 * pause)


def _asked(connection: Connection, task: int, request: str) -> tuple[str, str]:
    if not request:
        found = _request_of(connection, task)
        # A request that is over is forgotten after a while: then the task itself tells.
        return found if found[0] else (_FINISHED if connection.get(f"tasks/{task}").get("size") else _FAILED, "")
    found = connection.get(f"requests/{request}")
    return text(found, "status").lower(), text(found, "message")
