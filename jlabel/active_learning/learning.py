"""The model learns from what came back, beside the people who annotate, and scores the images that wait anew."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jlabel.active_learning.choosing import scoring_method
from jlabel.active_learning.settings import LoopSettings
from jlabel.errors import JlabelError, TaskError
from jlabel.files.json_values import finite
from jlabel.jobs import Job
from jlabel.jobs.record import FAILED
from jlabel.manager import AppManager

_SETTING = "training of "
_WITH_DROPOUT, _DROPOUT = ("epistemic", "bald"), 0.2


@dataclass
class Learner:
    """Trains and scores for one loop; what was begun is kept with the studies, so that nothing is trained twice.

    Attributes:
        manager: Whose studies.
        settings: Of the loop.
        place: The project.
        problem: Why the last training or scoring could not be begun; "" where it could.
    """

    manager: AppManager
    settings: LoopSettings
    place: str
    problem: str = ""

    def train(self) -> Job | None:
        """Begin a training if labels came back since the last one and none runs; returns the one that runs now."""
        name = self.settings.train
        if not name:
            return None
        running, _ = self.at_work()
        if running is not None:
            return running
        stamp = self._stamp()
        kept = self._kept()
        if kept.get("learnt") == stamp or not stamp:
            return self._begun_without_a_note(kept)
        obstacle = self.manager.training_check.obstacle(name)
        if obstacle:
            self.problem = obstacle
            return None
        return self._begin(name, stamp)

    def score(self) -> Job | None:
        """Begin to score the images that wait with the version in use, where some lack a score; the job that runs."""
        method = scoring_method(self.manager, self.settings.strategy)
        if not method:
            return None
        _, running = self.at_work()
        if running is not None:
            return running
        version = self._version()
        if version is None or self._is_scored(method, version) or self._has_failed(method, version):
            return None
        try:
            return self.manager.score(method)
        except JlabelError as error:
            self.problem = str(error)
            return None

    def at_work(self) -> tuple[Job | None, Job | None]:
        """The training and the scoring that run; None where none does."""
        newest_first = self.manager.jobs()[::-1]
        method = scoring_method(self.manager, self.settings.strategy)
        return _running(newest_first, "train", self.settings.train), _running(newest_first, "score", method)

    def _begin(self, name: str, stamp: str) -> Job | None:
        begun = time.time()
        # Written before: a kill between the two must not have the same labels learnt from twice.
        self._keep({"learnt": stamp, "begun": begun, "job": ""})
        try:
            job = self.manager.train(name, **self._options(name))
        except JlabelError as error:
            self._keep({})
            self.problem = str(error)
            return None
        self.problem = ""
        self._keep({"learnt": stamp, "begun": begun, "job": job.id})
        return job

    def _options(self, name: str) -> dict[str, Any]:
        """What the training is given; dropout, too, where the strategy's scores are worked out with it."""
        given = dict(self.settings.train_options)
        known = self.manager.app.trainers[name].info().get("config", {})
        if self.settings.strategy in _WITH_DROPOUT and known.get("dropout", 0) is None:
            given.setdefault("dropout", _DROPOUT)
        return given

    def _begun_without_a_note(self, kept: Mapping[str, Any]) -> Job | None:
        """After a kill just before or after a training began: begin it unless it is there."""
        begun = finite(kept.get("begun"))
        if kept.get("job") or begun is None:
            return None
        name = self.settings.train
        known = [job for job in self.manager.jobs() if (job.kind, job.name) == ("train", name)]
        there = next((job for job in known if job.request.created >= begun), None)
        if there is None:
            return self._begin(name, self._stamp())
        self._keep({**kept, "job": there.id})
        return there

    def _version(self) -> int | None:
        """The version of the model that the strategy goes by; None where there is none to score with yet."""
        task = self.manager.app.infers.get(self._model)
        try:
            found = None if task is None else task.version_in_use()
        except TaskError:  # nothing has been trained yet
            return None
        return None if found is None else found.number

    @property
    def _model(self) -> str:
        return str(getattr(self.manager.app.strategies[self.settings.strategy], "model", ""))

    def _is_scored(self, method: str, version: int) -> bool:
        waiting = self.manager.datastore.count_unlabeled()
        sets = self.manager.datastore.scores.sets(method)
        mine = (one for one in sets if (one.model, one.version) == (self._model, version))
        return any(one.waiting >= waiting for one in mine)

    def _has_failed(self, method: str, version: int) -> bool:
        """Whether the last scoring with this version failed: the next one would, too."""
        jobs = (job for job in reversed(self.manager.jobs()) if (job.kind, job.name) == ("score", method))
        last = next(jobs, None)
        if last is None or last.request.options.get("version") != version or last.record().state != FAILED:
            return False
        self.problem = f"the images could not be scored: {last.record().error.splitlines()[0]}"
        return True

    def _stamp(self) -> str:
        """What tells the labels that came back from those of another time; "" where none did."""
        ledger = self.manager.datastore.annotation_tasks
        pulled = [
            f"{key} {job.number} {job.pulled}"
            for key, jobs in ledger.jobs_by_task(self.place).items()
            for job in jobs
            if job.pulled
        ]
        return hashlib.sha256("\n".join(sorted(pulled)).encode()).hexdigest() if pulled else ""

    def _kept(self) -> Mapping[str, Any]:
        return self.manager.datastore.setting(_SETTING + self.place) or {}

    def _keep(self, content: Mapping[str, Any]) -> None:
        self.manager.datastore.change_setting(_SETTING + self.place, lambda _: dict(content))


def _running(jobs: Sequence[Job], kind: str, name: str) -> Job | None:
    return next((job for job in jobs if (job.kind, job.name) == (kind, name) and not job.record().ended), None)
