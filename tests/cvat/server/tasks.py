"""Tasks, without their data; and what the server says of itself.

A task that has no data yet has no `size` and no `data`, as `TaskReadSerializer` leaves such fields out.
"""

from __future__ import annotations

from typing import Any

from tests.cvat.server.answers import Answer, Listed, bad, date, not_found, page_of, wrong_field
from tests.cvat.server.calls import Call, route
from tests.cvat.server.labels import change_labels
from tests.cvat.server.people import short_user, user_given
from tests.cvat.server.records import Job, Task
from tests.cvat.server.rights import check_may_create, check_may_manage, may_see
from tests.cvat.server.versions import GENERAL_REPLICAS, REPLICAS, as_of


@route("GET", "/api/server/about", public=True)
def tell_version(call: Call) -> Answer:
    """Which CVAT this is."""
    names = {"name": "Computer Vision Annotation Tool", "subtitle": "", "description": "A contract server for tests"}
    version = ".".join(map(str, call.state.version))
    logo = call.url("/static/logo.svg")
    return Answer(body=as_of(call.state.version, "about", {**names, "version": version, "logo_url": logo}))


def status_of(jobs: list[Job]) -> str:
    """The old word for how far a task is: that of the job which is least far."""
    found = {job.status for job in jobs}
    return next((word for word in ("annotation", "validation", "completed") if word in found), "annotation")


def represent(call: Call, task: Task) -> dict[str, Any]:
    """The answer for a task."""
    state = call.state
    project = state.projects[task.project_id] if task.project_id is not None else None
    answer = {
        "url": call.url(f"/api/tasks/{task.id}"),
        "id": task.id,
        "name": task.name,
        "project_id": task.project_id,
        "project_name": project and project.name,
        "owner": short_user(call, task.owner),
        "assignee": short_user(call, task.assignee),
        "bug_tracker": task.bug_tracker,
        "created_date": date(task.created),
        "updated_date": date(task.updated),
        "overlap": task.overlap,
        "segment_size": task.segment_size,
        "initial_replicas": task.replicas,
        "consensus_enabled": task.replicas > 0,
        "guide_id": None,
        "dimension": "2d",
        "subset": task.subset,
        "organization": task.organization,
        "organization_id": task.organization,
        "target_storage": None,
        "source_storage": None,
        "assignee_updated_date": date(task.assigned),
        "labels": {"url": call.url("/api/labels", {"task_id": task.id})},
        **_progress(call, task),
        **_data(task),
    }
    return as_of(state.version, "task", answer)


def _progress(call: Call, task: Task) -> dict[str, Any]:
    jobs = call.state.jobs_of(task.id)
    done = [job for job in jobs if (job.stage, job.state) == ("acceptance", "completed")]
    summary = {
        "count": len(jobs),
        "completed": len(done),
        "validation": len([job for job in jobs if job.stage == "validation"]),
        "url": call.url("/api/jobs", {"task_id": task.id}),
    }
    return {"status": status_of(jobs), "jobs": summary}


def _data(task: Task) -> dict[str, Any]:
    made = bool(task.frames)
    kind = {"mode": "annotation" if made else "", "media_type": "image" if made else ""}
    if task.data_id is None:
        return kind
    return {
        **kind,
        "data_chunk_size": 36 if made else None,
        "data_original_chunk_type": "imageset",
        "data_compressed_chunk_type": "imageset",
        "data_cloud_storage_id": None,
        "size": len(task.frames),
        "image_quality": task.image_quality,
        "data": task.data_id,
        "validation_mode": None if task.validation_frames is None else "gt",
    }


def found_task(call: Call, number: int) -> Task:
    """The task with an id, which who asks may see.

    Raises:
        Refused: There is none (404), or it is of others (403).
    """
    if number not in call.state.tasks:
        raise not_found()
    check_may_manage(call, call.state.tasks[number])
    return call.state.tasks[number]


@route("GET", "/api/tasks")
def list_tasks(call: Call) -> Answer:
    """The tasks that one sees; ``?name=`` is the whole name."""
    state = call.state

    def filters(task: Task) -> dict[str, Any]:
        return {
            "name": task.name,
            "project_id": task.project_id,
            "project_name": state.projects[task.project_id].name if task.project_id is not None else None,
            "owner": task.owner,
            "assignee": task.assignee,
            "status": status_of(state.jobs_of(task.id)),
            "subset": task.subset,
            "tracker_link": task.bug_tracker,
            "updated_date": date(task.updated),
        }

    mine = [task for task in state.tasks.values() if may_see(call, task)]
    searched = ("project_name", "name", "owner", "status", "assignee", "subset", "tracker_link")
    return page_of(call, mine, Listed(lambda one: represent(call, one), filters, searched))


@route("POST", "/api/tasks")
def create_task(call: Call) -> Answer:
    """Make a task that has no data yet. Two may have one name."""
    given = call.json()
    if not given.get("name"):
        raise wrong_field("name")
    state = call.state
    project_id = given.get("project_id")
    _check_project(call, project_id, given.get("labels"))
    now = state.now()
    organization = call.organization.id if call.organization else None
    task = Task(state.new_id("task"), given["name"], call.user, organization, now, now, project_id=project_id)
    change_labels(state, task, [{**spec, "id": None} for spec in given.get("labels", [])])
    for name in ("bug_tracker", "subset", "segment_size", "overlap"):
        setattr(task, name, given.get(name, getattr(task, name)))
    task.replicas = _replicas(call, given)
    task.assignee = user_given(call, given.get("assignee_id"), "assignee_id")
    state.tasks[task.id] = task
    state.touch(task)
    return Answer(201, represent(call, task))


def _check_project(call: Call, project_id: int | None, labels: Any) -> None:
    if project_id is None:
        return check_may_create(call)
    if labels:
        raise bad(["Task must have only one of Label set or project_id"])
    project = call.state.projects.get(project_id)
    if project is None:
        raise bad([f"The specified project #{project_id} does not exist."])
    if project.organization != (call.organization.id if call.organization else None):
        raise bad(["The task and its project should be in the same organization."])
    return check_may_create(call, project)


def _replicas(call: Call, given: dict[str, Any]) -> int:
    if call.state.version < REPLICAS:
        return 0
    asked = given.get("consensus_replicas") or 0
    if call.state.version >= GENERAL_REPLICAS:
        asked = given.get("initial_replicas") or asked
    if asked == 1 or not 0 <= asked <= 11:
        why = f"Consensus replicas must be 0 or a positive number more than 1 and less than 12, got {asked}"
        raise wrong_field("consensus_replicas", why)
    return int(asked)


@route("GET", r"/api/tasks/(\d+)")
def show_task(call: Call, number: int) -> Answer:
    """One task."""
    return Answer(body=represent(call, found_task(call, number)))


@route("PATCH", r"/api/tasks/(\d+)")
def change_task(call: Call, number: int) -> Answer:
    """Change a task. What can be said only when it is made (segments, replicas) is left out silently, as CVAT does."""
    task = found_task(call, number)
    given = call.json()
    if given.get("project_id", task.project_id) != task.project_id:
        raise bad(["the contract server moves no tasks to other projects"])
    if "name" in given and not given["name"]:
        raise wrong_field("name", "This field may not be blank.")
    if task.project_id is None:
        change_labels(call.state, task, given.get("labels", []))
    for name in ("name", "bug_tracker", "subset"):
        setattr(task, name, given.get(name, getattr(task, name)))
    call.state.touch(task)
    if "assignee_id" in given:
        task.assignee = user_given(call, given["assignee_id"], "assignee_id")
        task.assigned = task.updated
    return Answer(body=represent(call, task))


@route("DELETE", r"/api/tasks/(\d+)")
def delete_task(call: Call, number: int) -> Answer:
    """Delete a task with its jobs and annotations."""
    found_task(call, number)
    call.state.remove_task(number)
    return Answer(204)
