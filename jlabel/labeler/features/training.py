"""Training from the labeler: beginning it, following it, and beginning it by itself once there are labels enough."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from jlabel.errors import JlabelError, TaskError
from jlabel.jobs import Job
from jlabel.labeler.background.job_follower import JobFollower
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.background.ticker import TICKER
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.events import ModelVersionChanged
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.automatic_training import AutomaticTraining
from jlabel.labeler.features.trainer_choice import TrainerChoice
from jlabel.labeler.protocol import job_messages
from jlabel.labeler.protocol.job_messages import TrainingInfo, TrainingJob
from jlabel.labeler.protocol.state import State
from jlabel.manager.model_quality import validated_dice
from jlabel.registry import ModelVersion
from jlabel.tasks.infer import InferTask
from jlabel.training.schedule import due_at, seconds_for


class Training(Feature):
    """Follows the newest training of the studies folder, whoever began it, on the kernel's thread for such things."""

    def __init__(self, context: LabelerContext) -> None:
        super().__init__(context)
        self._switch = AutomaticTraining(context.manager.datastore, tuple(context.manager.app.trainers))
        self._worker = SerialWorker("jlabel-training")
        self._job = JobFollower(context, "train", TrainingJob, self._on_job_ended)
        self._looked = False
        self._due: int | None = None
        # Those that are in use as the labeler begins are no news.
        self._versions = _versions_in_use(context.manager.app.infers)
        self._choice = TrainerChoice(context.manager, self._switch.trainer, self._switch.turned)
        self._end = TICKER.add(self._beat) if self._tasks else lambda: None
        if self._tasks:
            self._later(self._check_trainers)

    def message_handlers(self) -> Handlers:
        """Beginning and cancelling a training, training automatically, choosing what is trained."""
        return {
            job_messages.Train: lambda ask, _: self._later(lambda: self.train(ask.name)),
            job_messages.CancelTraining: lambda _, __: self._later(self._job.cancel),
            job_messages.ResumeTraining: lambda _, __: self._later(lambda: self._job.resume("is being trained")),
            job_messages.AutoTrain: lambda ask, _: self._later(lambda: self.train_automatically(ask.on)),
            job_messages.ChooseTrainer: lambda ask, _: self._choose(ask.name),
        }

    @property
    def trainer(self) -> str:
        """The train task that is chosen; empty where the app has none."""
        return self._choice.name

    @property
    def auto(self) -> bool:
        """Whether trainings begin by themselves."""
        return self._switch.on

    def state(self) -> State:
        """``training``: the trainers, the chosen one, whether to train by itself and when next, the versions in use."""
        return {
            "training": TrainingInfo(
                trainers=self._choice.listed(),
                trainer=self.trainer,
                auto=self.auto,
                due_at=self._due if self.auto and not self._choice.unsuitable(self.trainer) else None,
                versions=_numbers(self._versions),
                dice={
                    name: round(dice, 4)
                    for name, version in self._versions.items()
                    if (dice := validated_dice(version)) is not None
                },
            )
        }

    def on_page_connected(self, page: str) -> None:
        """Tell a new page how the training stands."""
        self._job.show_to(page)

    def on_saved(self) -> None:
        """There may be labels enough now."""
        if self.auto:
            self._later(self._train_if_due)

    def on_studies_changed(self) -> None:
        """There may be labels to learn from now, or other images."""
        if self._tasks:
            self._check_trainers()
        if self.auto:
            self._later(self._train_if_due)

    def close(self) -> None:
        """Stop following; the training goes on."""
        self._end()
        self._worker.close()

    def train(self, name: str | None = None, **options: Any) -> Job:
        """See :meth:`jlabel.Labeler.train`."""
        if name is None and not self._choice.looked:
            self._check_trainers()
        return self._job.begin(lambda: self._begin(name or self.trainer, options), "is being trained")

    def train_automatically(self, on: bool) -> None:
        """Begin trainings by itself from now on, or not any more, in every labeler on these studies.

        Raises:
            TaskError: The app has nothing to train, or the images are not for the trainer that is chosen.
            DatastoreError: It cannot be kept.
        """
        if on and not self._tasks:
            raise TaskError("the app has no train task: override init_trainers()")
        if not self._choice.looked:
            self._check_trainers()
        problem = self._choice.unsuitable(self.trainer)
        if on and problem:
            raise TaskError(f"{self.trainer!r} cannot be trained by itself. {problem}")
        self._switch.turn(on, self.trainer)
        self.publish_state()
        if on:
            self._later(self._train_if_due)

    @property
    def _tasks(self) -> Mapping[str, Any]:
        return self.context.manager.app.trainers

    def _later(self, work: Any) -> None:
        self._worker.do(lambda: self.context.reporting_errors(work))

    def _choose(self, name: str) -> None:
        if name not in self._tasks:
            raise TaskError(f"no train task {name!r}; the app has {', '.join(self._tasks) or 'none'}")
        with self.context.lock:
            self._choice.choose(name)
            self.publish_state()
            self.context.models_changed()
        if self.auto:
            self._later(lambda: self._switch.turn(True, name))

    def _check_trainers(self) -> None:
        """Look which trainers can work on the studies as they are, and choose one where nobody has."""
        before = self.trainer
        if self._choice.look():
            self.publish_state()
        if self.trainer != before:
            self.context.models_changed()

    def _begin(self, name: str, options: Mapping[str, Any]) -> Job:
        """Begin a training, while nobody else decides whether to."""
        manager = self.context.manager
        if name in self._tasks and not manager.training_check.obstacle(name):
            # Whatever comes of it: what fails would fail again at every look.
            self._switch.note_try(name, self._tasks[name].count_learnable(manager.datastore))
        return manager.train(name, **options)

    def _train_if_due(self) -> None:
        """Begin a training where there are labels enough for another one, and none runs or waits."""
        if self._which_is_due() is None:
            return
        with self.context.manager.beginning():
            # Another kernel may have begun one, or switched it off, before it was this one's turn.
            self._switch.look()
            name = self._which_is_due()
            if name is None:
                return
            limited = name == self.trainer and "max_seconds" in self._tasks[name].info().get("config", {})
            seconds = seconds_for(self._tasks[name].count_learnable(self.context.manager.datastore))
            job = self._begin(name, {"max_seconds": seconds} if limited else {})
        self._job.follow(job)

    def _which_is_due(self) -> str | None:
        """The chosen trainer where there are labels enough for it, else one that is trained along with every other."""
        if not self.auto:
            return None
        due = self._due_at(self.trainer)
        if due != self._due:
            self._due = due
            self.publish_state()
        along = [name for name, task in self._tasks.items() if task.trains_along and name != self.trainer]
        datastore, obstacle = self.context.manager.datastore, self.context.manager.training_check.obstacle
        due_now = (
            name
            for name in (self.trainer, *along)
            if self._tasks[name].count_learnable(datastore) >= self._due_at(name)
        )
        found = next((name for name in due_now if not obstacle(name)), None)
        return found if self._job.alive() is None else None

    def _due_at(self, name: str) -> int:
        """From how many labels on a trainer is due again."""
        learnt = 0
        with contextlib.suppress(TaskError):
            versions = self.context.manager.models(name)
            learnt = len(versions[-1].images) + len(versions[-1].judged_by) if versions else 0
        return due_at(max(learnt, self._switch.tried(name)))

    # On the kernel's thread for such things, twice a second.

    def _beat(self) -> None:
        if not self._job.beat():
            return
        with contextlib.suppress(JlabelError):
            self._look_at_switch()
        if self._look_at_versions():
            self.publish_state()
            self.context.models_changed()

    def _look_at_switch(self) -> None:
        """It may have been turned in another kernel, and before this one began."""
        turned = self._switch.look()
        if self.auto and (turned or not self._looked):
            self._choice.choose(self._switch.trainer)
            self._later(self._train_if_due)
        self._looked = True
        if turned:
            self.publish_state()

    def _on_job_ended(self, job: Job) -> None:
        """The next run uses the new version by itself; that is worth a word."""
        self._look_at_versions()
        result = job.result
        if job.state == "done" and isinstance(result.get("version"), int):
            if not result.get("in_use"):
                with self.context.lock:
                    self.context.happened(ModelVersionChanged(job.name, result["version"], False))
            kept = "is in use" if result.get("in_use") else "is kept, and not in use"
            self.context.notify(f"{job.name} version {result['version']} {kept}")
        self.publish_state()
        self.context.models_changed()
        if self.auto:
            self._later(self._train_if_due)

    def _look_at_versions(self) -> bool:
        """Whether a model takes another version than at the last look; those who listen are told."""
        found = _versions_in_use(self.context.manager.app.infers)
        with self.context.lock:
            before, now = _numbers(self._versions), _numbers(found)
            self._versions = found
            for model, version in now.items():
                if before.get(model) != version:
                    self.context.happened(ModelVersionChanged(model, version, True))
        return now != before


def _numbers(versions: Mapping[str, ModelVersion]) -> dict[str, int]:
    return {name: version.number for name, version in versions.items()}


def _versions_in_use(infers: Mapping[str, InferTask]) -> dict[str, ModelVersion]:
    """The versions that the models would take now."""
    found = {}
    for name, task in infers.items():
        with contextlib.suppress(JlabelError):
            version = task.learns_from.in_use() if task.learns_from is not None else None
            if version is not None:
                found[name] = version
    return found
