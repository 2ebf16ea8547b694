"""Comparing finished labels with what a model finds, in a job: what it has to do."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from jlabel.datastores import Datastore
from jlabel.errors import JlabelError, TaskError
from jlabel.imaging import Image
from jlabel.jobs import JobRun
from jlabel.labels.object_values import told_apart
from jlabel.manager.label_measuring import measure_labels, read_current
from jlabel.parts import PartRun, map_parts
from jlabel.progress import Progress
from jlabel.registry import ModelVersion
from jlabel.selection.review import KeptMeasures, LabelKey, Prediction
from jlabel.selection.review.prediction import label_dice, label_quality
from jlabel.tasks.infer import InferTask
from jlabel.tasks.one_version import at_version
from jlabel.tasks.request import InferRequest, InferResult
from jlabel.types import LabelMap

#: What the measures alone take of the whole, which a model needs far longer for.
_MEASURING = 0.1


@dataclass(frozen=True)
class ReviewWork:
    """Finished labels, and the infer task that they are compared with.

    Attributes:
        name: The app's name for the task.
        task: The task; None for measures without a model.
        datastore: Where images and labels are; opened anew in the other process.
        names: The structures: their values and names.
        values: Names that the task may know, to values.
        images: The images' ids.
        tag: Of which labels.
    """

    name: str
    task: InferTask | None
    datastore: Datastore
    names: Mapping[int, str]
    values: Mapping[str, int]
    images: Sequence[str]
    tag: str

    @property
    def split(self) -> bool:
        """Whether labels are judged each as a part of its own: see :meth:`jlabel.jobs.JobRun.map`."""
        return self.task is not None

    @property
    def one_machine(self) -> bool:
        """See :attr:`jlabel.Datastore.one_machine`."""
        return self.datastore.one_machine

    def __call__(self, run: JobRun) -> dict[str, Any]:
        """Measure and compare the labels, in the job's process; one that fails is named and left out."""
        part = 1.0 if self.task is None else _MEASURING
        told = Progress(lambda done: run.progress(done * part), run.check_cancelled)
        found = measure_labels(self.datastore, self.images, self.tag, self.names, told, run.note)
        left_out = {key.image_id: problem for key, problem in found.problems.items()}
        if self.task is None:
            return {"measured": len(found.measures), "judged": 0, "left_out": left_out}
        judged = self._judge(self.task, list(found.measures), run, left_out)
        return {"measured": len(found.measures), "judged": judged, "left_out": left_out}

    def _judge(self, task: InferTask, keys: list[LabelKey], run: JobRun, left_out: dict[str, str]) -> int:
        number, judged, begun = 0, 0, time.monotonic()
        for version, group in by_version(task, keys):
            done = KeptMeasures(self.datastore, self.tag).judged(self.name, 0 if version is None else version.number)
            number += sum(key in done for key in group)
            held = task if version is None else at_version(task, version)
            part = _Judge(replace(self, task=held, images=()), version)
            for result in map_parts(run, part, [key for key in group if key not in done]):
                number += 1
                if result.error:
                    left_out[result.item.image_id] = result.error
                    run.note(f"the label of {result.item.image_id!r} is left out: {result.error}")
                else:
                    judged += 1
                each = (time.monotonic() - begun) / number
                run.progress(_MEASURING + (1 - _MEASURING) * number / len(keys), each * (len(keys) - number))
        return judged

    def judge_one(self, version: ModelVersion | None, key: LabelKey, run: PartRun) -> None:
        """Compare one label with what the model says, and keep what comes of it.

        Raises:
            JlabelError: It cannot be read, or the model failed.
        """
        task = self.task
        assert task is not None
        if not task.cpu_only:
            import torch

            torch.set_num_threads(run.threads)
        begun = time.monotonic()
        now, mask, image = read_current(self.datastore, key.image_id, self.tag)
        result = self._infer(task, image, key.image_id, run)
        objects = told_apart(self.datastore.get_label_info(key.image_id, self.tag))
        if objects is not None:
            result = replace(result, values=objects.joined(result.values))
        number = 0 if version is None else version.number
        prediction = Prediction(self.name, number, _has_learnt(version, now), *compare(mask, result))
        KeptMeasures(self.datastore, self.tag).keep_prediction(now, prediction, self.names, time.monotonic() - begun)

    def _infer(self, task: InferTask, image: Image, image_id: str, run: PartRun) -> InferResult:
        request = InferRequest(
            image=image,
            image_id=image_id,
            labels=dict(self.values),
            device="cpu" if task.cpu_only else run.device,
            cancelled=lambda: run.cancelled,
            probabilities=True,
        )
        try:
            return task(request)
        except JlabelError:
            raise
        except Exception as error:
            raise TaskError(f"model {self.name!r} failed: {type(error).__name__}: {error}") from error


@dataclass(frozen=True)
class _Judge:
    """What is done with one label; see :data:`jlabel.parts.Part`."""

    work: ReviewWork
    version: ModelVersion | None

    def __call__(self, key: LabelKey, run: PartRun) -> bool:
        self.work.judge_one(self.version, key, run)
        return True


def compare(mask: LabelMap, result: InferResult) -> tuple[dict[int, float], dict[int, float]]:
    """The quality of a label and its Dice with a model's answer, by value; no quality without probabilities."""
    known = {name: value for name, value in result.labels.items() if value}
    dice = label_dice(mask, result.mask, known.values())
    if result.probabilities is None or result.region.shape != mask.shape:
        return {}, dice
    classes = {known[name]: place for place, name in enumerate(result.classes) if name in known}
    return label_quality(mask, np.asarray(result.probabilities), classes), dice


def by_version(task: InferTask, keys: Sequence[LabelKey]) -> Iterator[tuple[ModelVersion | None, list[LabelKey]]]:
    """For each label the version that judges it: the one in use where it has not learnt from it, else the newest that
    has not, else the one in use all the same.

    Args:
        task: An infer task.
        keys: The labels.

    Returns:
        Versions with their labels; None for a task without a published model.
    """
    used = task.version_in_use()
    if used is None or task.published is None:
        yield None, list(keys)
        return
    versions = [used, *reversed(task.published.store.versions(task.published.name))]
    groups: dict[int, list[LabelKey]] = {}
    for key in keys:
        one = next((version for version in versions if not _has_learnt(version, key)), used)
        groups.setdefault(one.number, []).append(key)
    known = {version.number: version for version in reversed(versions)}
    for number in sorted(groups, reverse=True):
        yield known[number], groups[number]


def _has_learnt(version: ModelVersion | None, key: LabelKey) -> bool:
    return version is not None and version.images.get(key.image_id) == key.version
