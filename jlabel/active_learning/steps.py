"""The steps of active learning with CVAT: send a round, fetch what is done, and how it stands."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from jlabel.active_learning import status
from jlabel.active_learning.agreement import COLUMNS, agreement_rows
from jlabel.active_learning.choosing import choose, strategy_of
from jlabel.active_learning.held_images import held_images, held_while_planned, release_left
from jlabel.active_learning.learning import Learner
from jlabel.active_learning.lease import Lease
from jlabel.active_learning.project import LoopProject, open_project, place_of
from jlabel.active_learning.pulling import Puller
from jlabel.active_learning.reports import PullReport, SendReport
from jlabel.active_learning.sending import Sender, planned
from jlabel.active_learning.sent_images import SentImages
from jlabel.active_learning.settings import LoopSettings
from jlabel.active_learning.status import LoopStatus
from jlabel.cvat import Cvat
from jlabel.cvat.pictures import view_of
from jlabel.datastores.annotation_tasks import OPEN, OUT
from jlabel.display.table import as_table
from jlabel.errors import TaskError
from jlabel.manager import AppManager
from jlabel.progress import NO_PROGRESS, Progress

logger = logging.getLogger(__name__)

_UNREADABLE_AT_ONCE = 20


class LoopSteps:
    """The steps of a loop; see :class:`AnnotationLoop`.

    Args:
        manager: Whose studies.
        server: The CVAT server.
        settings: How the loop goes.

    Raises:
        TaskError: No such strategy or train task, or an image datastore that keeps no record of tasks.
    """

    def __init__(self, manager: AppManager, server: Cvat, settings: LoopSettings) -> None:
        _check(manager, settings)
        self.manager = manager
        self.server = server
        self.settings = settings
        self._place = place_of(server.connection, settings.project)
        self._lease = Lease(manager.datastore, self._place)
        self._learner = Learner(manager, settings, self._place)
        self._sent = SentImages(manager, server, settings.project, self._place)
        self._project: LoopProject | None = None
        self._turn = threading.RLock()
        self._problem = ""
        self._unreadable: dict[str, str] = {}
        server.remember(self)
        manager.annotation_server = self

    def __repr__(self) -> str:
        return f"AnnotationLoop: {self.settings.project} at {self.server.url}, round {self.round}"

    def _repr_html_(self) -> str:
        return self.status()._repr_html_()

    @property
    def round(self) -> int:
        """The newest round, 0 before the first."""
        return max((task.round for task in self.manager.datastore.annotation_tasks.tasks(self._place)), default=0)

    @property
    def running(self) -> bool:
        """Whether it goes on by itself."""
        return False

    def send(self, k: int | None = None, progress: Progress = NO_PROGRESS) -> SendReport:
        """Send a round, or go on with one that was planned and not sent whole.

        Args:
            k: How many images; as the settings say if not given.
            progress: Told how far it is, and can cancel it: the next call goes on with the round.

        Returns:
            What was sent; where nothing was, why not.

        Raises:
            CvatError: The server cannot be reached, or refuses.
            TaskError: Another loop works on the project, or the strategy failed.
        """
        with self._working(progress):
            begun = planned(self.manager, self._place)
            if begun:
                return self._send(begun, SendReport(), progress)
            rounds = {task.round for task in self.manager.datastore.annotation_tasks.tasks(self._place, OPEN)}
            if len(rounds) >= self.settings.rounds_out:
                return SendReport(why_not=f"{len(rounds)} of {self.settings.rounds_out} rounds are out")
            report = SendReport(left_out=self._unreadable)
            release_left(self.manager.datastore, self._place)
            held = held_images(self.manager.datastore)
            out = {*self.manager.datastore.annotation_tasks.images_out(), *self._unreadable, *held}
            chosen = choose(self.manager, self.settings.strategy, k or self.settings.top_k, out, self.settings.diverse)
            with held_while_planned(self.manager.datastore, self._place, chosen) as free:
                if not free:
                    report.why_not = f"no image waits for a label{' that nobody works on here' if held else ''}"
                    return report
                tasks = self._sender().plan(free, self._unreadable)
            if not tasks and len(self._unreadable) < _UNREADABLE_AT_ONCE:
                return self.send(k, progress)
            return self._send(tasks, report, progress)

    def pull(self, progress: Progress = NO_PROGRESS, again: bool = False) -> PullReport:
        """Save the labels of all jobs that are done on the server.

        Args:
            progress: Told how far it is, and can cancel it.
            again: Whether to look at tasks that are done, too: a job of them may have been opened again.

        Raises:
            CvatError: The server cannot be reached, or refuses.
            DatastoreError: A label cannot be saved; the next call goes on.
            TaskError: Another loop works on the project.
        """
        with self._working(progress):
            project = self._open()
            return Puller(self.manager, self.server.connection, self.settings, project).pull(progress, again)

    def status(self) -> LoopStatus:
        """How the loop stands, as far as the last look at the server has told; asks the server nothing."""
        store = self.manager.datastore
        tasks = status.task_statuses(self.manager, self._place, self.server.url)
        training, scoring = self._learner.at_work()
        out = store.annotation_tasks.images_out(self._place)
        waiting = store.count_unlabeled()
        if out:
            waiting -= len(out - set(store.get_labeled_images()))
        return LoopStatus(
            project=self.settings.project,
            server=self.server.url,
            link="" if self._project is None else f"{self.server.url}/projects/{self._project.id}",
            strategy=self.settings.strategy,
            round=max((task.round for task in tasks), default=0),
            labelled=store.count_labeled(),
            waiting=waiting,
            out=len(out),
            tasks=tasks,
            curve=status.model_curve(self.manager, self.settings.train),
            training=status.work_status(training),
            scoring=status.work_status(scoring),
            running=self.running,
            next_step=self._next_step(len(out), training is not None, scoring is not None),
            problem=self._problem or self._learner.problem,
        )

    def upload_pre_annotations(self, images: Iterable[str] | None = None) -> int:
        """Give images that are out, and that nobody has begun, the model's masks and classes as a starting point.

        Args:
            images: Ids; all that are out if not given.

        Returns:
            How many images got some.

        Raises:
            CvatError: The server cannot be reached, or refuses.
        """
        with self._working():
            sender = self._sender()
            wanted = None if images is None else list(images)
            out = self.manager.datastore.annotation_tasks.tasks(self._place, [OUT])
            return sum(sender.pre_annotate(task, wanted) for task in out)

    def send_back(
        self,
        image_id: str,
        message: str,
        position: tuple[float, float] | None = None,
        slice_index: int | None = None,
    ) -> str:
        """Send the job of an image back to who annotated it, with a comment at a place in the picture.

        Args:
            image_id: The image.
            message: What is to be changed.
            position: x and y in pixels of the picture; its middle if not given.
            slice_index: Which slice of a volume, from 0 on; its middle one if not given.

        Returns:
            Who works on the job; empty for nobody.

        Raises:
            TaskError: The image was never sent from here.
            CvatError: The server cannot be reached, or refuses.
        """
        with self._working():
            return self._sent.send_back(image_id, message, position, slice_index)

    def sent(self, image_id: str) -> str:
        """Where an image was annotated and by whom, for people: ``"CVAT, by bob"``; asks the server nothing.

        It is empty where the image was not sent from here, its label has not come back, or somebody works on it again.
        """
        return self._sent.origin(image_id)

    def send_back_at(self, image_id: str, message: str, index: Sequence[int], progress: Progress = NO_PROGRESS) -> str:
        """As :meth:`send_back`, with the comment at a voxel of the image.

        Args:
            image_id: The image.
            message: What is to be changed.
            index: Of the voxel, along each axis of the image.
            progress: Can cancel it while the server is waited for.
        """
        picture, position = view_of(self.manager.image(image_id)).place(index)
        with self._working(progress):
            progress.check()
            return self._sent.send_back(image_id, message, position, picture)

    def agreement(self) -> Any:
        """How well annotators agree where several have finished the same picture: replicas of a consensus, or a ground
        truth beside the annotation. They are kept apart from the labels.

        Returns:
            A table: image, slice, label, the two annotators, Dice, and the normalised surface distance (NSD) with a
            tolerance of 2 pixels. A pandas DataFrame; without pandas a list of dicts, which a notebook shows as one.

        Raises:
            CvatError: The server cannot be reached, or refuses.
        """
        with self._turn:
            rows = list(agreement_rows(self.manager, self.server.connection, self._open()))
        return as_table(rows, COLUMNS, "agreement of annotators")

    # What the steps share.

    @contextmanager
    def _working(self, progress: Progress = NO_PROGRESS) -> Iterator[None]:
        """One step at a time, and one loop; a wait for the server ends where nobody wants the step any more."""
        with self._turn:
            self._lease.hold()
            connection = self.server.connection
            before, connection.check = connection.check, progress.check
            try:
                yield
            finally:
                connection.check = before

    def _send(self, tasks: Iterable[Any], report: SendReport, progress: Progress) -> SendReport:
        sender = self._sender()
        waiting = list(tasks)
        for number, task in enumerate(waiting):
            part = progress.part(number / len(waiting), (number + 1) / len(waiting))
            report.tasks.append(sender.send(task, part))
            report.round = task.round
            frames = self.manager.datastore.annotation_tasks.frames(task.key)
            report.images += dict.fromkeys(frame.image_id for frame in frames)
            self._lease.hold()
        return report

    def _open(self) -> LoopProject:
        if self._project is None:
            _ = self.server.connection.version
            self._project = self._with_all_labels()
        return self._project

    def _sender(self) -> Sender:
        # Labels may have been added here since.
        self._project = self._with_all_labels()
        return Sender(self.manager, self.server.connection, self.settings, self._project)

    def _with_all_labels(self) -> LoopProject:
        labels, tags = self.manager.label_names.current, self.manager.app.tags
        return open_project(self.server.connection, self.settings.project, labels, tags)

    def _is_over(self) -> bool:
        return self.settings.rounds is not None and self.round >= self.settings.rounds

    def _is_finished(self) -> bool:
        if self._works() or self.manager.datastore.annotation_tasks.tasks(self._place, OPEN):
            return False
        return self._has_no_next_round()

    def _has_no_next_round(self) -> bool:
        return self._is_over() or not self.manager.datastore.count_unlabeled()

    def _works(self) -> bool:
        return any(job is not None for job in self._learner.at_work())

    def _next_step(self, out: int, trains: bool, scores: bool) -> str:
        if trains:
            return "the model learns; then the images that wait are scored"
        if scores:
            return "the images that wait are scored; then the next round goes out"
        if out:
            then = "finished jobs are fetched" if self.running else "pull() fetches what is finished"
            return f"{out} images are with the annotators; {then}"
        if self._has_no_next_round():
            return "all is done"
        return "the next round goes out" if self.running else "send() begins the next round"


def _check(manager: AppManager, settings: LoopSettings) -> None:
    strategy_of(manager, settings.strategy)
    if settings.train and settings.train not in manager.app.trainers:
        known = ", ".join(manager.app.trainers) or "none"
        raise TaskError(f"no train task {settings.train!r}; the app has {known}")
    manager.datastore.annotation_tasks.tasks()
