"""First masks from the labeler: a model run over all images that nobody has labelled, in the background."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from jlabel.errors import TaskError
from jlabel.jobs import Job
from jlabel.jobs.report import outcome
from jlabel.tasks import InferTask
from jlabel.widget.following import Following
from jlabel.widget.part import Handler, Part
from jlabel.widget.pulse import PULSE
from jlabel.widget.worker import SerialWorker

if TYPE_CHECKING:
    from jlabel.widget.desk import Desk


class FirstMasks(Part):
    """Begins such a job, follows the newest one, whoever began it, and says what came of it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        infers = desk.manager.app.infers
        self._models: dict[str, InferTask] = {name: task for name, task in infers.items() if not task.interactive}
        self._worker = SerialWorker("jlabel-first-masks")
        self._job = Following(desk, "infer", "first_masks", self._say_end)
        self._end = PULSE.add(self._job.beat) if self._models else lambda: None

    def asks(self) -> Mapping[str, Handler]:
        """``first_masks`` and ``cancel_first_masks``."""
        return {
            "first_masks": lambda ask, _: self._later(self.begin),
            "cancel_first_masks": lambda ask, _: self._later(self._job.cancel),
        }

    def state(self) -> dict[str, Any]:
        """``firstMasks``: the model that would make them, and what to do where there is none."""
        if not self._models:
            return {"firstMasks": None}
        model = self.model()
        return {"firstMasks": {"model": model, "hint": "" if model is not None else self._what_to_do()}}

    def greet(self, page: str) -> None:
        """Tell a new page how the job stands."""
        self._job.greet(page)

    def close(self) -> None:
        """Stop following; the job goes on."""
        self._end()
        self._worker.close()

    def begin(self, model: str | None = None) -> Job:
        """See :meth:`jlabel.Labeler.first_masks`."""
        name = model or self.model()
        if name is None:
            raise TaskError(self._what_to_do())
        return self._job.begin(lambda: self.desk.manager.batch_infer(name), "is making first masks")

    def model(self) -> str | None:
        """The model to take: the chosen one where it needs no prompts, else what the chosen training makes better."""
        trainer = self.desk.training.trainer
        chosen = [self.desk.model, *(name for name in self._models if self._learns_from(name, trainer)), *self._models]
        return next((name for name in chosen if name in self._models and self._models[name].is_valid()), None)

    def _learns_from(self, name: str, trainer: str) -> bool:
        published = self._models[name].published
        return published is not None and published.name == trainer

    def _what_to_do(self) -> str:
        if not self._models:
            return "First masks need a model that works without prompts, and this app has none"
        if any(task.published is not None for task in self._models.values()):
            return "First masks need a trained model: save the labels of a few images, then press Train"
        return f"First masks need the weights of a model: {', '.join(self._models)} has none yet"

    def _later(self, work: Callable[[], Any]) -> None:
        self._worker.do(lambda: self.desk.labeler.in_words(work))

    def _say_end(self, job: Job) -> None:
        said = outcome(job.record())
        if job.state == "done" and said:
            self.desk.say(f"First masks: {said.rstrip('.')}")
        else:
            self.desk.show_state()
