"""Annotations of jobs and tasks.

Read in CVAT's `dataset_manager/task.py` and `ShapeSerializer` and those after it in `serializers.py`. Numbers of points
come back as floats. Annotations of a task are those of its annotation jobs: neither ground truth nor replicas. CVAT
leaves out shapes of frames that no job has when they are put to a task, and takes them when they are put to a job; here
they are refused, so that a client that sends them is found out.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from tests.cvat.server.answers import Answer, bad
from tests.cvat.server.calls import Call, route
from tests.cvat.server.jobs import found_job
from tests.cvat.server.masks import fault_of
from tests.cvat.server.records import KINDS, Annotations, Job, Task
from tests.cvat.server.state import State
from tests.cvat.server.tasks import found_task
from tests.cvat.server.versions import NO_GIVEN_IDS, as_of

_LENGTHS: dict[str, Callable[[int], bool]] = {
    "rectangle": lambda count: count == 4,
    "ellipse": lambda count: count == 4,
    "polygon": lambda count: count >= 6 and count % 2 == 0,
    "polyline": lambda count: count >= 4 and count % 2 == 0,
    "points": lambda count: count >= 2 and count % 2 == 0,
    "cuboid": lambda count: count == 16,
    "mask": lambda count: count >= 5,
    "skeleton": lambda count: count == 0,
}
_OLD_EXPORT = {"format", "filename", "action", "location", "cloud_storage_id"}


@route("GET", r"/api/jobs/(\d+)/annotations/?")
def show_annotations_of_job(call: Call, number: int) -> Answer:
    """The annotations of a job."""
    job = found_job(call, number)
    _refuse_export(call)
    return Answer(body=_represent(call.state, [job]))


@route("GET", r"/api/tasks/(\d+)/annotations/?")
def show_annotations_of_task(call: Call, number: int) -> Answer:
    """The annotations of a task."""
    task = found_task(call, number)
    if task.data_id is None:
        raise bad(b"Exporting annotations from a task without data is not allowed")
    _refuse_export(call)
    return Answer(body=_represent(call.state, call.state.jobs_of(task.id, "annotation")))


def _refuse_export(call: Call) -> None:
    if _OLD_EXPORT & set(call.query):
        raise bad("the contract server exports no files")


@route("PUT", r"/api/jobs/(\d+)/annotations/?")
def replace_annotations_of_job(call: Call, number: int) -> Answer:
    """Give a job these annotations and no other."""
    return _replace(call, [found_job(call, number)])


@route("PUT", r"/api/tasks/(\d+)/annotations/?")
def replace_annotations_of_task(call: Call, number: int) -> Answer:
    """Give the jobs of a task these annotations and no other."""
    return _replace(call, call.state.jobs_of(found_task(call, number).id, "annotation"))


@route("PATCH", r"/api/jobs/(\d+)/annotations/?")
def change_annotations_of_job(call: Call, number: int) -> Answer:
    """Add, change or delete annotations of a job."""
    return _change(call, [found_job(call, number)])


@route("PATCH", r"/api/tasks/(\d+)/annotations/?")
def change_annotations_of_task(call: Call, number: int) -> Answer:
    """Add, change or delete annotations of a task."""
    return _change(call, call.state.jobs_of(found_task(call, number).id, "annotation"))


@route("DELETE", r"/api/jobs/(\d+)/annotations/?")
def delete_annotations_of_job(call: Call, number: int) -> Answer:
    """Delete all annotations of a job."""
    return _delete_all(call, [found_job(call, number)])


@route("DELETE", r"/api/tasks/(\d+)/annotations/?")
def delete_annotations_of_task(call: Call, number: int) -> Answer:
    """Delete all annotations of a task."""
    return _delete_all(call, call.state.jobs_of(found_task(call, number).id, "annotation"))


def _replace(call: Call, jobs: list[Job]) -> Answer:
    given = _read(call, jobs, "create")
    for job in jobs:
        job.annotations = {kind: [] for kind in KINDS}
    _add(call.state, jobs, given)
    return Answer(body=_envelope(call.state, given))


def _change(call: Call, jobs: list[Job]) -> Answer:
    action = call.query.get("action", "")
    if action not in ("create", "update", "delete"):
        raise bad(["Please specify a correct 'action' for the request"])
    given = _read(call, jobs, action)
    if action != "create":
        gone = {one.get("id") for kind in KINDS for one in given[kind]}
        for job in jobs:
            for kind, found in job.annotations.items():
                job.annotations[kind] = [one for one in found if one["id"] not in gone]
    if action == "delete":
        call.state.touch(call.state.tasks[jobs[0].task_id], *jobs)
    else:
        _add(call.state, jobs, given)
    return Answer(body=_envelope(call.state, given))


def _delete_all(call: Call, jobs: list[Job]) -> Answer:
    for job in jobs:
        job.annotations = {kind: [] for kind in KINDS}
    call.state.touch(call.state.tasks[jobs[0].task_id], *jobs)
    return Answer(204)


def _add(state: State, jobs: list[Job], given: Annotations) -> None:
    changed = []
    for kind in KINDS:
        for one in given[kind]:
            one["id"] = state.new_id("annotation")
            job = next(job for job in jobs if one["frame"] in job.frame_numbers)
            stored = copy.deepcopy(one)
            for shape in [stored, *stored.get("shapes", [])]:
                if "points" in shape:
                    shape["points"] = [float(number) for number in shape["points"]]
            job.annotations[kind].append(stored)
            changed.append(job)
    state.touch(state.tasks[jobs[0].task_id], *(changed or jobs))


def _read(call: Call, jobs: list[Job], action: str) -> Annotations:
    """The annotations of a request, with what was left out filled in."""
    content = call.json()
    if not jobs:
        raise bad(["The task has no jobs"])
    task = call.state.tasks[jobs[0].task_id]
    labels = {label.id for label in call.state.labels_of(task)}
    frames = {frame for job in jobs for frame in job.frame_numbers}
    read: Annotations = {}
    for kind in KINDS:
        filled = [_filled(kind, dict(one)) for one in content.get(kind) or []]
        faults = [_fault(call.state, task, kind, one, action) for one in filled]
        if any(faults):
            raise bad({kind: faults})
        for one in filled if action != "delete" else []:
            if one["label_id"] not in labels:
                raise bad([f"label_id `{one['label_id']}` is invalid"])
            if one["frame"] not in frames:
                raise bad([f"frame `{one['frame']}` is outside"])
        read[kind] = filled
    return read


def _filled(kind: str, one: dict[str, Any]) -> dict[str, Any]:
    common = {"id": None, "group": None, "source": "manual", "attributes": [], **one}
    if kind == "tags":
        return common
    common = {"elements": [], **common}
    if kind == "shapes":
        return {**_placed(common), "score": one.get("score", 1.0)}
    shapes = [{"id": None, "attributes": [], **_placed(dict(shape))} for shape in one.get("shapes", [])]
    return {**common, "shapes": shapes}


def _placed(shape: dict[str, Any]) -> dict[str, Any]:
    return {"occluded": False, "outside": False, "z_order": 0, "rotation": 0.0, "points": [], **shape}


def _fault(state: State, task: Task, kind: str, one: dict[str, Any], action: str) -> dict[str, Any]:
    missing = [name for name in ("frame", "label_id") if not isinstance(one.get(name), int)]
    if missing:
        return {name: ["This field is required."] for name in missing}
    if state.version >= NO_GIVEN_IDS and action == "create" and one["id"] is not None:
        return {"id": ["must be absent"]}
    if state.version >= NO_GIVEN_IDS and action == "delete" and one["id"] is None:
        return {"id": ["must be present and not null"]}
    shapes = [one] if kind == "shapes" else one.get("shapes", [])
    faults = [fault for fault in (_fault_of_shape(task, shape) for shape in shapes) if fault]
    if faults:
        return faults[0] if kind == "shapes" else {"shapes": faults}
    return {}


def _fault_of_shape(task: Task, shape: dict[str, Any]) -> dict[str, Any] | None:
    kind, points = shape.get("type"), shape["points"]
    if kind not in _LENGTHS:
        return {"type": [f'"{kind}" is not a valid choice.']}
    if any(type(number) not in (int, float) for number in points):
        return {"points": ["Value must be a float or an integer"]}
    if not _LENGTHS[kind](len(points)):
        return {"points": [f"invalid length for shape type '{kind}'"]}
    if kind == "mask" and 0 <= shape["frame"] < len(task.frames):
        fault = fault_of(points, task.frames[shape["frame"]])
        return fault and {"points": [fault]}  # type: ignore[return-value]
    return None


def _represent(state: State, jobs: list[Job]) -> dict[str, Any]:
    merged = {kind: [one for job in jobs for one in job.annotations[kind]] for kind in KINDS}
    for found in merged.values():
        found.sort(key=lambda one: one["frame"])
    return _envelope(state, merged)


def _envelope(state: State, found: Annotations) -> dict[str, Any]:
    shapes = [as_of(state.version, "shape", shape) for shape in found["shapes"]]
    answer = {"version": 0, "tags": found["tags"], "shapes": shapes, "tracks": found["tracks"], "intervals": []}
    return as_of(state.version, "annotations", answer)
