"""Scoring by itself, where the chosen strategy goes by scores of the version in use and nothing else is being done."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from jlabel.errors import JlabelError
from jlabel.jobs import Job
from jlabel.jobs.record import CANCELLED, DONE, QUEUED
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.background.ticker import TICKER
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature
from jlabel.labeler.features.training import Training
from jlabel.selection.scoring import ModelScoring

_BEATS_BETWEEN_LOOKS = 4


class AutomaticScoring(Feature):
    """Begins and cancels scoring jobs where *Train automatically* is on, in turn with what people ask for.

    A job that was begun here steps back behind the person's work on the CPU, and gives way to every training and every
    first masks that want its device: it is cancelled, which loses no score, and begun again once they have ended. One
    that a person began or cancelled is left as it is.

    Args:
        context: The labeler.
        training: Knows whether to train automatically.
    """

    def __init__(self, context: LabelerContext, training: Training) -> None:
        super().__init__(context)
        self._training = training
        self._worker = SerialWorker("jlabel-scoring")
        self._gave_way: set[str] = set()
        self._beats = 0
        methods = context.manager.app.scoring_methods.values()
        able = bool(context.manager.app.trainers) and any(isinstance(one, ModelScoring) for one in methods)
        self._end = TICKER.add(self._beat) if able else lambda: None

    def close(self) -> None:
        """Begin no more; a job that runs goes on."""
        self._end()
        self._worker.close()

    def look(self) -> None:
        """Begin a job where images have no score by the version in use, and cancel one that is in the way."""
        manager = self.context.manager
        jobs = [job for job in manager.jobs() if job.kind in ("train", "infer", "tag", "score")]
        alive = [job for job in jobs if not job.record().ended]
        self._give_way(alive)
        scoring = manager.app.scoring_methods.get(self._method)
        if alive or not self._training.auto:
            return
        if not isinstance(scoring, ModelScoring) or not scoring.task.is_valid():
            return
        version = scoring.task.version_in_use()
        number = 0 if version is None else version.number
        waiting, model = manager.datastore.count_unlabeled(), scoring.model
        sets = manager.datastore.scores.sets(self._method)
        scored = sum(one.waiting for one in sets if (one.model, one.version) == (model, number))
        if scored < waiting and not self._was_tried(jobs, model, number, waiting):
            manager.score(self._method, automatic=True)

    @property
    def _method(self) -> str:
        """The scoring method that the chosen strategy goes by; "" where it goes by none."""
        method = getattr(self.context.manager.app.strategies.get(self.context.strategy), "method", "")
        return method if isinstance(method, str) else ""

    def _give_way(self, alive: Sequence[Job]) -> None:
        wanted = {device for job in alive if job.kind != "score" for device in _devices(job)}
        for job in alive:
            if job.kind == "score" and _is_automatic(job) and not wanted.isdisjoint(_devices(job)):
                self._gave_way.add(job.id)
                job.cancel()

    def _was_tried(self, jobs: Sequence[Job], model: str, version: int, waiting: int) -> bool:
        """Whether a job has scored what it could of that version, and no more images wait than then."""
        for job in jobs:
            options = job.request.options
            same = (job.kind, job.name) == ("score", self._method) and options.get("model") == model
            if not same or options.get("version") != version or job.id in self._gave_way:
                continue
            if job.state == CANCELLED and _is_automatic(job):
                return True
            if job.state != CANCELLED and waiting <= _looked_at(job):
                return True
        return False

    def _beat(self) -> None:
        self._beats += 1
        if self._beats % _BEATS_BETWEEN_LOOKS == 1 and self._training.auto:
            self._worker.do(self._quietly)

    def _quietly(self) -> None:
        # Nobody asked for it: what stands in its way is told to those who ask.
        with contextlib.suppress(JlabelError):
            self.look()


def _devices(job: Job) -> set[str]:
    """Where a job runs or wants to; a job that has not chosen its device yet may want any."""
    return {"cpu", "cuda:0"} if job.state == QUEUED and job.device == "auto" else set(job.device.split(","))


def _is_automatic(job: Job) -> bool:
    """Whether nobody asked for a job: that is kept with it."""
    return job.request.options.get("automatic") is True


def _looked_at(job: Job) -> float:
    """How many images a job has scored or tried to; one that failed would fail again."""
    if job.state != DONE:
        return float("inf")
    result, left_out = job.result, job.result.get("left_out")
    counts = [result.get(name) for name in ("done", "already", "passed_by")]
    return sum(count for count in counts if isinstance(count, int)) + (
        len(left_out) if isinstance(left_out, dict) else 0
    )
