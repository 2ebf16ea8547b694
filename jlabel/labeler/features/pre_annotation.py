"""First masks from the labeler: a model run over all images that nobody has labelled, in the background."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from jlabel.errors import JlabelError, TaskError
from jlabel.jobs import Job
from jlabel.jobs.report import outcome
from jlabel.labeler.background.job_follower import JobFollower
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.background.ticker import TICKER
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.training import Training
from jlabel.labeler.protocol import job_messages
from jlabel.labeler.protocol.job_messages import PreAnnotationInfo, PreAnnotationJob
from jlabel.labeler.protocol.state import State
from jlabel.manager.model_quality import poor_in_words
from jlabel.tasks import InferTask


class PreAnnotation(Feature):
    """Begins such a job, follows the newest one, whoever began it, and says what came of it."""

    def __init__(self, context: LabelerContext, training: Training) -> None:
        super().__init__(context)
        self._training = training
        self._info: PreAnnotationInfo | None = None
        infers = context.manager.app.infers
        self._models: dict[str, InferTask] = {name: task for name, task in infers.items() if task.segments_alone}
        self._worker = SerialWorker("jlabel-first-masks")
        self._job = JobFollower(context, "infer", PreAnnotationJob, self._on_job_ended)
        self._end = TICKER.add(self._job.beat) if self._models else lambda: None

    def message_handlers(self) -> Handlers:
        """Making first masks, and stopping that."""
        return {
            job_messages.MakeFirstMasks: lambda _, __: self._later(self.begin),
            job_messages.CancelFirstMasks: lambda _, __: self._later(self._job.cancel),
            job_messages.ResumeFirstMasks: lambda _, __: self._later(lambda: self._job.resume("is making first masks")),
        }

    def state(self) -> State:
        """``firstMasks``: the model that would make them, and what to do where there is none."""
        return {"firstMasks": self._info}

    def on_models_changed(self) -> None:
        """Another model may be there to make them; looks at the models' files."""
        if self._models:
            model = self.model()
            hint = "" if model is not None else self._what_to_do()
            self._info = PreAnnotationInfo(model=model, hint=hint, poor=self._poor(model))
            self.publish_state()

    def on_page_connected(self, page: str) -> None:
        """Tell a new page how the job stands."""
        self._job.show_to(page)

    def close(self) -> None:
        """Stop following; the job goes on."""
        self._end()
        self._worker.close()

    def begin(self, model: str | None = None) -> Job:
        """See :meth:`jlabel.Labeler.first_masks`."""
        name = model or self.model()
        if name is None:
            raise TaskError(self._what_to_do())
        return self._job.begin(lambda: self.context.manager.batch_infer(name), "is making first masks")

    def model(self) -> str | None:
        """The model to take: the chosen one where it needs no prompts, else what the chosen training makes better."""
        trainer = self._training.trainer
        chosen = [
            self.context.model,
            *(name for name in self._models if self._learns_from(name, trainer)),
            *self._models,
        ]
        return next((name for name in chosen if name in self._models and self._models[name].is_valid()), None)

    def _poor(self, model: str | None) -> str:
        """That the version which would make the masks is poor; empty where it is not, or nobody knows."""
        with contextlib.suppress(JlabelError):
            version = self._models[model].version_in_use() if model is not None else None
            return poor_in_words(version) if version is not None else ""
        return ""

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
        self._worker.do(lambda: self.context.reporting_errors(work))

    def _on_job_ended(self, job: Job) -> None:
        said = outcome(job.record())
        if job.state == "done" and said:
            self.context.notify(f"First masks: {said.rstrip('.')}")
