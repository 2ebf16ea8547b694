"""Background jobs: trainings, first masks of many images; and the versions of models that trainings publish."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from jlabel.display.table import Listing
from jlabel.errors import TaskError
from jlabel.jobs import Job
from jlabel.jobs.devices import first_device
from jlabel.labels.label import label_values
from jlabel.manager import listings
from jlabel.manager.batch_work import BatchInferWork, chosen_images
from jlabel.manager.manager_base import ManagerBase
from jlabel.manager.train_work import TrainWork
from jlabel.registry import ModelVersion

_LIMITS = ("max_epochs", "max_seconds")


class BackgroundJobs(ManagerBase):
    """Trainings, first masks and model versions; see :class:`jlabel.AppManager`."""

    def train(self, name: str, device: str | Sequence[str] = "auto", threads: int | None = None, **options: Any) -> Job:
        """Start a training in the background and return at once; it continues when the kernel is interrupted or ends.

        One job runs at a time on each device, others wait for their turn.

        Args:
            name: A name from ``info()["trainers"]``.
            device: ``"auto"`` (the first GPU, else the CPU), ``"cpu"``, ``"cuda:1"``, ``"cuda"`` (all GPUs), or a list
                such as ``["cuda:0", "cuda:1"]``: one process for each, see :class:`jlabel.BasicTrainTask`.
            threads: How many threads its processes have together. If not given, there is one for each core but one:
                that is left to the person who labels meanwhile. With ``os.cpu_count()`` a training on a CPU is faster.
            **options: What the train task takes, such as ``max_epochs=30``.

        Raises:
            TaskError: No such train task, options that it cannot work with, no label to learn from yet, or images that
                are not for it.
            JobError: The device is not there, ``threads`` is below 1, the task cannot be handed to a process of its
                own, or there is no place for jobs.
        """
        task = self._trainer(name)
        task.check(options)
        obstacle = self.training_check.obstacle(name)
        if obstacle:
            raise TaskError(f"{name!r} cannot be trained now. {obstacle}")
        device = device if task.several_devices else first_device(device, here=False)
        work = TrainWork(name, task, self.datastore, self.label_names.current.learnt_values, options)
        # How long it may take is remembered with the job, whoever said so: a page says how far it has come.
        limits = {key: value for key, value in task.info().get("config", {}).items() if key in _LIMITS}
        return self._all_jobs().start(
            "train", name, work, device=device, options={**limits, **options}, threads=threads
        )

    def batch_infer(
        self,
        model: str,
        images: str | Iterable[str] = "unlabeled",
        tag: str = "original",
        device: str = "auto",
        **params: Any,
    ) -> Job:
        """Start to compute masks, or tags, of many images in the background; the images are chosen now.

        What a model that classifies images says of one is kept beside what a person says, and never in its place.

        Args:
            model: A name from ``info()["models"]`` that needs no prompts.
            images: ``"unlabeled"`` (without a final label or a draft, now and when it is their turn; for a model that
                classifies images without a class by a person), ``"all"``, or a list of ids.
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
        if not task.makes_masks and task.classification is None:
            raise TaskError(f"model {model!r} makes no masks and no tags of images: there is nothing to keep of it")
        task.version_in_use()
        chosen = chosen_images(self.datastore, images, task.classification)
        if not chosen:
            have = "have a final label or a draft" if task.makes_masks else "were tagged by a person"
            raise TaskError(f"there is no image to run the model on: all {have}")
        labels, unlabeled = label_values(self.app.labels), isinstance(images, str) and images == "unlabeled"
        objects = self.label_names.current.objects
        apart = next((name for name, value in labels.items() if objects and value == objects.first), None)
        work = BatchInferWork(model, task, self.datastore, labels, chosen, tag, params, unlabeled, apart)
        options = {"images": len(chosen), "tag": tag, **params}
        kind = "infer" if task.makes_masks else "tag"
        return self._all_jobs().start(kind, model, work, device=first_device(device, here=False), options=options)

    def beginning(self) -> AbstractContextManager[None]:
        """A lock for deciding whether to start a job: no other kernel with these studies starts one meanwhile.

        Raises:
            JobError: Another one takes too long, or there is no place for jobs.
        """
        return self._all_jobs().beginning()

    def jobs(self) -> Listing[Job]:
        """All background jobs of this datastore, the oldest first, including those of other kernels."""
        return listings.job_list(self._all_jobs().list())

    def models(self, name: str) -> Listing[ModelVersion]:
        """All versions of the model of a train task, the oldest first, with the one in use marked.

        Raises:
            TaskError: No such train task, or there is no place for models.
        """
        return listings.model_list(self._model_store(name).versions(name), name)

    def use_model(self, name: str, version: int) -> ModelVersion:
        """Take a version of a model into use, from the next call on and in every kernel.

        Raises:
            TaskError: No such train task or version.
        """
        return self._model_store(name).use(name, version)

    def resume(self, job: Job | str, device: str | Sequence[str] | None = None) -> Job:
        """Resume a job that failed, was killed or was cancelled, from its last checkpoint.

        Args:
            job: The job, or its id.
            device: As for :meth:`train`, to continue on other or more devices than before.

        Raises:
            JobError: There is no such job, it is done, another user began it, or the device is not there.
        """
        jobs = self._all_jobs()
        job = jobs.get(job if isinstance(job, str) else job.id)
        if device is not None and job.kind != "train":
            device = first_device(device, here=False)
        return jobs.resume(job, device)
