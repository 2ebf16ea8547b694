"""Running models: at once, on a device's queue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from jlabel.errors import JlabelError, TaskError
from jlabel.imaging import Image
from jlabel.manager.device_queue import QueuedWork
from jlabel.manager.manager_base import ManagerBase
from jlabel.manager.model_device import choose_device
from jlabel.prompts.prompt import Prompt
from jlabel.resources import heed_core_limit
from jlabel.tasks.infer import InferTask
from jlabel.tasks.request import InferRequest, InferResult, OtherLabels


class Inference(ManagerBase):
    """Models, run on one image at a time; see :class:`jlabel.AppManager`."""

    def infer(
        self,
        model: str,
        image_id: str,
        prompts: Iterable[Prompt] = (),
        *,
        probabilities: bool = False,
        other_labels: OtherLabels | None = None,
        **params: Any,
    ) -> InferResult:
        """Run a model on an image and wait for the result.

        Args:
            model: A name from ``info()["models"]``.
            image_id: The image.
            prompts: The user's prompts, in voxel indices ``(i, j, k)`` or ``(i, j)``.
            probabilities: Whether to compute the probability of each voxel; ``result.probabilities`` stays None for a
                model that cannot.
            other_labels: Which voxels of a region hold another label, for a model that takes them as background.
            **params: ``label`` (the structure that is asked for), ``device``, ``frame``, and whatever the model takes.

        Raises:
            TaskError: No such model, or it failed.
            PromptError: The prompts do not fit.
            Cancelled: A newer request for the same model and image came before this one was started.
        """
        options = {"probabilities": probabilities, "other_labels": other_labels, **params}
        answer: InferResult = self.submit(model, image_id, prompts, **options).future.result()
        return answer

    def submit(
        self,
        model: str,
        image_id: str,
        prompts: Iterable[Prompt] = (),
        *,
        probabilities: bool = False,
        other_labels: OtherLabels | None = None,
        image: Image | None = None,
        **params: Any,
    ) -> QueuedWork:
        """Run a model as :meth:`infer` does, without waiting; the work's ``future`` has the result or the error.

        Args:
            model: The model's name.
            image_id: The image.
            prompts: As for :meth:`infer`.
            probabilities: Likewise.
            other_labels: Likewise.
            image: The image, where the caller has it at hand: nothing is looked up then.
            **params: As for :meth:`infer`.
        """
        task = self._task(model)
        wanted = params.pop("device", None)
        device = "cpu" if task.cpu_only else choose_device(wanted) if wanted is not None else self.device
        frame = int(params.pop("frame", 0))
        label, names = params.pop("label", ""), self.label_names
        names.check(label, task)
        asked = names.asked_prompts(prompts, task)

        def work(queued: QueuedWork) -> InferResult:
            request = InferRequest(
                image=image if image is not None else self.image(image_id, frame),
                image_id=image_id,
                prompts=asked,
                label=names.asked_as(label, task),
                labels=names.values_for(task, label),
                params=params,
                device=device,
                prepared=self._images.prepared(image_id, frame, f"{model}@{id(task)}", image),
                cancelled=lambda: queued.cancelled,
                other_labels=other_labels,
                probabilities=probabilities,
            )
            return self._run(task, model, request)

        key = (image_id, model) if task.interactive else None
        return self._queue(device).submit(work, key)

    def cancel(self, image_id: str) -> int:
        """Cancel the requests of interactive models for an image; returns how many requests that were."""
        return sum(queue.cancel(lambda key: isinstance(key, tuple) and key[0] == image_id) for queue in self._all())

    def _run(self, task: InferTask, model: str, request: InferRequest) -> InferResult:
        request.check_cancelled()
        if request.device == "cpu":
            heed_core_limit()
        try:
            return replace(self.label_names.without_lost(task(request)), model=model)
        except JlabelError:
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise TaskError(f"model {model!r} failed on {request.image_id!r}: {reason}") from error
