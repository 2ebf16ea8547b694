"""What all parts of the app manager share: the app, opened images, devices and jobs."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from jlabel.app import LabelApp
from jlabel.datastores import Datastore
from jlabel.display.html import facts_html
from jlabel.errors import JobError, TaskError
from jlabel.imaging import Image
from jlabel.jobs import Job, Jobs
from jlabel.jobs.choice import choose_runner
from jlabel.jobs.dask import DaskRunner
from jlabel.jobs.runners import JobRunner
from jlabel.labels.label import Label, label_values
from jlabel.manager.annotation_server import AnnotationServer
from jlabel.manager.cache import ByteCache
from jlabel.manager.cache_size import default_cache_bytes
from jlabel.manager.device_queue import DeviceQueue
from jlabel.manager.label_translation import LabelTranslation
from jlabel.manager.model_device import choose_device
from jlabel.manager.opened_images import OpenedImages
from jlabel.manager.training_check import TrainingCheck
from jlabel.registry import ModelStore
from jlabel.tasks.author_hook import call_hook
from jlabel.tasks.infer import InferTask
from jlabel.tasks.train import TrainTask


class ManagerBase:
    """The app, its datastore, what was opened, and the doors to devices and jobs; see :class:`jlabel.AppManager`."""

    def __init__(
        self,
        app: LabelApp,
        device: str = "auto",
        cache_bytes: int | None = None,
        jobs: str | Path | None = None,
        runner: JobRunner | str | None = None,
        **runner_options: Any,
    ) -> None:
        self.app = app
        self._device = device if device in ("auto", "cpu") else choose_device(device)
        self._cache = ByteCache(default_cache_bytes() if cache_bytes is None else cache_bytes)
        self._images = OpenedImages(app.datastore, self._cache)
        self._queues: dict[str, DeviceQueue] = {}
        self._jobs_folder = None if jobs is None else Path(jobs).expanduser()
        self._jobs: Jobs | None = None
        self._runner = choose_runner(runner, runner_options)
        self._own_runner = self._runner is not runner
        #: Whether its train tasks can work on the studies as they are now.
        self.training_check = TrainingCheck(app.datastore, self._images, app.trainers)
        #: Where its images are sent to be annotated by others; None where they are not.
        self.annotation_server: AnnotationServer | None = None
        self.label_names = LabelTranslation(app.datastore, app.labels)
        #: Tells what this manager has taken from what others of the same person have.
        self.session = secrets.token_hex(8)
        call_hook(app.on_init_complete)

    @property
    def labels(self) -> tuple[Label, ...]:
        """The labels in use: those of the app, with the changes that users made in a labeler."""
        return self.label_names.current.labels

    @property
    def device(self) -> str:
        """The device that models run on, such as ``"cpu"`` or ``"cuda:0"``."""
        self._device = choose_device(self._device)
        return self._device

    @property
    def datastore(self) -> Datastore:
        """The images and labels."""
        return self.app.datastore

    def info(self) -> dict[str, Any]:
        """The app's ``labels``, ``models``, ``strategies``, …, and the ``datastore``'s status.

        Of each of the ``trainers``, ``obstacle`` says why it cannot be trained now; it is empty where it can.
        """
        app, obstacle = self.app.info(), self.training_check.obstacle
        trainers = {name: {**task, "obstacle": obstacle(name)} for name, task in app["trainers"].items()}
        now = {"labels": label_values(self.labels), "device": self.device, "datastore": self.datastore.status()}
        return {**app, "trainers": trainers, **now}

    def __repr__(self) -> str:
        store = self.datastore
        return f"AppManager: {self.app.name} ({store.count_labeled()} of {store.count_images()} labelled)"

    def _repr_html_(self) -> str:
        status = self.datastore.status()
        now = {"labels": label_values(self.labels), "device": self.device, "studies": status.get("folder")}
        counts = {key: status[key] for key in ("total", "labelled", "skipped", "missing") if status.get(key)}
        return facts_html(self.app.name, {**self.app.facts(), **now, **counts}, self.datastore.notes())

    def image(self, image_id: str, frame: int = 0) -> Image:
        """An image; from memory if it was opened before.

        Raises:
            DatastoreError: There is no such image.
            ImageError: Its file cannot be read.
        """
        return self._images.image(image_id, frame)

    def close(self) -> None:
        """End the threads; requests that wait are cancelled. Background jobs go on, here and on a cluster."""
        for queue in self._all():
            queue.close()
        if self._own_runner and isinstance(self._runner, DaskRunner):
            self._runner.close()

    def show_job(self, job: Job) -> bool:
        """Show a job to the user; False if there is no place for it and only its text is shown."""
        return False

    def _task(self, model: str) -> InferTask:
        task = self.app.infers.get(model)
        if task is None:
            raise TaskError(f"no model {model!r}; the app has {', '.join(self.app.infers) or 'none'}")
        return task

    def _trainer(self, name: str) -> TrainTask:
        task = self.app.trainers.get(name)
        if task is None:
            raise TaskError(f"no train task {name!r}; the app has {', '.join(self.app.trainers) or 'none'}")
        return task

    def _all_jobs(self) -> Jobs:
        if self._jobs is None:
            folder = self._jobs_folder or self.datastore.workspace.jobs_folder()
            if folder is None:
                raise JobError(f"{type(self.datastore).__name__} has no place for jobs: AppManager(app, jobs='folder')")
            self._jobs = Jobs(folder, self.show_job, self._runner)
        return self._jobs

    def _model_store(self, name: str) -> ModelStore:
        task = self._trainer(name)
        folder = getattr(task, "model_dir", None) or self.datastore.workspace.models_folder()
        if folder is None:
            raise TaskError(f"{type(self.datastore).__name__} has no place for models: give the train task a model_dir")
        return ModelStore(folder)

    def _queue(self, device: str) -> DeviceQueue:
        return self._queues.setdefault(device, DeviceQueue(device))

    def _all(self) -> list[DeviceQueue]:
        return list(self._queues.values())
