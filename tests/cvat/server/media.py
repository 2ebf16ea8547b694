"""Which frames a task or job has, which of them are deleted, and the pictures themselves.

Read in the `metadata` actions of CVAT's `views.py` and in `DataMetaWriteSerializer` and `JobDataMetaWriteSerializer`.
Deleted frames stay in the lists, with their size. A ground-truth job spans the whole task: what it leaves out is a
placeholder in its frames, and `included_frames` has the rest.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Collection
from typing import Any

from tests.cvat.server.answers import Answer, bad, date, not_found
from tests.cvat.server.calls import Call, route
from tests.cvat.server.jobs import found_job
from tests.cvat.server.records import Frame, Job, Task
from tests.cvat.server.tasks import found_task
from tests.cvat.server.versions import as_of


@route("GET", r"/api/tasks/(\d+)/data/meta")
def show_frames_of_task(call: Call, number: int) -> Answer:
    """The frames of a task."""
    return Answer(body=_of_task(call, found_task(call, number)))


@route("PATCH", r"/api/tasks/(\d+)/data/meta")
def delete_frames_of_task(call: Call, number: int) -> Answer:
    """Say which frames of a task are deleted: these and no other."""
    task = found_task(call, number)
    given = call.json()
    if "deleted_frames" in given:
        task.deleted = _checked(given["deleted_frames"], range(len(task.frames)), "Unknown frames {} for removal")
        call.state.touch(task)
    return Answer(body=_of_task(call, task))


@route("GET", r"/api/jobs/(\d+)/data/meta")
def show_frames_of_job(call: Call, number: int) -> Answer:
    """The frames of a job."""
    return Answer(body=_of_job(call, found_job(call, number)))


@route("PATCH", r"/api/jobs/(\d+)/data/meta")
def delete_frames_of_job(call: Call, number: int) -> Answer:
    """Say which frames of a job are deleted; those of other jobs stay as they are."""
    job = found_job(call, number)
    task = call.state.tasks[job.task_id]
    own = set(job.frame_numbers)
    asked = _checked(call.json().get("deleted_frames", []), own, "Frames {} do not belong to the job")
    if job.type == "ground_truth":
        task.disabled = (task.disabled - own) | asked
    else:
        task.deleted = (task.deleted - own) | asked
    call.state.touch(task)
    return Answer(body=_of_job(call, job))


def _checked(given: list[int], known: Collection[int], why: str) -> set[int]:
    if len(set(given)) < len(given):
        raise bad({"deleted_frames": ["Deleted frames cannot repeat"]})
    odd = sorted(set(given) - set(known))
    if odd:
        raise bad({"deleted_frames": [why.format(", ".join(map(str, odd)))]})
    return set(given)


def _of_task(call: Call, task: Task) -> dict[str, Any]:
    frames = [_frame(one) for one in task.frames]
    return _represent(call, task, frames, 0, len(frames), task.deleted, None)


def _of_job(call: Call, job: Job) -> dict[str, Any]:
    task = call.state.tasks[job.task_id]
    own = set(job.frame_numbers)
    spanned = enumerate(task.frames[job.start : job.stop + 1], job.start)
    frames = [_frame(one) if number in own else _placeholder(one) for number, one in spanned]
    deleted = task.deleted | (task.disabled if job.type == "ground_truth" else set())
    return _represent(call, task, frames, job.start, len(own), deleted & own, job.frames)


def _represent(
    call: Call,
    task: Task,
    frames: list[dict[str, Any]],
    start: int,
    size: int,
    deleted: Collection[int],
    included: list[int] | None,
) -> dict[str, Any]:
    if not task.frames:
        raise bad("The task has no data")
    answer = {
        "chapters": None,
        "chunks_updated_date": date(task.chunks_updated),
        "chunk_size": 36,
        "size": size,
        "image_quality": task.image_quality,
        "start_frame": start,
        "stop_frame": start + len(frames) - 1,
        "frame_filter": "",
        "frames": frames,
        "deleted_frames": sorted(deleted),
        "included_frames": included,
        "storage": "local",
        "cloud_storage_id": None,
    }
    return as_of(call.state.version, "meta", answer)


def _frame(one: Frame) -> dict[str, Any]:
    sizes = {"width": one.width, "height": one.height}
    return {**sizes, "name": one.name, "related_files": 0, "has_related_context": False}


def _placeholder(one: Frame) -> dict[str, Any]:
    return {**_frame(one), "name": "placeholder.jpg"}


@route("GET", r"/api/tasks/(\d+)/data/?")
def show_picture_of_task(call: Call, number: int) -> Answer:
    """A picture of a task, as it was uploaded."""
    task = found_task(call, number)
    return _picture(call, task, range(len(task.frames)))


@route("GET", r"/api/jobs/(\d+)/data")
def show_picture_of_job(call: Call, number: int) -> Answer:
    """A picture of a job, as it was uploaded."""
    job = found_job(call, number)
    return _picture(call, call.state.tasks[job.task_id], job.frame_numbers)


def _picture(call: Call, task: Task, known: Collection[int]) -> Answer:
    asked = call.query.get("number", "")
    if call.query.get("type") != "frame":
        raise bad("the contract server has frames only, no chunks")
    if not asked.isdigit() or int(asked) not in known:
        raise not_found("The frame is not in it.")
    name = task.frames[int(asked)].name
    return Answer(body=task.files[name], content_type=mimetypes.guess_type(name)[0] or "image/jpeg")
