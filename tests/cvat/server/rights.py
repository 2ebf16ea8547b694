"""Who may see and change what: CVAT's `engine/rules/tasks.rego` and `jobs.rego`, less the privileges of groups."""

from __future__ import annotations

from tests.cvat.server.answers import forbidden
from tests.cvat.server.calls import Call
from tests.cvat.server.records import Job, Project, Task
from tests.cvat.server.state import State


def may_manage(call: Call, thing: Project | Task | Job, by_role: bool = True) -> bool:
    """Whether who asks may see and change a thing: an administrator, whoever made it or has it to do, the same of the
    task and project above it, and in an organisation its owner and maintainers.

    Args:
        call: The request.
        thing: A project, task or job.
        by_role: Whether the role in the organisation counts: it does not in a list for no organisation.
    """
    if call.user in call.state.admins:
        return True
    organization = call.state.organization_of_id(organization_id_of(call.state, thing))
    if organization is not None and call.user not in organization.roles:
        return False
    if organization is not None and by_role and organization.roles[call.user] in ("owner", "maintainer"):
        return True
    return call.user in _staff(call.state, thing)


def check_may_manage(call: Call, thing: Project | Task | Job) -> None:
    """Refuse who asks where :func:`may_manage` does."""
    if not may_manage(call, thing):
        raise forbidden()


def may_see(call: Call, thing: Project | Task | Job) -> bool:
    """Whether a list has a thing for who asks."""
    if call.organization_chosen:
        wanted = call.organization.id if call.organization else None
        return organization_id_of(call.state, thing) == wanted and may_manage(call, thing)
    return may_manage(call, thing, by_role=False)


def check_may_create(call: Call, project: Project | None = None) -> None:
    """Refuse to make a project or task where who asks may not: workers of an organisation, and others in a project."""
    if call.user in call.state.admins:
        return
    if call.organization is not None and call.organization.roles[call.user] != "worker":
        return
    if call.organization is not None and project is None:
        raise forbidden()
    if project is not None and call.user not in _staff(call.state, project):
        raise forbidden()


def organization_id_of(state: State, thing: Project | Task | Job) -> int | None:
    """The organisation that a thing is in."""
    return state.tasks[thing.task_id].organization if isinstance(thing, Job) else thing.organization


def _staff(state: State, thing: Project | Task | Job) -> set[str | None]:
    if isinstance(thing, Job):
        return {thing.assignee} | _staff(state, state.tasks[thing.task_id])
    above = thing.project_id if isinstance(thing, Task) else None
    return {thing.owner, thing.assignee} | (set() if above is None else _staff(state, state.projects[above]))
