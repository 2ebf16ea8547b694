"""Projects."""

from __future__ import annotations

from typing import Any

from tests.cvat.server.answers import Answer, Listed, date, not_found, page_of, wrong_field
from tests.cvat.server.calls import Call, route
from tests.cvat.server.labels import change_labels
from tests.cvat.server.people import short_user, user_given
from tests.cvat.server.records import Project
from tests.cvat.server.rights import check_may_create, check_may_manage, may_see
from tests.cvat.server.versions import as_of


def represent(call: Call, project: Project) -> dict[str, Any]:
    """The answer for a project."""
    tasks = [task for task in call.state.tasks.values() if task.project_id == project.id]
    chosen = {"project_id": project.id}
    answer = {
        "url": call.url(f"/api/projects/{project.id}"),
        "id": project.id,
        "name": project.name,
        "owner": short_user(call, project.owner),
        "assignee": short_user(call, project.assignee),
        "guide_id": None,
        "bug_tracker": project.bug_tracker,
        "task_subsets": sorted({task.subset for task in tasks if task.subset}),
        "created_date": date(project.created),
        "updated_date": date(project.updated),
        "status": "annotation",
        "dimension": "2d" if any(task.frames for task in tasks) else None,
        "organization": project.organization,
        "organization_id": project.organization,
        "target_storage": None,
        "source_storage": None,
        "tasks": {"count": len(tasks), "url": call.url("/api/tasks", chosen)},
        "labels": {"url": call.url("/api/labels", chosen)},
        "assignee_updated_date": date(project.assigned),
    }
    return as_of(call.state.version, "project", answer)


def found_project(call: Call, number: int) -> Project:
    """The project with an id, which who asks may see.

    Raises:
        Refused: There is none (404), or it is of others (403).
    """
    if number not in call.state.projects:
        raise not_found()
    check_may_manage(call, call.state.projects[number])
    return call.state.projects[number]


@route("GET", "/api/projects")
def list_projects(call: Call) -> Answer:
    """The projects that one sees; ``?name=`` is the whole name."""
    mine = [project for project in call.state.projects.values() if may_see(call, project)]

    def filters(project: Project) -> dict[str, Any]:
        owner = {"owner": project.owner, "assignee": project.assignee, "status": "annotation"}
        return {"name": project.name, **owner, "updated_date": date(project.updated)}

    searched = ("name", "owner", "assignee", "status")
    return page_of(call, mine, Listed(lambda one: represent(call, one), filters, searched))


@route("POST", "/api/projects")
def create_project(call: Call) -> Answer:
    """Make a project with labels. Two may have one name."""
    given = call.json()
    if not given.get("name"):
        raise wrong_field("name")
    check_may_create(call)
    state = call.state
    now = state.now()
    organization = call.organization.id if call.organization else None
    project = Project(state.new_id("project"), given["name"], call.user, organization, now, now)
    change_labels(state, project, [{**spec, "id": None} for spec in given.get("labels", [])])
    project.bug_tracker = given.get("bug_tracker", "")
    project.assignee = user_given(call, given.get("assignee_id"), "assignee_id")
    state.projects[project.id] = project
    return Answer(201, represent(call, project))


@route("GET", r"/api/projects/(\d+)")
def show_project(call: Call, number: int) -> Answer:
    """One project."""
    return Answer(body=represent(call, found_project(call, number)))


@route("PATCH", r"/api/projects/(\d+)")
def change_project(call: Call, number: int) -> Answer:
    """Change a project, or add, change and delete its labels."""
    project = found_project(call, number)
    given = call.json()
    if "name" in given and not given["name"]:
        raise wrong_field("name", "This field may not be blank.")
    change_labels(call.state, project, given.get("labels", []))
    project.name = given.get("name", project.name)
    project.bug_tracker = given.get("bug_tracker", project.bug_tracker)
    project.updated = call.state.now()
    if "assignee_id" in given:
        project.assignee = user_given(call, given["assignee_id"], "assignee_id")
        project.assigned = project.updated
    return Answer(body=represent(call, project))


@route("DELETE", r"/api/projects/(\d+)")
def delete_project(call: Call, number: int) -> Answer:
    """Delete a project with its tasks."""
    found_project(call, number)
    call.state.remove_project(number)
    return Answer(204)
