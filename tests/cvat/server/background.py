"""Requests: the making of tasks in the background, which a client asks for until it has ended.

Read in `background.py` (what is asked for twice is a conflict), `views.py` and `serializers.py` of CVAT's
`redis_handler`, and in the `status` action of `TaskViewSet` in `engine/views.py`. The latter was declared old in 2.16,
when `/api/requests` came, and has been there ever since (with a header `Deprecation: true`; it is in the SDK of 2.80).
Where nothing is known of a task, it says that it is finished.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import unquote

from tests.cvat.server.answers import HTML, Answer, Listed, Refused, date, forbidden, page_of, page_of_html
from tests.cvat.server.calls import Call, route
from tests.cvat.server.frames import Unmakeable, make_frames
from tests.cvat.server.records import Background, Task
from tests.cvat.server.state import State
from tests.cvat.server.tasks import found_task
from tests.cvat.server.versions import QUERY_LIKE_REQUEST_IDS, REQUESTS, as_of


def start_making(call: Call, task: Task, options: dict[str, Any]) -> Answer:
    """Begin to make a task from its data; refuse to begin twice."""
    state = call.state
    running = next((one for one in state.background.values() if one.task_id == task.id and not one.finished), None)
    if running is not None:
        return Answer(409, {"rq_id": running.id})
    name = f"create:task-{task.id}"
    if state.version >= QUERY_LIKE_REQUEST_IDS:
        name = f"action=create&target=task&target_id={task.id}"
    state.background[name] = Background(name, task.id, call.user, options, state.polls_until_finished, state.now())
    if state.polls_until_finished == 0:
        _advance(state, state.background[name])
    return Answer(202, {"rq_id": name} if state.version >= REQUESTS else None)


def _advance(state: State, request: Background) -> None:
    """A step nearer to the end, as a client asks."""
    if request.finished:
        return
    if request.polls_left > 0:
        request.polls_left -= 1
        return
    request.started = request.started or state.now()
    failure, state.creation_failure = state.creation_failure, None
    try:
        if failure is not None:
            raise Unmakeable(failure)
        make_frames(state, state.tasks[request.task_id], request.options)
        request.status = "finished"
    except Unmakeable as error:
        request.status, request.message = "failed", str(error)
    request.finished = state.now()


def _asked(state: State, request: Background) -> Background:
    """The request, as it stands when a client asks: queued, then started, then ended."""
    waiting = request.polls_left
    _advance(state, request)
    if not request.finished and waiting < state.polls_until_finished:
        request.status = "started"
        request.started = request.started or state.now()
        request.message = "Task is being saved in database"
    return request


def _represent(call: Call, request: Background) -> dict[str, Any]:
    task = call.state.tasks[request.task_id]
    about = {"type": "create:task", "target": "task", "project_id": task.project_id, "task_id": task.id, "job_id": None}
    more = {"org_id": task.organization, "function_id": None, "format": None, "lightweight": None}
    return {
        "status": request.status,
        "message": "" if request.status == "finished" else request.message,
        "id": request.id,
        "operation": as_of(call.state.version, "operation", {**about, **more}),
        "progress": 1.0 if request.finished else 0.0,
        "created_date": date(request.created),
        "started_date": date(request.started),
        "finished_date": date(request.finished),
        "expiry_date": date(request.finished and request.finished + timedelta(hours=8)),
        "owner": {"id": call.state.person(request.owner).id, "username": request.owner},
        "result_url": None,
        "result_id": None,
    }


@route("GET", "/api/requests")
def list_requests(call: Call) -> Answer:
    """The requests of who asks."""
    _check_known(call.state)
    call.query.setdefault("sort", "-created_date")

    def filters(request: Background) -> dict[str, Any]:
        task = call.state.tasks[request.task_id]
        kind = {"action": "create", "target": "task", "status": request.status}
        return {**kind, "task_id": task.id, "project_id": task.project_id, "created_date": date(request.created)}

    mine = [_asked(call.state, one) for one in call.state.background.values() if one.owner == call.user]
    return page_of(call, mine, Listed(lambda one: _represent(call, one), filters))


@route("GET", "/api/requests/([^/]+)")
def show_request(call: Call, name: str | int) -> Answer:
    """One request."""
    _check_known(call.state)
    request = call.state.background.get(unquote(str(name)))
    if request is None:
        raise Refused(Answer(404, b"There is no request with specified id", content_type=HTML))
    if call.user not in (request.owner, *call.state.admins):
        raise forbidden()
    return Answer(body=_represent(call, _asked(call.state, request)))


def _check_known(state: State) -> None:
    if state.version < REQUESTS:
        raise Refused(page_of_html(404, "Not Found"))


@route("GET", r"/api/tasks/(\d+)/status")
def show_status(call: Call, number: int) -> Answer:
    """How far the making of a task is, in old words."""
    found_task(call, number)
    request = next((one for one in call.state.background.values() if one.task_id == number), None)
    status = "finished" if request is None else _asked(call.state, request).status
    answer: dict[str, Any] = {"state": status.title(), "message": ""}
    if request is not None and status != "finished":
        answer["message"] = request.message
    if status == "started":
        answer["progress"] = 0.0
    headers = {"Deprecation": "true"} if call.state.version >= REQUESTS else {}
    return Answer(body=answer, headers=headers)
