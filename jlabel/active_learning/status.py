"""How a loop stands: rounds, who works on what, what came back, the model's curve, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from jlabel.datastores.annotation_tasks import AnnotationJob, AnnotationTask
from jlabel.display.html import facts_html
from jlabel.jobs import Job
from jlabel.manager import AppManager


@dataclass(frozen=True)
class TaskStatus:
    """A task on the server.

    Attributes:
        round: Of which round it is.
        number: Its number on the server; None where it is not uploaded yet.
        link: Its page on the server; "" where there is none yet.
        state: ``"planned"``, ``"out"``, ``"done"`` or ``"lost"``.
        images: How many images are in it.
        jobs: How many jobs it has, as far as that is known.
        came_back: Of how many of them the labels are saved.
        people: Who works on it.
        problems: What is wrong with jobs of it.
    """

    round: int
    number: int | None
    link: str
    state: str
    images: int
    jobs: int
    came_back: int
    people: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class ModelPoint:
    """A version of the model on the curve.

    Attributes:
        version: Its number.
        images: From how many images it learnt.
        score: Of its validation; None where there was none.
        metric: What the score is.
        in_use: Whether it is the one in use.
    """

    version: int
    images: int
    score: float | None
    metric: str
    in_use: bool


@dataclass(frozen=True)
class WorkStatus:
    """A training or a scoring that runs: what it is, and how far it is, 0 to 1."""

    name: str
    progress: float


@dataclass(frozen=True)
class LoopStatus:
    """How a loop stands.

    Attributes:
        project: The project on the server.
        server: The server's address.
        link: The project's page on the server; "" where there is none yet.
        strategy: By which images are chosen.
        round: The newest round; 0 before the first.
        labelled: How many images have a final label.
        waiting: How many wait for one and are not out.
        out: How many are out.
        tasks: All tasks, the newest first.
        curve: The versions of the model, the oldest first.
        training: The training that runs; None where none does.
        scoring: The scoring that runs; None where none does.
        running: Whether the loop goes on by itself.
        next_step: What comes next, in words.
        problem: What is wrong; "" where nothing is.

    Examples:
        >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
        >>> cvat = jlabel.Cvat("http://localhost:8080", token="abc")
        >>> status = jlabel.AnnotationLoop(manager, cvat, jlabel.LoopSettings("livers", strategy="first")).status()
        >>> isinstance(status, jlabel.LoopStatus), status.waiting, status.tasks
        (True, 3, ())
        >>> manager.close()
    """

    project: str
    server: str
    link: str
    strategy: str
    round: int
    labelled: int
    waiting: int
    out: int
    tasks: tuple[TaskStatus, ...]
    curve: tuple[ModelPoint, ...]
    training: WorkStatus | None
    scoring: WorkStatus | None
    running: bool
    next_step: str
    problem: str

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @property
    def facts(self) -> dict[str, Any]:
        """The status in figures."""
        last = next((point for point in reversed(self.curve) if point.in_use), None)
        known = last is not None and last.score is not None
        score = f"version {last.version}: {last.metric} {last.score:.3f}" if last is not None and known else None
        return {
            "round": self.round or None,
            "out": self.out,
            "labelled": self.labelled,
            "waiting": self.waiting,
            "model": score,
            "training": None if self.training is None else f"{self.training.progress:.0%}",
            "scoring": None if self.scoring is None else f"{self.scoring.progress:.0%}",
            "next": self.next_step,
        }

    @property
    def notes(self) -> list[str]:
        """What is wrong."""
        found = [problem for task in self.tasks for problem in task.problems]
        return [*([self.problem] if self.problem else []), *found]

    def __str__(self) -> str:
        lines = [f"{self.project} at {self.server}"]
        lines += [f"{key}: {value}" for key, value in self.facts.items() if value is not None]
        return "\n".join([*lines, *self.notes])

    def _repr_html_(self) -> str:
        return facts_html(f"{self.project} at {self.server}", self.facts, self.notes)


def task_statuses(manager: AppManager, place: str, url: str) -> tuple[TaskStatus, ...]:
    """All tasks of a project, the newest first."""
    ledger = manager.datastore.annotation_tasks
    jobs, images = ledger.jobs_by_task(place), ledger.image_counts(place)
    tasks = reversed(ledger.tasks(place))
    return tuple(_task_status(task, jobs.get(task.key, ()), images.get(task.key, 0), url) for task in tasks)


def model_curve(manager: AppManager, train: str) -> tuple[ModelPoint, ...]:
    """The versions of a train task's model, the oldest first; none where there is no such task."""
    if train not in manager.app.trainers:
        return ()
    return tuple(
        ModelPoint(one.number, len(one.images), one.score, str(one.metric or ""), one.in_use)
        for one in manager.models(train)
    )


def work_status(job: Job | None) -> WorkStatus | None:
    """A job in figures."""
    return None if job is None else WorkStatus(job.name, job.progress)


def _task_status(task: AnnotationTask, jobs: Sequence[AnnotationJob], images: int, url: str) -> TaskStatus:
    people = tuple(dict.fromkeys(job.assignee for job in jobs if job.assignee))
    problems = tuple(f"job {job.number}: {job.problem}" for job in jobs if job.problem)
    came_back = sum(bool(job.pulled) for job in jobs)
    link = "" if task.number is None else f"{url}/tasks/{task.number}"
    return TaskStatus(task.round, task.number, link, task.state, images, len(jobs), came_back, people, problems)
