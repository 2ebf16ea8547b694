"""Labels: those given with a project or task, and the lists of them.

Read in `LabelSerializer` of CVAT's `serializers.py`: in a change, a label without an id is added, one with an id is
changed, and one that is also `deleted` goes, with its annotations.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

from tests.cvat.server.answers import Answer, Listed, bad, not_found, page_of, wrong_field
from tests.cvat.server.calls import Call, route
from tests.cvat.server.records import Label, Project, Task
from tests.cvat.server.rights import check_may_manage, may_see
from tests.cvat.server.state import State

_TYPES = (
    *("any", "cuboid", "ellipse", "mask", "points", "polygon"),
    *("polyline", "rectangle", "skeleton", "tag", "interval"),
)


def change_labels(state: State, owner: Project | Task, given: Sequence[dict[str, Any]]) -> None:
    """Add, change and delete labels of a project, or of a task without one.

    Raises:
        Refused: A name is missing or twice, a type is unknown, or there is no label with the id.
    """
    for spec in given:
        if spec.get("id") is None:
            _add_label(state, owner, spec)
            continue
        label = next((one for one in _labels_of(state, owner) if one.id == spec["id"]), None)
        if label is None:
            raise not_found(f"Not found label with id #{spec['id']} to change")
        if spec.get("deleted"):
            state.remove_labels([label.id])
            continue
        name = spec.get("name") or label.name
        _check(state, owner, name, spec.get("type", label.type), label)
        label.name, label.type = name, spec.get("type", label.type)
        label.color = spec.get("color") or label.color


def _add_label(state: State, owner: Project | Task, spec: dict[str, Any]) -> None:
    if spec.get("deleted"):
        raise bad({"labels": [{"non_field_errors": ["Deleted label must have an ID"]}]})
    if not spec.get("name"):
        raise bad({"labels": [{"name": ["This field is required."]}]})
    _check(state, owner, spec["name"], spec.get("type", "any"), None)
    color = spec.get("color") or f"#{zlib.crc32(spec['name'].encode()) & 0xFFFFFF:06x}"
    attributes = [{"id": state.new_id("label"), "default_value": "", **one} for one in spec.get("attributes", [])]
    label = Label(state.new_id("label"), spec["name"], color, spec.get("type", "any"), attributes)
    if isinstance(owner, Project):
        label.project_id = owner.id
    else:
        label.task_id = owner.id
    state.labels[label.id] = label


def _check(state: State, owner: Project | Task, name: str, kind: str, but: Label | None) -> None:
    if kind not in _TYPES:
        raise bad({"labels": [{"type": [f'"{kind}" is not a valid choice.']}]})
    if any(one.name == name for one in _labels_of(state, owner) if one is not but):
        raise bad([f"Label '{name}' already exists"])


def _labels_of(state: State, owner: Project | Task) -> list[Label]:
    return state.labels_of_project(owner.id) if isinstance(owner, Project) else state.labels_of(owner)


@route("GET", "/api/labels")
def list_labels(call: Call) -> Answer:
    """The labels of a project, a task or a job, or all that one sees, in the order in which they were made."""
    return page_of(call, _chosen_labels(call), Listed(_represent, lambda one: {"name": one.name, "type": one.type}))


def _chosen_labels(call: Call) -> list[Label]:
    state = call.state
    owners = {"project_id": state.projects, "task_id": state.tasks, "job_id": state.jobs}
    given = [name for name in owners if name in call.query]
    if len(given) > 1:
        raise bad(["job_id, task_id and project_id parameters cannot be used together"])
    call.query.setdefault("sort", "id")
    if not given:
        return [one for one in state.labels.values() if may_see(call, _owner_of(state, one))]
    number = call.query[given[0]]
    owner: Any = owners[given[0]].get(int(number)) if number.isdigit() else None  # type: ignore[attr-defined]
    if owner is None:
        raise not_found()
    check_may_manage(call, owner)
    if given == ["project_id"]:
        return state.labels_of_project(owner.id)
    return state.labels_of(state.tasks[owner.task_id] if given == ["job_id"] else owner)


def _owner_of(state: State, label: Label) -> Project | Task:
    return state.tasks[label.task_id] if label.project_id is None else state.projects[label.project_id]  # type: ignore[index]


def _represent(label: Label) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "id": label.id,
        "name": label.name,
        "color": label.color,
        "attributes": label.attributes,
        "type": label.type,
        "sublabels": [],
        "parent_id": None,
        "has_parent": False,
    }
    if label.project_id is not None:
        return {**answer, "project_id": label.project_id}
    return {**answer, "task_id": label.task_id}


def _found(call: Call, number: int) -> Label:
    if number not in call.state.labels:
        raise not_found()
    check_may_manage(call, _owner_of(call.state, call.state.labels[number]))
    return call.state.labels[number]


@route("GET", r"/api/labels/(\d+)")
def show_label(call: Call, number: int) -> Answer:
    """One label."""
    return Answer(body=_represent(_found(call, number)))


@route("PATCH", r"/api/labels/(\d+)")
def change_label(call: Call, number: int) -> Answer:
    """Change one label."""
    label = _found(call, number)
    if call.json().get("deleted"):
        raise wrong_field("deleted", "Labels cannot be deleted by updating in this endpoint.")
    change_labels(call.state, _owner_of(call.state, label), [{**call.json(), "id": number}])
    return Answer(body=_represent(label))


@route("DELETE", r"/api/labels/(\d+)")
def delete_label(call: Call, number: int) -> Answer:
    """Delete one label with its annotations."""
    _found(call, number)
    call.state.remove_labels([number])
    return Answer(204)
