"""The memory of the server: everything that outlives a restart, and the settings that tests change."""

from __future__ import annotations

import itertools
import secrets
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from tests.cvat.server.records import (
    AccessToken,
    Background,
    Comment,
    Issue,
    Job,
    Label,
    Organization,
    Person,
    Project,
    Task,
)
from tests.cvat.server.versions import Version, parse_version


class State:
    """Users and what they made.

    Attributes:
        users: Passwords by name; tests may add to it.
        admins: Names of users who may do everything.
        access_tokens: Personal access tokens.
        organizations: By slug.
        projects, tasks, jobs, labels, issues, comments: By id. Ids of different kinds never meet, so that a client
            that mixes them up is found out.
        background: The making of tasks, by the id of its request.
        polls_until_finished: How often a client asks before a task is made; none, and it is made at once.
        creation_failure: What the next task that is made from data fails with.
        max_page_size: The longest page of a list. CVAT has had one (of 500) only since autumn 2026; here every version
            has it, so that a client must follow the pages.
        lock: Held while the memory is read or changed.
    """

    def __init__(self, version: str, users: Mapping[str, str] | None) -> None:
        self.version: Version = parse_version(version)
        self.users: dict[str, str] = dict(users or {"admin": "admin-pass", "ann": "ann-pass", "bob": "bob-pass"})
        self.admins: set[str] = {"admin"}
        self.access_tokens: dict[str, AccessToken] = {}
        self.tokens: dict[str, str] = {}
        self.sessions: dict[str, tuple[str, str]] = {}
        self.organizations: dict[str, Organization] = {}
        self.projects: dict[int, Project] = {}
        self.labels: dict[int, Label] = {}
        self.tasks: dict[int, Task] = {}
        self.jobs: dict[int, Job] = {}
        self.issues: dict[int, Issue] = {}
        self.comments: dict[int, Comment] = {}
        self.background: dict[str, Background] = {}
        self.uploads: list[tuple[int, str]] = []
        self.polls_until_finished = 1
        self.creation_failure: str | None = None
        self.max_page_size = 500
        self.lock = threading.RLock()
        self._people: dict[str, Person] = {}
        self._last = datetime.now(UTC)
        starts = ("user", 1), ("organization", 71), ("member", 81), ("project", 11), ("label", 301), ("task", 101)
        more = ("data", 201), ("job", 1001), ("annotation", 5001), ("issue", 601), ("comment", 701)
        self._counters = {kind: itertools.count(start) for kind, start in (*starts, *more)}

    def new_id(self, kind: str) -> int:
        """The next id of a kind of things."""
        return next(self._counters[kind])

    def now(self) -> datetime:
        """The time, later than any before, so that of two changes one is the newer."""
        self._last = max(datetime.now(UTC), self._last + timedelta(microseconds=1))
        return self._last

    def person(self, name: str) -> Person:
        """The account of a user."""
        if name not in self._people:
            self._people[name] = Person(self.new_id("user"), name, self.now())
        return self._people[name]

    def user_of_id(self, number: int) -> str | None:
        """The name of the user with an id."""
        return next((name for name in self.users if self.person(name).id == number), None)

    def organization_of_id(self, number: int | None) -> Organization | None:
        """The organisation with an id."""
        return next((one for one in self.organizations.values() if one.id == number), None)

    def labels_of(self, task: Task) -> list[Label]:
        """The labels that a task's annotations may have: those of its project, or else its own."""
        if task.project_id is not None:
            return self.labels_of_project(task.project_id)
        return [label for label in self.labels.values() if label.task_id == task.id]

    def labels_of_project(self, project_id: int) -> list[Label]:
        """The labels of a project."""
        return [label for label in self.labels.values() if label.project_id == project_id]

    def jobs_of(self, task_id: int, *types: str) -> list[Job]:
        """The jobs of a task, of some types or of all, in the order of their ids."""
        found = [job for job in self.jobs.values() if job.task_id == task_id and (not types or job.type in types)]
        return sorted(found, key=lambda job: job.id)

    def touch(self, task: Task, *jobs: Job) -> None:
        """Note that a task, some of its jobs and its project changed."""
        changed: list[Task | Job | Project] = [task, *jobs]
        if task.project_id is not None:
            changed.append(self.projects[task.project_id])
        now = self.now()
        for one in changed:
            one.updated = now

    def remove_task(self, task_id: int) -> None:
        """Delete a task with all that hangs on it."""
        del self.tasks[task_id]
        for job in self.jobs_of(task_id):
            self.remove_job(job.id)
        for label_id in [label.id for label in self.labels.values() if label.task_id == task_id]:
            del self.labels[label_id]
        self.background = {key: one for key, one in self.background.items() if one.task_id != task_id}

    def remove_job(self, job_id: int) -> None:
        """Delete a job with its issues."""
        del self.jobs[job_id]
        gone = {issue.id for issue in self.issues.values() if issue.job_id == job_id}
        self.issues = {key: issue for key, issue in self.issues.items() if key not in gone}
        self.comments = {key: comment for key, comment in self.comments.items() if comment.issue_id not in gone}

    def remove_project(self, project_id: int) -> None:
        """Delete a project with its tasks and labels."""
        for task_id in [task.id for task in self.tasks.values() if task.project_id == project_id]:
            self.remove_task(task_id)
        self.remove_labels(label.id for label in self.labels_of_project(project_id))
        del self.projects[project_id]

    def remove_labels(self, label_ids: Iterable[int]) -> None:
        """Delete labels with the annotations that have them."""
        gone = set(label_ids)
        self.labels = {key: label for key, label in self.labels.items() if key not in gone}
        for job in self.jobs.values():
            for kind, found in job.annotations.items():
                job.annotations[kind] = [one for one in found if one["label_id"] not in gone]

    def add_access_token(self, user: str, read_only: bool = False) -> str:
        """Make a personal access token for a user; returns it."""
        with self.lock:
            value = f"{secrets.token_hex(4)}.{secrets.token_hex(16)}"
            self.access_tokens[value] = AccessToken(user, read_only)
            return value

    def add_organization(self, slug: str, owner: str, members: Mapping[str, str] | None = None) -> Organization:
        """Make an organisation.

        Args:
            slug: Its short name, which ``X-Organization`` gives.
            owner: The user who owns it.
            members: Roles of more users: maintainer, supervisor or worker.
        """
        with self.lock:
            roles = {owner: "owner", **(members or {})}
            ids = {name: self.new_id("member") for name in roles}
            made = Organization(self.new_id("organization"), slug, owner, self.now(), roles, ids)
            self.organizations[slug] = made
            return made

    def forget_sessions(self) -> None:
        """Forget who logged in: keys and cookies are no longer good, access tokens are."""
        with self.lock:
            self.tokens.clear()
            self.sessions.clear()

    def expire_requests(self) -> None:
        """Forget requests that ended, as CVAT does after some time."""
        with self.lock:
            ended = ("finished", "failed")
            self.background = {key: one for key, one in self.background.items() if one.status not in ended}
