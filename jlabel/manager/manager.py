"""The app manager: opens images, runs models beside the person's work, chooses what comes next, saves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from jlabel.app import LabelApp
from jlabel.datastores import Datastore
from jlabel.errors import DatastoreError, JlabelError, JobError, LabelError, TaskError
from jlabel.imaging import Image
from jlabel.imaging.intensity import Intensities
from jlabel.imaging.watch import UNWATCHED, Watch
from jlabel.jobs import Job, Jobs
from jlabel.jobs.devices import first_device
from jlabel.manager.batch import BatchInferWork, chosen_images
from jlabel.manager.cache import ByteCache
from jlabel.manager.devices import choose_device
from jlabel.manager.images import OpenedImages
from jlabel.manager.label_names import LabelNames
from jlabel.manager.memory import default_cache_bytes
from jlabel.manager.queue import DeviceQueue, Ticket
from jlabel.manager.training import TrainWork
from jlabel.models import ModelStore, ModelVersion
from jlabel.tasks.infer import InferTask
from jlabel.tasks.labels import Label, label_values
from jlabel.tasks.prompts import Prompt
from jlabel.tasks.request import InferRequest, InferResult, OtherLabels
from jlabel.tasks.train import TrainTask

if TYPE_CHECKING:
    from jlabel.widget import Labeler


class AppManager:
    """The one door between a user interface and an app.

    Args:
        app: The app.
        device: Where models run: ``"auto"`` (the first GPU, else the CPU), ``"cpu"``, ``"cuda"``, ``"cuda:1"``.
        cache_bytes: How much memory opened and prepared images may take; a quarter of the machine's if not given.
        jobs: A folder for background jobs; the datastore's own if not given.

    Raises:
        TaskError: The device does not exist.
        DatastoreError: The label set that is kept with the studies cannot be read.
    """

    def __init__(
        self,
        app: LabelApp,
        device: str = "auto",
        cache_bytes: int | None = None,
        jobs: str | Path | None = None,
    ) -> None:
        self.app = app
        self._device = device if device in ("auto", "cpu") else choose_device(device)
        self._cache = ByteCache(default_cache_bytes() if cache_bytes is None else cache_bytes)
        self._images = OpenedImages(app.datastore, self._cache)
        self._queues: dict[str, DeviceQueue] = {}
        self._jobs_folder = None if jobs is None else Path(jobs).expanduser()
        self._jobs: Jobs | None = None
        self.label_names = LabelNames(app.datastore, app.labels)

    @property
    def labels(self) -> tuple[Label, ...]:
        """The labels that people work with: the app's, as they were changed in a labeler."""
        return self.label_names.current.labels

    @property
    def device(self) -> str:
        """Where models run, such as ``"cpu"`` or ``"cuda:0"``."""
        self._device = choose_device(self._device)
        return self._device

    @property
    def datastore(self) -> Datastore:
        """Where images and labels are."""
        return self.app.datastore

    def info(self) -> dict[str, Any]:
        """The app's ``labels``, ``models``, ``strategies``, …, and the ``datastore``'s status."""
        now = {"labels": label_values(self.labels), "device": self.device, "datastore": self.datastore.status()}
        return {**self.app.info(), **now}

    def image(self, image_id: str, frame: int = 0) -> Image:
        """An image, from memory where it was opened before.

        Raises:
            DatastoreError: There is no such image.
            ImageError: Its file cannot be read.
        """
        return self._images.image(image_id, frame)

    def intensities(self, image_id: str, frame: int = 0) -> Intensities:
        """The image's intensity statistics, worked out once."""
        return self._images.intensities(image_id, frame)

    def label(self, image_id: str, tag: str = "final", version: int | None = None) -> NDArray[Any]:
        """A saved label as an array in the image's grid.

        Args:
            image_id: The image.
            tag: ``"final"`` for a person's, ``"original"`` for a model's.
            version: An earlier version's number; the current one if not given.

        Raises:
            DatastoreError: There is no such label.
            LabelError: The label does not fit the image.
        """
        return self._images.label(image_id, tag, version)

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
        """Run a model and wait for its answer.

        Args:
            model: A name from ``info()["models"]``.
            image_id: The image.
            prompts: What the person points at, in voxel indices.
            probabilities: Whether the answer should say how sure the model is of each voxel; one that cannot tell
                leaves ``result.probabilities`` None.
            other_labels: Which voxels of a region hold another label, for a model that takes them as background.
            **params: ``label`` (the structure that is asked for), ``device``, ``frame``, and whatever the model takes.

        Raises:
            TaskError: No such model, or it failed.
            PromptError: The prompts do not fit.
            Cancelled: A newer request for the same model and image came before this one was begun.
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
        **params: Any,
    ) -> Ticket:
        """Queue what :meth:`infer` does; the answer, or what went wrong, is in the ticket's ``future``."""
        task = self._task(model)
        wanted = params.pop("device", None)
        device = "cpu" if task.cpu_only else choose_device(wanted) if wanted is not None else self.device
        frame = int(params.pop("frame", 0))
        label, names = params.pop("label", ""), self.label_names
        names.check(label, task)
        asked = names.asked_prompts(prompts, task)

        def work(ticket: Ticket) -> InferResult:
            request = InferRequest(
                image=self.image(image_id, frame),
                image_id=image_id,
                prompts=asked,
                label=names.asked_as(label, task),
                labels=names.values_for(task, label),
                params=params,
                device=device,
                prepared=self._images.prepared(image_id, frame, f"{model}@{id(task)}"),
                cancelled=lambda: ticket.cancelled,
                other_labels=other_labels,
                probabilities=probabilities,
            )
            return self._run(task, model, request)

        key = (image_id, model) if task.interactive else None
        return self._queue(device).submit(work, key)

    def cancel(self, image_id: str) -> int:
        """Give up what interactive models still have to do for an image; returns how many requests that were."""
        return sum(queue.cancel(lambda key: isinstance(key, tuple) and key[0] == image_id) for queue in self._all())

    def next_image(self, strategy: str = "random", **params: Any) -> str | None:
        """The id of the image to label next, or None when all are labelled.

        Raises:
            DatastoreError: No such strategy.
        """
        chosen = self.app.strategies.get(strategy)
        if chosen is None:
            raise DatastoreError(f"no strategy {strategy!r}; the app has {', '.join(self.app.strategies) or 'none'}")
        return chosen(params, self.datastore)

    def skip(self, image_id: str) -> None:
        """Put an image last: strategies give it again only when all others are labelled."""
        self.datastore.update_image_info(image_id, {"skipped": datetime.now(UTC).isoformat(timespec="seconds")})

    def save_label(
        self,
        image_id: str,
        mask: NDArray[Any],
        tag: str = "final",
        info: Mapping[str, Any] | None = None,
        watch: Watch = UNWATCHED,
    ) -> str:
        """Save a mask as the image's label; the version before it is kept.

        Args:
            image_id: The image.
            mask: Label values, the image's shape, integer or bool.
            tag: ``"final"`` for a person's, ``"original"`` for a model's.
            info: Kept in the catalogue with this version.
            watch: See :meth:`jlabel.datastores.Datastore.save_label`.

        Returns:
            The label's id.

        Raises:
            LabelError: The mask has another shape than the image, or values that are not whole numbers from 0 on.
            DatastoreError: The label could not be written; nothing has changed then.
            Cancelled: ``watch`` gave it up; nothing has changed then.
        """
        image = self.image(image_id)
        if tuple(mask.shape) != image.shape:
            raise LabelError(f"the label of {image_id!r} has shape {tuple(mask.shape)}, and its image {image.shape}")
        if mask.dtype.kind not in "bui":
            raise LabelError(f"a label holds whole numbers, not {mask.dtype}; convert it with mask.astype('uint8')")
        names = label_values(self.labels)
        kept = {"label_names": list(names), "labels": names, **dict(info or {})}
        return self.datastore.save_label(image_id, mask, tag, kept, image=image, watch=watch)

    def train(self, name: str, device: str | Sequence[str] = "auto", **options: Any) -> Job:
        """Begin a training in the background and return at once; it goes on when the kernel is interrupted or ends.

        One job runs at a time on each device, others wait for their turn.

        Args:
            name: A name from ``info()["trainers"]``.
            device: ``"auto"`` (the first GPU, else the CPU), ``"cpu"``, ``"cuda:1"``, ``"cuda"`` (all GPUs), or a list
                such as ``["cuda:0", "cuda:1"]``: one process for each, see :class:`jlabel.BasicTrainTask`.
            **options: What the train task takes, such as ``max_epochs=30``.

        Raises:
            TaskError: No such train task, or options that it cannot work with.
            JobError: The device is not there, the task cannot be handed to a process of its own, or there is no place
                for jobs.
        """
        task = self._trainer(name)
        task.check(options)
        device = device if task.several_devices else first_device(device)
        work = TrainWork(name, task, self.datastore, self.label_names.current.learnt_values, options)
        return self._all_jobs().start("train", name, work, device=device, options=options)

    def batch_infer(
        self,
        model: str,
        images: str | Iterable[str] = "unlabeled",
        tag: str = "original",
        device: str = "auto",
        **params: Any,
    ) -> Job:
        """Begin to make first masks for many images, in the background; what they are is decided now.

        Args:
            model: A name from ``info()["models"]`` that needs no prompts.
            images: ``"unlabeled"`` (without a final label or a draft, now and when it is their turn), ``"all"``, or a
                list of ids.
            tag: Under which the masks are saved.
            device: As for :meth:`train`, and one only; ``"cuda"`` is the first GPU.
            **params: What the model takes.

        Raises:
            TaskError: No such model, it needs prompts or a training first, or there is no image for it.
            DatastoreError: There is no such image.
            JobError: As for :meth:`train`.
        """
        task = self._task(model)
        if task.interactive:
            raise TaskError(f"model {model!r} needs prompts in every image; batch_infer is for models that need none")
        task.version_in_use()
        chosen = chosen_images(self.datastore, images)
        if not chosen:
            raise TaskError("there is no image to run the model on: all have a final label or a draft")
        labels, unlabeled = label_values(self.app.labels), isinstance(images, str) and images == "unlabeled"
        work = BatchInferWork(model, task, self.datastore, labels, chosen, tag, params, unlabeled)
        options = {"images": len(chosen), "tag": tag, **params}
        return self._all_jobs().start("infer", model, work, device=first_device(device), options=options)

    def beginning(self) -> AbstractContextManager[None]:
        """Held while somebody decides whether to begin a job: no other kernel on these studies does meanwhile.

        Raises:
            JobError: Another one takes too long, or there is no place for jobs.
        """
        return self._all_jobs().beginning()

    def jobs(self) -> list[Job]:
        """All background jobs of this datastore, the oldest first, also those of earlier and other kernels."""
        return self._all_jobs().list()

    def models(self, name: str) -> list[ModelVersion]:
        """All versions of the model that a train task publishes, the oldest first, with the one in use marked.

        Raises:
            TaskError: No such train task, or there is no place for models.
        """
        return self._model_store(name).versions(name)

    def use_model(self, name: str, version: int) -> ModelVersion:
        """Take that version from the next call of the infer task on, in every kernel.

        Raises:
            TaskError: No such train task or version.
        """
        return self._model_store(name).use(name, version)

    def resume(self, job: Job | str, device: str | Sequence[str] | None = None) -> Job:
        """Go on with a job that failed, was killed or was cancelled, from its last checkpoint.

        Args:
            job: The job, or its id.
            device: As for :meth:`train`, to go on on other or more devices than before.

        Raises:
            JobError: There is no such job, it is done, another user began it, or the device is not there.
        """
        jobs = self._all_jobs()
        job = jobs.get(job if isinstance(job, str) else job.id)
        if device is not None and job.kind != "train":
            device = first_device(device)
        return jobs.resume(job, device)

    def labeler(self, image_id: str | None = None, **options: Any) -> Labeler:
        """The labeler for a notebook cell, on the given image or the first that the strategy gives."""
        from jlabel.widget import Labeler

        return Labeler(self, image_id=image_id, **options)

    def close(self) -> None:
        """End the threads; what waits is given up."""
        for queue in self._all():
            queue.close()

    def _run(self, task: InferTask, model: str, request: InferRequest) -> InferResult:
        request.check_cancelled()
        try:
            return replace(self.label_names.without_lost(task(request)), model=model)
        except JlabelError:
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise TaskError(f"model {model!r} failed on {request.image_id!r}: {reason}") from error

    def _task(self, model: str) -> InferTask:
        task = self.app.infers.get(model)
        if task is None:
            raise TaskError(f"no model {model!r}; the app has {', '.join(self.app.infers) or 'none'}")
        return task

    def _all_jobs(self) -> Jobs:
        if self._jobs is None:
            folder = self._jobs_folder or self.datastore.jobs_folder()
            if folder is None:
                raise JobError(f"{type(self.datastore).__name__} has no place for jobs: AppManager(app, jobs='folder')")
            self._jobs = Jobs(folder, self._show_job)
        return self._jobs

    def _show_job(self, job: Job) -> bool:
        from jlabel.widget import show_job

        return show_job(job, self.resume)

    def _model_store(self, name: str) -> ModelStore:
        task = self._trainer(name)
        folder = getattr(task, "model_dir", None) or self.datastore.models_folder()
        if folder is None:
            raise TaskError(f"{type(self.datastore).__name__} has no place for models: give the train task a model_dir")
        return ModelStore(folder)

    def _trainer(self, name: str) -> TrainTask:
        task = self.app.trainers.get(name)
        if task is None:
            raise TaskError(f"no train task {name!r}; the app has {', '.join(self.app.trainers) or 'none'}")
        return task

    def _queue(self, device: str) -> DeviceQueue:
        return self._queues.setdefault(device, DeviceQueue(device))

    def _all(self) -> list[DeviceQueue]:
        return list(self._queues.values())
