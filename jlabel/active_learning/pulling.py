"""Labels come back, job by job: what has changed since the last look is fetched, a few jobs ahead, and saved."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any

from jlabel.active_learning.label_saving import LabelSaver
from jlabel.active_learning.project import LoopProject, values_here
from jlabel.active_learning.reports import PullReport
from jlabel.active_learning.settings import LoopSettings
from jlabel.active_learning.tag_saving import PulledTags, TagSaver, tags_of_jobs
from jlabel.active_learning.task_labels import TaskLabels
from jlabel.cvat import jobs as cvat_jobs
from jlabel.cvat import tasks
from jlabel.cvat.connection import Connection
from jlabel.cvat.jobs import CvatJob
from jlabel.cvat.received import LabelValues
from jlabel.datastores import NewLabel
from jlabel.datastores.annotation_tasks import DONE, LOST, OUT, AnnotationFrame, AnnotationJob, AnnotationTask
from jlabel.errors import CvatError, JlabelError
from jlabel.manager import AppManager
from jlabel.progress import NO_PROGRESS, Progress

_TOGETHER = 32  # labels in memory at once
_AT_ONCE = 4  # requests under way


@dataclass(frozen=True)
class Puller:
    """Fetches what is done in the tasks of one loop.

    Attributes:
        manager: Whose studies.
        connection: To the server.
        settings: Of the loop.
        project: Where the tasks are.
    """

    manager: AppManager
    connection: Connection
    settings: LoopSettings
    project: LoopProject

    def pull(self, progress: Progress = NO_PROGRESS, again: bool = False) -> PullReport:
        """Save the labels of all jobs that are done and have changed since.

        Args:
            progress: Told how far it is; can cancel it between two jobs.
            again: Whether tasks that are done are looked at, too: a job in them may have been opened again.

        Raises:
            CvatError: The server cannot be reached.
            DatastoreError: A label cannot be saved.
        """
        report = PullReport()
        states = (OUT, DONE) if again else (OUT,)
        out = self.manager.datastore.annotation_tasks.tasks(self.project.place, states)
        if not out:
            return report
        labels, tags = self.manager.label_names.current, self.manager.app.tags
        known = values_here(self.connection, self.project.id, labels, tags)
        for number, task in enumerate(out):
            progress.step(number, len(out))
            _TaskPull(self, task, known, report, progress).pull()
        progress.step(1, 1)
        return report


@dataclass
class _TaskPull:
    """One task that is looked at."""

    puller: Puller
    task: AnnotationTask
    known: LabelValues
    report: PullReport
    progress: Progress
    now: dict[int, AnnotationJob] = field(default_factory=dict)

    def pull(self) -> None:
        jobs = self._jobs()
        ledger = self.puller.manager.datastore.annotation_tasks
        if jobs is None:
            ledger.change_state(self.task.key, LOST)
            self.report.lost.append(self.task.number or 0)
            return
        before = {job.number: job for job in ledger.jobs(self.task.key)}
        self.now = {job.id: _noted(job, before.get(job.id)) for job in jobs}
        self._note([one for number, one in self.now.items() if one != before.get(number)])
        ready = [job for job in jobs if job.is_done(self.puller.settings.accepted)]
        changed = [job for job in ready if self.now[job.id].pulled != job.updated]
        if changed:
            self._pull_jobs(self._groups(ready, changed, len(jobs)))
        done = bool(jobs) and len(ready) == len(jobs) and all(self.now[job.id].pulled for job in ready)
        if done and self.task.state != DONE:
            ledger.change_state(self.task.key, DONE)

    @cached_property
    def labels(self) -> TaskLabels:
        """What shapes become, with the frames that the task has now: some may have been taken out."""
        connection = self.puller.connection
        frames = tasks.task_frames(connection, self.task.number or 0)
        ledger = self.puller.manager.datastore.annotation_tasks
        sent = {one.number: one for one in ledger.frames(self.task.key) if one.number is not None}
        return TaskLabels(
            manager=self.puller.manager,
            server=connection.account.url,
            task=self.task,
            known=self.known,
            frames={one.number: sent[one.number] for one in frames if one.number in sent},
            deleted=frozenset(one.number for one in frames if one.deleted),
            sizes={one.number: (one.height, one.width) for one in frames},
        )

    @cached_property
    def saver(self) -> LabelSaver:
        """Saves labels."""
        return LabelSaver(self.puller.manager, self.report)

    def _jobs(self) -> list[CvatJob] | None:
        """The jobs in which people annotate; None where the server has the task no more."""
        connection = self.puller.connection
        try:
            jobs = cvat_jobs.task_jobs(connection, self.task.number or 0)
            if not jobs:
                connection.get(f"tasks/{self.task.number}")
        except CvatError as error:
            if error.status != 404:
                raise
            return None
        return [job for job in jobs if job.kind == cvat_jobs.ANNOTATION]

    def _groups(self, ready: Sequence[CvatJob], changed: Sequence[CvatJob], jobs: int) -> list[list[CvatJob]]:
        """Jobs whose labels are made together: each by itself; those of a volume all, once all are done."""
        if self.labels.of_volume:
            return [list(ready)] if len(ready) == jobs else []
        return [[job] for job in changed]

    def _pull_jobs(self, groups: Sequence[Sequence[CvatJob]]) -> None:
        """Fetch a few jobs ahead, and save the labels of several together."""
        waiting = _Waiting()
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="jlabel-cvat") as threads:
            fetched: deque[tuple[Sequence[CvatJob], Future[list[Any]]]] = deque()
            try:
                for group in [*groups, None]:
                    if group is not None:
                        fetched.append((group, threads.submit(self._fetch, group)))
                    while fetched and (group is None or len(fetched) > 2 * _AT_ONCE):
                        self.progress.check()
                        jobs, drawn = fetched.popleft()
                        self._take(jobs, drawn.result(), waiting)
            finally:
                for _, future in fetched:
                    future.cancel()
        self._save(waiting)

    def _fetch(self, jobs: Sequence[CvatJob]) -> list[Any]:
        return [cvat_jobs.job_shapes(self.puller.connection, job.id) for job in jobs]

    def _take(self, jobs: Sequence[CvatJob], drawn: Sequence[Mapping[str, Any]], waiting: _Waiting) -> None:
        labels, tags = self._labels(jobs, drawn), None
        while True:
            # What is wrong with a job is told of it; that labels cannot be saved is no fault of one.
            try:
                tags = tags or tags_of_jobs(self.labels, jobs, drawn)
                some = list(islice(labels, _TOGETHER))
            except JlabelError as error:
                self.report.problems["job " + ", ".join(str(job.id) for job in jobs)] = str(error)
                self._note([replace(self.now[job.id], problem=str(error)) for job in jobs])
                return
            if not some:
                self.report.unknown_tags |= tags.unknown
                waiting.tags += tags.images
                waiting.jobs += jobs
                return
            waiting.labels += some
            if len(waiting.labels) >= _TOGETHER:
                self._save(waiting)

    def _labels(
        self, jobs: Sequence[CvatJob], drawn: Sequence[Mapping[str, Any]]
    ) -> Iterator[tuple[NewLabel, AnnotationFrame]]:
        shapes = [self.labels.shapes(job, one) for job, one in zip(jobs, drawn, strict=True)]
        yield from self.labels.labels(jobs, shapes)

    def _save(self, waiting: _Waiting) -> None:
        """Save what waits; jobs whose labels are all saved are done with."""
        self.saver.save(waiting.labels)
        waiting.labels.clear()
        TagSaver(self.puller.manager, self.task, self.report).save(waiting.tags)
        waiting.tags.clear()
        self._note([replace(self.now[job.id], pulled=job.updated, problem="") for job in waiting.jobs])
        waiting.jobs.clear()

    def _note(self, jobs: Sequence[AnnotationJob]) -> None:
        if jobs:
            self.puller.manager.datastore.annotation_tasks.note_jobs(self.task.key, jobs)
            self.now.update({one.number: one for one in jobs})


@dataclass
class _Waiting:
    """Labels and tags that are not saved yet, and jobs of which all are here or saved."""

    labels: list[tuple[NewLabel, AnnotationFrame]] = field(default_factory=list)
    tags: list[PulledTags] = field(default_factory=list)
    jobs: list[CvatJob] = field(default_factory=list)


def _noted(job: CvatJob, before: AnnotationJob | None) -> AnnotationJob:
    pulled, problem = (before.pulled, before.problem) if before is not None else ("", "")
    return AnnotationJob(job.id, job.first, job.last, f"{job.stage}: {job.state}", job.assignee, pulled, problem)
