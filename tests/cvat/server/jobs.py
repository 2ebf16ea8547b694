"""Jobs: their stage, state and assignee, and ground-truth jobs.

Read in `JobWriteSerializer` of CVAT's `serializers.py` and `JobViewSet` of `views.py`: a new stage makes the state new
unless one is given, too; only ground-truth jobs are made or deleted by a client, one in a task at most.
"""

from __future__ import annotations

import random
from typing import Any

from tests.cvat.server.answers import Answer, Listed, bad, date, forbidden, not_found, page_of, wrong_field
from tests.cvat.server.calls import Call, route
from tests.cvat.server.people import short_user, user_given
from tests.cvat.server.records import Job, Task
from tests.cvat.server.rights import check_may_manage, may_manage, may_see
from tests.cvat.server.tasks import found_task
from tests.cvat.server.versions import as_of

STAGES = ("annotation", "validation", "acceptance")
STATES = ("new", "in progress", "completed", "rejected")


def represent(call: Call, job: Job) -> dict[str, Any]:
    """The answer for a job."""
    state = call.state
    task = state.tasks[job.task_id]
    project = state.projects[task.project_id] if task.project_id is not None else None
    issues = [issue for issue in state.issues.values() if issue.job_id == job.id]
    replicas = task.replicas if job.type == "annotation" else 0
    answer = {
        "url": call.url(f"/api/jobs/{job.id}"),
        "id": job.id,
        "task_id": task.id,
        "task_name": task.name,
        "project_id": task.project_id,
        "project_name": project and project.name,
        "assignee": short_user(call, job.assignee),
        "guide_id": None,
        "dimension": "2d",
        "mode": "annotation",
        "media_type": "image",
        "bug_tracker": task.bug_tracker or None,
        "status": job.status,
        "stage": job.stage,
        "state": job.state,
        "frame_count": len(job.frame_numbers),
        "start_frame": job.start,
        "stop_frame": job.stop,
        "data_chunk_size": 36,
        "data_compressed_chunk_type": "imageset",
        "data_original_chunk_type": "imageset",
        "created_date": date(job.created),
        "updated_date": date(job.updated),
        "type": job.type,
        "organization": task.organization,
        "target_storage": None,
        "source_storage": None,
        "assignee_updated_date": date(job.assigned),
        "parent_job_id": job.parent,
        "consensus_replicas": replicas,
        "replicas_count": replicas,
        "issues": {"url": call.url("/api/issues", {"job_id": job.id}), "count": len(issues)},
        "labels": {"url": call.url("/api/labels", {"job_id": job.id})},
    }
    return as_of(state.version, "job", answer)


def found_job(call: Call, number: int) -> Job:
    """The job with an id, which who asks may see.

    Raises:
        Refused: There is none (404), or it is of others (403).
    """
    if number not in call.state.jobs:
        raise not_found()
    check_may_manage(call, call.state.jobs[number])
    return call.state.jobs[number]


@route("GET", "/api/jobs")
def list_jobs(call: Call) -> Answer:
    """The jobs that one sees, of all types."""
    state = call.state

    def filters(job: Job) -> dict[str, Any]:
        task = state.tasks[job.task_id]
        project = state.projects[task.project_id].name if task.project_id is not None else None
        where = {"task_id": task.id, "task_name": task.name, "project_id": task.project_id, "project_name": project}
        work = {"stage": job.stage, "state": job.state, "assignee": job.assignee, "type": job.type}
        return {**where, **work, "parent_job_id": job.parent, "dimension": "2d", "updated_date": date(job.updated)}

    mine = [job for job in state.jobs.values() if may_see(call, job)]
    searched = ("task_name", "project_name", "assignee", "state", "stage")
    return page_of(call, mine, Listed(lambda one: represent(call, one), filters, searched))


@route("GET", r"/api/jobs/(\d+)")
def show_job(call: Call, number: int) -> Answer:
    """One job."""
    return Answer(body=represent(call, found_job(call, number)))


@route("PATCH", r"/api/jobs/(\d+)")
def change_job(call: Call, number: int) -> Answer:
    """Change a job: its stage and assignee only by those who may change its task."""
    job = found_job(call, number)
    given = call.json()
    for name, known in (("stage", STAGES), ("state", STATES)):
        if given.get(name, known[0]) not in known:
            raise wrong_field(name, f'"{given[name]}" is not a valid choice.')
    task = call.state.tasks[job.task_id]
    if {"stage", "assignee"} & set(given) and not may_manage(call, task):
        raise forbidden()
    stage = given.get("stage", job.stage)
    job.state = given.get("state", job.state if stage == job.stage else "new")
    job.stage = stage
    call.state.touch(task, job)
    if "assignee" in given:
        job.assignee = user_given(call, given["assignee"], "assignee")
        job.assigned = job.updated
    return Answer(body=represent(call, job))


@route("POST", "/api/jobs")
def create_job(call: Call) -> Answer:
    """Make a ground-truth job of chosen frames, or of as many at random."""
    given = call.json()
    for name in ("type", "task_id"):
        if name not in given:
            raise wrong_field(name)
    if given["type"] != "ground_truth":
        raise bad([f"Unexpected job type '{given['type']}'"])
    task = found_task(call, given["task_id"])
    if not task.frames:
        raise bad(["This task has no data attached yet. Please set up task data and try again"])
    if task.validation_frames is not None:
        raise bad(['Task with validation mode "gt" cannot have more than 1 GT job'])
    frames = _frames_for_truth(task, given)
    now = call.state.now()
    job = Job(call.state.new_id("job"), task.id, "ground_truth", 0, len(task.frames) - 1, now, now, frames)
    job.assignee = user_given(call, given.get("assignee"), "assignee")
    call.state.jobs[job.id] = job
    task.validation_frames = frames
    call.state.touch(task)
    return Answer(201, represent(call, job))


def _frames_for_truth(task: Task, given: dict[str, Any]) -> list[int]:
    method = given.get("frame_selection_method")
    if method == "manual":
        frames = [int(frame) for frame in given.get("frames", [])]
        odd = sorted(set(frames) - set(range(len(task.frames))))
        if not frames:
            raise wrong_field("frames")
        if odd or len(set(frames)) < len(frames):
            raise bad([f"The following frames do not exist in the task: {odd}" if odd else "Frames must not repeat"])
        return frames
    if method == "random_uniform" and given.get("frame_count"):
        if given["frame_count"] > len(task.frames):
            raise bad(["The number of frames requested must not be greater than the number of the task frames"])
        return random.Random(given.get("random_seed")).sample(range(len(task.frames)), given["frame_count"])
    raise bad([f"Unexpected frame selection method '{method}'"])


@route("DELETE", r"/api/jobs/(\d+)")
def delete_job(call: Call, number: int) -> Answer:
    """Delete a ground-truth job."""
    job = found_job(call, number)
    if job.type != "ground_truth":
        raise bad(["Only ground truth jobs can be removed"])
    call.state.tasks[job.task_id].validation_frames = None
    call.state.remove_job(number)
    return Answer(204)
