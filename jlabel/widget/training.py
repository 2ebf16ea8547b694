"""Training from the labeler: beginning it, following it, and beginning it by itself once there are labels enough."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jlabel.errors import JlabelError, TaskError
from jlabel.jobs import Job
from jlabel.tasks.infer import InferTask
from jlabel.widget.auto_training import Switch, due_at, seconds_for
from jlabel.widget.following import Following
from jlabel.widget.part import Handler, Part
from jlabel.widget.pulse import PULSE
from jlabel.widget.worker import SerialWorker

if TYPE_CHECKING:
    from jlabel.widget.desk import Desk


class Training(Part):
    """Follows the newest training of the studies folder, whoever began it, on the kernel's thread for such things."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._switch = Switch(desk.manager.datastore, tuple(desk.manager.app.trainers))
        self._worker = SerialWorker("jlabel-training")
        self._job = Following(desk, "train", "training", self._say_end)
        self._looked = False
        self._due: int | None = None
        self._versions: dict[str, int] = {}
        self._trainer = self._switch.trainer
        self._end = PULSE.add(self._beat) if self._trainer else lambda: None

    def asks(self) -> Mapping[str, Handler]:
        """``train``, ``cancel_training``, ``auto_train`` and ``choose_trainer``."""
        return {
            "train": lambda ask, _: self._later(lambda: self.train(str(ask["name"]))),
            "cancel_training": lambda ask, _: self._later(self._job.cancel),
            "auto_train": lambda ask, _: self._later(lambda: self.train_automatically(bool(ask["on"]))),
            "choose_trainer": lambda ask, _: self._choose(str(ask["name"])),
        }

    @property
    def trainer(self) -> str:
        """The train task that is chosen; empty where the app has none."""
        return self._trainer

    @property
    def auto(self) -> bool:
        """Whether trainings begin by themselves."""
        return self._switch.on

    def state(self) -> dict[str, Any]:
        """``training``: the trainers, the chosen one, whether to train by itself and when next, the versions in use."""
        trainers = [{"name": name, "description": task.description} for name, task in self._tasks.items()]
        return {
            "training": {
                "trainers": trainers,
                "trainer": self._trainer,
                "auto": self.auto,
                "dueAt": self._due if self.auto else None,
                "versions": dict(self._versions),
                "madeBy": list(self.desk.used_models),
            }
        }

    def greet(self, page: str) -> None:
        """Tell a new page how the training stands."""
        self._job.greet(page)

    def saved(self) -> None:
        """There may be labels enough now."""
        if self.auto:
            self._later(self._train_if_due)

    def close(self) -> None:
        """Stop following; the training goes on."""
        self._end()
        self._worker.close()

    def train(self, name: str | None = None, **options: Any) -> Job:
        """See :meth:`jlabel.Labeler.train`."""
        return self._job.begin(lambda: self._begin(name or self._trainer, options), "is being trained")

    def train_automatically(self, on: bool) -> None:
        """Begin trainings by itself from now on, or not any more, in every labeler on these studies.

        Raises:
            TaskError: The app has nothing to train.
            DatastoreError: It cannot be kept.
        """
        if on and not self._trainer:
            raise TaskError("the app has no train task: override init_trainers()")
        self._switch.turn(on, self._trainer)
        self.desk.show_state()
        if on:
            self._later(self._train_if_due)

    @property
    def _tasks(self) -> Mapping[str, Any]:
        return self.desk.manager.app.trainers

    def _later(self, work: Any) -> None:
        self._worker.do(lambda: self.desk.labeler.in_words(work))

    def _choose(self, name: str) -> None:
        if name not in self._tasks:
            raise TaskError(f"no train task {name!r}; the app has {', '.join(self._tasks) or 'none'}")
        with self.desk.lock:
            self._trainer = name
            self.desk.show_state()
        if self.auto:
            self._later(lambda: self._switch.turn(True, name))

    def _begin(self, name: str, options: Mapping[str, Any]) -> Job:
        """Begin a training, while nobody else decides whether to."""
        manager = self.desk.manager
        if name in self._tasks:
            # Whatever comes of it: what fails would fail again at every look.
            self._switch.note_try(name, manager.datastore.count_labeled())
        return manager.train(name, **options)

    def _train_if_due(self) -> None:
        """Begin a training where there are labels enough for another one, and none runs or waits."""
        if self._which_is_due() is None:
            return
        with self.desk.manager.beginning():
            # Another kernel may have begun one, or switched it off, before it was this one's turn.
            self._switch.look()
            name = self._which_is_due()
            if name is None:
                return
            limited = name == self._trainer and "max_seconds" in self._tasks[name].info().get("config", {})
            seconds = seconds_for(self.desk.manager.datastore.count_labeled())
            job = self._begin(name, {"max_seconds": seconds} if limited else {})
        self._job.follow(job)

    def _which_is_due(self) -> str | None:
        """The chosen trainer where there are labels enough for it, else one that is trained along with every other."""
        if not self.auto:
            return None
        due = self._due_at(self._trainer)
        if due != self._due:
            self._due = due
            self.desk.show_state()
        along = [name for name, task in self._tasks.items() if task.trains_along and name != self._trainer]
        labels = self.desk.manager.datastore.count_labeled()
        found = next((name for name in (self._trainer, *along) if labels >= self._due_at(name)), None)
        return found if self._job.alive() is None else None

    def _due_at(self, name: str) -> int:
        """From how many labels on a trainer is due again."""
        learnt = 0
        with contextlib.suppress(TaskError):
            versions = self.desk.manager.models(name)
            learnt = len(versions[-1].images) + len(versions[-1].judged_by) if versions else 0
        return due_at(max(learnt, self._switch.tried(name)))

    # On the kernel's thread for such things, twice a second.

    def _beat(self) -> None:
        if not self._job.beat():
            return
        with contextlib.suppress(JlabelError):
            self._look_at_switch()
        versions = _versions_in_use(self.desk.manager.app.infers)
        if versions != self._versions:
            self._versions = versions
            self.desk.show_state()

    def _look_at_switch(self) -> None:
        """It may have been turned in another kernel, and before this one began."""
        turned = self._switch.look()
        if self.auto and (turned or not self._looked):
            self._trainer = self._switch.trainer
            self._later(self._train_if_due)
        self._looked = True
        if turned:
            self.desk.show_state()

    def _say_end(self, job: Job) -> None:
        """The next run uses the new version by itself; that is worth a word."""
        self._versions = _versions_in_use(self.desk.manager.app.infers)
        result = job.result
        if job.state == "done" and isinstance(result.get("version"), int):
            kept = "is in use" if result.get("in_use") else "is kept, and not in use"
            self.desk.say(f"{job.name} version {result['version']} {kept}")
        else:
            self.desk.show_state()
        if self.auto:
            self._later(self._train_if_due)


def _versions_in_use(infers: Mapping[str, InferTask]) -> dict[str, int]:
    """The versions that the models would take now."""
    found = {}
    for name, task in infers.items():
        with contextlib.suppress(JlabelError):
            version = task.learns_from.in_use() if task.learns_from is not None else None
            if version is not None:
                found[name] = version.number
    return found
