"""Finished labels that look wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from jlabel.datastores import FINAL
from jlabel.display.progress_bar import shown_progress
from jlabel.display.table import Listing
from jlabel.errors import DatastoreError, TaskError
from jlabel.jobs import Job
from jlabel.jobs.devices import first_device
from jlabel.manager.label_measuring import MeasuredLabels, measure_labels
from jlabel.manager.manager_base import ManagerBase
from jlabel.manager.review_work import ReviewWork
from jlabel.progress import Progress
from jlabel.selection.review import Finding, KeptMeasures, LabelKey, Prediction, Suspicion, compare_labels
from jlabel.tasks.infer import InferTask

LOOKED_AT = "looked_at"
"""Where a label's info says which of its versions a person has looked at, and when."""

REVIEW = "review"
"""The kind of job that compares labels with what a model finds."""

_COLUMNS = ("image", "suspicion", "reason", "labels", "version", "looked at", "model version", "trained on")


class Reviewing(ManagerBase):
    """Finished labels, the most suspicious first; see :class:`jlabel.AppManager`."""

    def review(
        self,
        tag: str = FINAL,
        images: Iterable[str] | None = None,
        count: int | None = None,
        progress: Progress | None = None,
    ) -> Listing[Suspicion]:
        """Finished labels in the order in which they look wrong, each with its reason in words.

        Labels are compared with each other: size, parts, holes, position, what is missing, what is exchanged, slices
        that were forgotten, what the image shows at the border. Each is read once for each of its versions. Where
        :meth:`review_job` has run, they are compared with what a model finds, too.

        Args:
            tag: As for :meth:`label`.
            images: List only these; they are compared with all. All if not given.
            count: How many at most.
            progress: Told how far it is, and can cancel it between two labels; a bar if not given.

        Returns:
            A list that a notebook shows as a table. Labels that cannot be read come first and say why; those that a
            person has looked at (:meth:`looked_at`) come last. Empty where there is no label.

        Raises:
            DatastoreError: The studies cannot be read.

        Examples:
            >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
            >>> manager.save_label("case_0", manager.image("case_0").array > 70)
            'case_0'
            >>> [(one.image_id, one.version, one.looked_at) for one in manager.review()]
            [('case_0', 1, False)]
            >>> manager.looked_at("case_0")
            >>> manager.review()[0].looked_at
            True
            >>> manager.close()
        """
        names = self._structures()
        wanted = None if images is None else {self.datastore.canonical_id(image_id) for image_id in images}
        with shown_progress("Measuring labels", progress) as told:
            found = measure_labels(self.datastore, self.datastore.get_labeled_images(tag), tag, names, told)
        judged = KeptMeasures(self.datastore, tag).predictions()
        keys = list(found.measures)
        predictions = [judged.get(key) for key in keys]
        compared = compare_labels(list(found.measures.values()), names, predictions if any(predictions) else ())
        listed = [
            _suspicion(key, finding, judged.get(key), _is_looked_at(found, key))
            for key, finding in zip(keys, compared, strict=True)
        ]
        listed += _unreadable(found)
        chosen = [one for one in listed if wanted is None or one.image_id in wanted]
        ordered = sorted(chosen, key=lambda one: (one.looked_at, not one.problem, -one.rank, one.image_id))
        return Listing(ordered[:count], "Labels to review", _row, _COLUMNS)

    def looked_at(self, image_id: str, tag: str = FINAL) -> None:
        """Note that a person has looked at the label of an image: it comes last in :meth:`review` until it changes.

        Args:
            image_id: The image.
            tag: As for :meth:`label`.

        Raises:
            DatastoreError: There is no such label, or it cannot be noted.
        """
        version = self.datastore.current_version(image_id, tag)
        if version is None:
            raise DatastoreError(f"image {image_id!r} has no label {tag!r} to look at")
        noted = {"version": version.number, "time": datetime.now(UTC).isoformat(timespec="seconds")}
        self.datastore.update_label_info(image_id, tag, {LOOKED_AT: noted})

    def review_job(
        self,
        model: str | None = None,
        tag: str = FINAL,
        images: Iterable[str] | None = None,
        device: str = "auto",
    ) -> Job:
        """Start to compare finished labels with what a model finds; :meth:`review` counts it from then on.

        A version of the model judges the labels that it has not learnt from; where there is none, the one in use, and
        the suspicion says so (``trained_on``). What was judged by the same version already is not judged again.

        Args:
            model: A name from ``info()["models"]`` that needs no prompts; the first that can run if not given.
            tag: As for :meth:`label`.
            images: The images; all with such a label if not given.
            device: As for :meth:`batch_infer`.

        Returns:
            The job, or the one that is doing so already.

        Raises:
            TaskError: No such model, it needs prompts or a training first, or there is no label.
            DatastoreError: There is no such image.
            JobError: As for :meth:`train`.
        """
        name, task = self._judging_task(model)
        labeled = self.datastore.get_labeled_images(tag)
        if images is not None:
            wanted = {self.datastore.canonical_id(image_id) for image_id in images}
            labeled = [image_id for image_id in labeled if image_id in wanted]
        if not labeled:
            raise TaskError(f"there is no label {tag!r} to review")
        values = self.label_names.values_for(task, "")
        work = ReviewWork(name, task, self.datastore, self._structures(), values, labeled, tag)
        with self._all_jobs().beginning():
            for job in self._all_jobs().list():
                if job.kind == REVIEW and job.name == name and not job.record().ended:
                    return job
            options: dict[str, Any] = {"images": len(labeled), "tag": tag}
            return self._all_jobs().start(REVIEW, name, work, device=first_device(device, here=False), options=options)

    def _structures(self) -> dict[int, str]:
        return {label.value: label.name for label in self.label_names.current.named}

    def _judging_task(self, model: str | None) -> tuple[str, InferTask]:
        if model is None:
            model = next((name for name, one in self.app.infers.items() if one.segments_alone and one.is_valid()), None)
            if model is None:
                raise TaskError("no model that needs no prompts can run yet: train one first")
        task = self._task(model)
        if not task.makes_masks:
            raise TaskError(f"model {model!r} makes no masks; labels are reviewed with a model that segments images")
        if task.interactive:
            raise TaskError(f"model {model!r} needs prompts; labels are reviewed with a model that needs none")
        task.version_in_use()
        return model, task


def _suspicion(key: LabelKey, finding: Finding, judged: Prediction | None, looked_at: bool) -> Suspicion:
    return Suspicion(
        image_id=key.image_id,
        version=key.version,
        rank=finding.rank,
        reason=finding.reason,
        checks=finding.checks,
        labels=finding.labels,
        looked_at=looked_at,
        trained_on=None if judged is None else judged.trained_on,
        model_version=None if judged is None else judged.version,
    )


def _unreadable(found: MeasuredLabels) -> list[Suspicion]:
    return [
        Suspicion(*key, rank=1.0, reason=why, looked_at=_is_looked_at(found, key), problem=why)
        for key, why in found.problems.items()
    ]


def _is_looked_at(found: MeasuredLabels, key: LabelKey) -> bool:
    noted = found.infos.get(key, {}).get(LOOKED_AT)
    return isinstance(noted, Mapping) and noted.get("version") == key.version


def _row(one: Suspicion) -> dict[str, Any]:
    return {
        "image": one.image_id,
        "suspicion": one.rank,
        "reason": one.reason,
        "labels": one.labels,
        "version": one.version,
        "looked at": one.looked_at,
        "model version": one.model_version,
        "trained on": one.trained_on,
    }
