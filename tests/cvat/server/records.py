"""What the server keeps in memory: users, organisations, projects, labels, tasks, jobs, issues."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Annotations = dict[str, list[dict[str, Any]]]
KINDS = ("tags", "shapes", "tracks")
"""The lists of annotations that a job has."""


@dataclass
class Person:
    """Somebody with an account."""

    id: int
    name: str
    joined: datetime


@dataclass
class AccessToken:
    """A personal access token."""

    user: str
    read_only: bool = False


@dataclass
class Organization:
    """An organisation: users with roles (owner, maintainer, supervisor, worker)."""

    id: int
    slug: str
    owner: str
    created: datetime
    roles: dict[str, str] = field(default_factory=dict)
    member_ids: dict[str, int] = field(default_factory=dict)


@dataclass
class Label:
    """A label of a project, or of a task without one."""

    id: int
    name: str
    color: str
    type: str
    attributes: list[dict[str, Any]]
    project_id: int | None = None
    task_id: int | None = None


@dataclass
class Project:
    """A project."""

    id: int
    name: str
    owner: str
    organization: int | None
    created: datetime
    updated: datetime
    assignee: str | None = None
    assigned: datetime | None = None
    bug_tracker: str = ""


@dataclass
class Frame:
    """A picture of a task; sizes in pixels."""

    name: str
    width: int
    height: int


@dataclass
class Piecemeal:
    """A file that arrives by TUS, piece by piece."""

    name: str
    size: int
    user: str
    data: bytearray = field(default_factory=bytearray)


@dataclass
class Task:
    """A task, its pictures and what is known of their upload."""

    id: int
    name: str
    owner: str
    organization: int | None
    created: datetime
    updated: datetime
    project_id: int | None = None
    assignee: str | None = None
    assigned: datetime | None = None
    bug_tracker: str = ""
    subset: str = ""
    segment_size: int = 0
    overlap: int | None = None
    replicas: int = 0
    data_id: int | None = None
    image_quality: int = 70
    announced: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    arriving: dict[str, Piecemeal] = field(default_factory=dict)
    frames: list[Frame] = field(default_factory=list)
    deleted: set[int] = field(default_factory=set)
    chunks_updated: datetime | None = None
    validation_frames: list[int] | None = None
    disabled: set[int] = field(default_factory=set)


@dataclass
class Job:
    """A job: a stretch of a task's frames, or some of them where it is a ground-truth job."""

    id: int
    task_id: int
    type: str
    start: int
    stop: int
    created: datetime
    updated: datetime
    frames: list[int] | None = None
    parent: int | None = None
    assignee: str | None = None
    assigned: datetime | None = None
    stage: str = "annotation"
    state: str = "new"
    annotations: Annotations = field(default_factory=lambda: {kind: [] for kind in KINDS})

    @property
    def frame_numbers(self) -> list[int]:
        """The frames that belong to it, as numbers in the task."""
        return list(range(self.start, self.stop + 1)) if self.frames is None else self.frames

    @property
    def status(self) -> str:
        """The old word for stage and state."""
        if self.stage == "annotation":
            return "annotation"
        return "completed" if (self.stage, self.state) == ("acceptance", "completed") else "validation"


@dataclass
class Comment:
    """What somebody wrote to an issue."""

    id: int
    issue_id: int
    owner: str
    message: str
    created: datetime


@dataclass
class Issue:
    """A question to a place in a frame of a job."""

    id: int
    job_id: int
    frame: int
    position: list[float]
    owner: str
    created: datetime
    assignee: str | None = None
    resolved: bool = False


@dataclass
class Background:
    """The making of a task from its data, which the client polls."""

    id: str
    task_id: int
    owner: str
    options: dict[str, Any]
    polls_left: int
    created: datetime
    status: str = "queued"
    message: str = ""
    started: datetime | None = None
    finished: datetime | None = None
