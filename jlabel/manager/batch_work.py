"""First masks or tags for many images, made in a job: what it has to do, as it is handed to a process of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jlabel.datastores import FINAL, Datastore
from jlabel.datastores.image_tags import person_tag, propose_tag
from jlabel.errors import DatastoreError, JlabelError, TaskError, UnreachableError
from jlabel.files.plain_files import open_plain, read_plain
from jlabel.imaging import read_image
from jlabel.jobs import JobRun
from jlabel.labels.classification import Classification
from jlabel.manager.model_quality import poor_in_words, version_in_words
from jlabel.parts import PartRun, map_parts
from jlabel.tasks.infer import InferTask
from jlabel.tasks.request import InferRequest

DONE = "done.txt"
# Ids of a million images take a twentieth of it.
_MOST_BYTES = 1024**3


def chosen_images(
    datastore: Datastore, images: str | Iterable[str], classification: Classification | None = None
) -> list[str]:
    """The ids that are meant: ``"unlabeled"``, ``"all"``, or ids.

    Unlabelled are those without a person's label or draft, for a model that classifies images those that no person has
    given a class.

    Raises:
        TaskError: Another word.
        DatastoreError: There is no such image.
    """
    if images == "unlabeled" and classification is not None:
        tags = datastore.tagged_images(classification.name)
        return [one for one in datastore.list_images() if one not in tags or not tags[one].by_person]
    if images == "unlabeled":
        drafted = datastore.workspace.drafted_images()
        return [image_id for image_id in datastore.get_unlabeled_images() if image_id not in drafted]
    if images == "all":
        return datastore.list_images()
    if isinstance(images, str):
        raise TaskError(f"images is 'unlabeled', 'all' or a list of ids, not {images!r}")
    ids = list(images)
    for image_id in ids:
        datastore.get_image_info(image_id)
    return ids


@dataclass(frozen=True)
class BatchInferWork:
    """An infer task and the images that it is to be run on.

    Attributes:
        name: The app's name for the task.
        task: The task.
        datastore: Where images and labels are; opened anew in the other process.
        labels: The app's labels, name to value.
        images: The images' ids.
        tag: Under which masks are saved; tags of images are saved as what the model says.
        params: What the caller gave by name.
        unlabeled_only: Whether to pass by images that a person has begun to label since.
        instances: The label whose objects are told apart.
    """

    name: str
    task: InferTask
    datastore: Datastore
    labels: Mapping[str, int]
    images: Sequence[str]
    tag: str
    params: Mapping[str, Any]
    unlabeled_only: bool = False
    instances: str | None = None

    #: Each image is a part of its own: see :meth:`jlabel.jobs.JobRun.map`.
    split = True

    @property
    def one_machine(self) -> bool:
        """See :attr:`jlabel.Datastore.one_machine`."""
        return self.datastore.one_machine

    def __call__(self, run: JobRun) -> dict[str, Any]:
        """Make the masks or tags, in the job's process; an image that fails is named and left out."""
        file = run.checkpoints / DONE
        done = set(read_plain(file, _MOST_BYTES).decode().splitlines()) if file.exists() else set()
        waiting = [image_id for image_id in self.images if image_id not in done]
        left_out: dict[str, str] = {}
        passed_by, begun, before = 0, time.monotonic(), len(done)
        version = self.task.version_in_use()
        poor = poor_in_words(version) if version is not None else ""
        if poor:
            run.note(poor)
        # One image need not know of all others.
        for result in map_parts(run, replace(self, images=()).do_one, waiting):
            if result.error:
                left_out[result.item] = result.error
                run.note(f"image {result.item!r} is left out: {result.error}")
                continue
            if not result.value:
                passed_by += 1
                continue
            with os.fdopen(open_plain(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT), "a", encoding="utf-8") as out:
                out.write(f"{result.item}{os.linesep}")
            done.add(result.item)
            finished = len(done) + len(left_out) + passed_by
            each = (time.monotonic() - begun) / (len(done) - before)
            run.progress(finished / len(self.images), each * (len(self.images) - finished))
        if left_out and not done:
            raise TaskError(f"none of {len(self.images)} images could be done; the last: {left_out.popitem()[1]}")
        return {"done": len(done), "left_out": left_out, "labelled_meanwhile": passed_by}

    def do_one(self, image_id: str, run: PartRun) -> bool:
        """Make and save what the model says of one image; False where a person has begun with it meanwhile.

        Raises:
            JlabelError: It cannot be read, the model failed, or what it says cannot be saved.
        """
        if not self.task.cpu_only:
            import torch

            torch.set_num_threads(run.threads)
        job = getattr(run, "id", None)
        if job is not None and self._is_saved(image_id, job):
            return True
        if self.unlabeled_only and self._is_a_persons(image_id):
            return False
        self._save_answer(image_id, run, job)
        return True

    def _is_saved(self, image_id: str, job: str) -> bool:
        """Whether this job saved its mask already, and was killed before it took note of it."""
        try:
            version = self.datastore.current_version(image_id, self.tag) if self.task.makes_masks else None
        except UnreachableError:
            raise
        except DatastoreError:
            return False
        return version is not None and version.info.get("job") == job

    def _is_a_persons(self, image_id: str) -> bool:
        if self.task.classification is not None:
            return person_tag(self.datastore.get_image_info(image_id), self.task.classification.name) is not None
        return (
            FINAL in self.datastore.get_labels_by_image_id(image_id)
            or image_id in self.datastore.workspace.drafted_images()
        )

    def _version(self, number: int) -> str:
        """The version that made a mask, with its Dice where it is known."""
        version = self.task.version_in_use()
        return version_in_words(version) if version is not None and version.number == number else f"version {number}"

    def _save_answer(self, image_id: str, run: PartRun, job: str | None) -> None:
        image = read_image(self.datastore.get_image_uri(image_id))
        request = InferRequest(
            image=image,
            image_id=image_id,
            labels=dict(self.labels),
            params=dict(self.params),
            device="cpu" if self.task.cpu_only else run.device,
            cancelled=lambda: run.cancelled,
        )
        try:
            result = self.task(request)
        except JlabelError:
            raise
        except Exception as error:
            raise TaskError(f"model {self.name!r} failed: {type(error).__name__}: {error}") from error
        for classification, chances in result.tags.items():
            propose_tag(self.datastore, image_id, classification, chances, self.name, result.version)
        if not self.task.makes_masks:
            return
        used = self.name if result.version is None else f"{self.name} ({self._version(result.version)})"
        info: dict[str, Any] = {"label_names": list(self.labels), "labels": dict(self.labels), "models": [used]}
        if self.instances is not None:
            info["instances"] = self.instances
        if job is not None:
            info["job"] = job
        self.datastore.save_label(image_id, result.mask, self.tag, info, image=image)
