"""Scoring images in the background, and how unsure a model is of one image."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.datastores.memory_scores import MemoryScores
from jlabel.errors import JlabelError, TaskError
from jlabel.imaging import Image
from jlabel.jobs import Job
from jlabel.jobs.devices import first_device
from jlabel.manager.device_queue import QueuedWork
from jlabel.manager.manager_base import ManagerBase
from jlabel.manager.score_work import ScoreWork
from jlabel.selection.scoring import ModelScoring
from jlabel.selection.scoring.model_scoring import model_for_scores
from jlabel.tasks.infer import InferTask
from jlabel.tasks.request import InferRequest
from jlabel.tasks.scoring import ScoringMethod

# Behind trainings, which step back by 10.
_NICE = 15
# What is written is whole at any moment: a method that hangs need not be waited for.
_GRACE = 3.0


class Scoring(ManagerBase):
    """Scores of images, computed beside the work; see :class:`jlabel.AppManager`."""

    def score(
        self, method: str, images: str | Iterable[str] = "unlabeled", device: str = "auto", **request: Any
    ) -> Job:
        """Start to score images in the background and return at once; it goes on when the kernel ends.

        The methods that ship compute each score once for each image and version of their model, and save it at once:
        a job that was cancelled or killed loses none, and the next one goes on where it was. They use the version that
        was in use when the job began.

        Args:
            method: A name from ``info()["scoring_methods"]``.
            images: ``"unlabeled"`` (without a final label), ``"all"``, or a list of ids. A method of your own chooses
                by itself; a list limits what it sees.
            device: As for :meth:`jlabel.AppManager.batch_infer`.
            **request: What the method takes, such as ``reduce="top"`` or ``passes=10``.

        Returns:
            The job, or the one that scores by this method already, also if another kernel began it.

        Raises:
            TaskError: No such method, or it cannot work now: its model was not trained yet or has no dropout where the
                method needs it, or there is no image to score.
            DatastoreError: There is no such image.
            JobError: As for :meth:`jlabel.AppManager.train`.
        """
        scoring = self._scoring_method(method)
        given = {"images": images if isinstance(images, str) else list(images), **request}
        running = self._scoring_job(method)
        if running is not None:
            return running
        self._check(method, scoring, given)
        only = None if isinstance(images, str) else given["images"]
        asked = {**given, "labels": dict(self.label_names.current.learnt_values)}
        work = ScoreWork(method, scoring, self.datastore, asked, only)
        options = {**given, **_model_of(scoring)}
        where = "cpu" if scoring.cpu_only else first_device(device, here=False)
        with self._all_jobs().beginning():
            running = self._scoring_job(method)
            if running is not None:
                return running
            return self._all_jobs().start(
                "score", method, work, device=where, options=options, nice=_NICE, grace=_GRACE
            )

    def uncertainty(self, image_id: str, model: str | None = None) -> NDArray[np.float16] | None:
        """How unsure a model is of each voxel of an image: the entropy of its answer, 0 (sure) to 1.

        Args:
            image_id: The image.
            model: A name from ``info()["models"]`` that needs no prompts; the first such one if not given.

        Returns:
            An array of the image's shape; None where the model has no probabilities.

        Raises:
            TaskError: No such model, it needs prompts or a training first, or it failed.
            DatastoreError: There is no such image.
            Cancelled: It was cancelled, see :meth:`cancel`.
        """
        found: NDArray[np.float16] | None = self.submit_uncertainty(image_id, model).future.result()
        return found

    def submit_uncertainty(self, image_id: str, model: str | None = None, image: Image | None = None) -> QueuedWork:
        """Compute as :meth:`uncertainty` does, without waiting; the work's ``future`` has the answer or the error.

        Args:
            image_id: The image.
            model: As for :meth:`uncertainty`.
            image: The image, where the caller has it at hand.
        """
        name = model_for_scores(self.app.infers, model)
        task = self.app.infers[name]
        device = "cpu" if task.cpu_only else self.device

        def work(queued: QueuedWork) -> NDArray[np.float16] | None:
            request = InferRequest(
                image=image if image is not None else self.image(image_id),
                image_id=image_id,
                labels=self.label_names.values_for(task, ""),
                device=device,
                prepared=self._images.prepared(image_id, 0, f"{name}@{id(task)}", image),
                cancelled=lambda: queued.cancelled,
            )
            return _mapped(task, name, request)

        return self._queue(device).submit(work, (image_id, f"uncertainty of {name}"))

    def _scoring_method(self, name: str) -> ScoringMethod:
        method = self.app.scoring_methods.get(name)
        if method is None:
            raise TaskError(f"no scoring method {name!r}; the app has {', '.join(self.app.scoring_methods) or 'none'}")
        return method

    def _scoring_job(self, name: str) -> Job | None:
        """The job of a method that runs or waits for its turn, in whatever kernel it was begun."""
        jobs = (job for job in reversed(self._all_jobs().list()) if (job.kind, job.name) == ("score", name))
        return next((job for job in jobs if not job.record().ended), None)

    def _check(self, name: str, scoring: ScoringMethod, request: dict[str, Any]) -> None:
        if isinstance(scoring, ModelScoring) and isinstance(self.datastore.scores, MemoryScores):
            kind = type(self.datastore).__name__
            raise TaskError(
                f"{kind} keeps scores in this process alone, and a job has one of its own: "
                f"call manager.app.scoring_methods[{name!r}]({{}}, manager.datastore)"
            )
        try:
            scoring.check(request, self.datastore)
        except JlabelError:
            raise
        except Exception as error:
            raise TaskError(f"scoring method {name!r} cannot begin: {type(error).__name__}: {error}") from error


def _model_of(scoring: ScoringMethod) -> dict[str, Any]:
    """Which model and version a method asks, to be remembered with its job."""
    if not isinstance(scoring, ModelScoring):
        return {}
    version = scoring.task.version_in_use()
    return {"model": scoring.model, "version": 0 if version is None else version.number}


def _mapped(task: InferTask, name: str, request: InferRequest) -> NDArray[np.float16] | None:
    # torch and MONAI take seconds to import.
    from jlabel.selection.scoring.uncertainty_map import uncertainty_map

    request.check_cancelled()
    try:
        return uncertainty_map(task, request)
    except JlabelError:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise TaskError(f"model {name!r} failed on {request.image_id!r}: {reason}") from error
