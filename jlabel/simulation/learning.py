"""The trainings of a simulated project, and how good the models are that come of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jlabel.errors import TaskError
from jlabel.jobs import Job
from jlabel.manager import AppManager
from jlabel.metrics.dice import dice
from jlabel.simulation.labeling import Way, first_masks
from jlabel.simulation.project_log import ProjectLog, Row
from jlabel.simulation.truth import Truth
from jlabel.training.schedule import due_at, seconds_for

_LIMITS = ("max_seconds", "max_epochs")


@dataclass(frozen=True)
class Learning:
    """Trains when *Train automatically* would, and judges what came of it.

    Attributes:
        manager: Of the app.
        journal: Where it is written down.
        trainer: What is trained; "" for nothing.
        device: On which device.
        options: Given to each train task that knows them.
    """

    manager: AppManager
    journal: ProjectLog
    trainer: str
    device: str
    options: Mapping[str, Any]

    def train_if_due(self, labels: int) -> bool:
        """Train where there are labels enough; returns whether that was so.

        Trainings that a kill has cut short are gone on with.
        """
        if not self.trainer or labels < due_at(self._learnt(labels)):
            return False
        done = {row["trainer"] for row in self.journal.of("training") if row["labels"] == labels}
        for name in self._trainers():
            if name not in done:
                self.journal.add("training", **self._trained(name, labels))
        return True

    def _learnt(self, labels: int) -> int:
        """With how many labels the last round of trainings began; a round that is not whole does not count."""
        names = set(self._trainers())
        rounds: dict[int, set[str]] = {}
        for row in self.journal.of("training"):
            rounds.setdefault(row["labels"], set()).add(row["trainer"])
        return max((count for count, done in rounds.items() if names <= done), default=0)

    def _trainers(self) -> list[str]:
        tasks = self.manager.app.trainers
        obstacle = self.manager.training_check.obstacle
        along = [name for name, task in tasks.items() if task.trains_along and name != self.trainer]
        return [self.trainer, *(name for name in along if not obstacle(name))]

    def _trained(self, name: str, labels: int) -> Row:
        job = self._job(name) or self._begin(name, labels)
        if job.can_resume:
            job = self.manager.resume(job)
        try:
            job.wait(progress=False)
        except BaseException:
            job.cancel()  # its checkpoint stays, and the next run goes on from it
            raise
        result = job.result
        told = {key: result.get(key) for key in ("version", "in_use", "epochs", "best_metric")}
        return {"trainer": name, "labels": labels, "job": job.id, "state": job.state, "error": job.error, **told}

    def _job(self, name: str) -> Job | None:
        """A training that was begun before a kill, and has not been written down."""
        known = {row["job"] for row in self.journal.of("training")}
        found = [job for job in self.manager.jobs() if (job.kind, job.name) == ("train", name) and job.id not in known]
        return found[-1] if found else None

    def _begin(self, name: str, labels: int) -> Job:
        config = self.manager.app.trainers[name].info().get("config", {})
        # The chosen trainer takes every option, and refuses what it does not know; those along take what they know.
        options = {key: value for key, value in self.options.items() if name == self.trainer or key in config}
        if name == self.trainer and "max_seconds" in config and not any(key in options for key in _LIMITS):
            options["max_seconds"] = seconds_for(labels)
        return self.manager.train(name, device=self.device, **options)


def model_quality(
    manager: AppManager, way: Way, test: Sequence[str], source: AppManager, truth: Truth, values: Mapping[str, int]
) -> dict[str, Any]:
    """How good the first masks are of images that nobody labels: mean Dice, and that of each structure.

    A structure that is neither there nor found counts for nothing; one that is not found has a Dice of 0.

    Args:
        manager: Of the app that has learnt.
        way: Names the model.
        test: The images.
        source: Of the app that has them.
        truth: What is right.
        values: The structures, name to value.
    """
    scores: dict[str, list[float]] = {name: [] for name in values}
    task = manager.app.infers.get(way.first_masks)
    version = None if task is None or not task.is_valid() else task.version_in_use()
    for image_id in test:
        image = source.image(image_id)
        wanted = truth.label(image_id, image)
        found, _ = first_masks(manager, image_id, way, values, image)
        for name, value in values.items():
            there = wanted == value
            if there.any() or name in found:
                scores[name].append(dice(there, found.get(name, np.zeros_like(there))))
    by_label = {name: round(float(np.mean(each)), 4) for name, each in scores.items() if each}
    return {
        "version": None if version is None else version.number,
        "test": _mean(by_label.values()),
        "by_label": by_label,
    }


def choose_trainer(manager: AppManager, train: str | bool | None) -> str:
    """The name of the train task that a caller asks for; "" for none.

    Raises:
        TaskError: There is no such train task.
    """
    tasks = manager.app.trainers
    if train is None or train is False:
        return ""
    if train is not True:
        if train not in tasks:
            raise TaskError(f"no train task {train!r}; the app has {', '.join(tasks) or 'none'}")
        return train
    name = manager.training_check.first_suitable()
    if not name or manager.training_check.unsuitable(name):
        raise TaskError("the app has nothing to train on these images: simulate with train=None")
    return name


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return round(float(np.mean(found)), 4) if found else None
