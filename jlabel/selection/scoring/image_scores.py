"""Scoring many images: what is there is kept, what fails is named, what is found is saved at once."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jlabel.datastores import Datastore
from jlabel.datastores.scores import Score
from jlabel.datastores.spelling import canonical
from jlabel.errors import Cancelled, JlabelError, UnreachableError
from jlabel.imaging import read_image
from jlabel.parts import map_parts
from jlabel.registry import ModelVersion
from jlabel.selection.scoring.answers import Asked, Found
from jlabel.selection.scoring.image_choice import UNLABELED, is_gone, is_labelled
from jlabel.tasks.followed_datastore import FollowedDatastore
from jlabel.tasks.infer import InferTask
from jlabel.tasks.request import InferRequest
from jlabel.tasks.scoring import ScoringRun

if TYPE_CHECKING:
    from jlabel.tasks.pipeline import NetworkInput

MEAN, TOP = "mean", "top"
ScoreOne = Callable[[Asked, "NetworkInput"], Found]
Ask = Callable[[Mapping[str, Any], ScoringRun, ModelVersion | None], Asked]

_DONE, _PASSED_BY, _LEFT_OUT = "done", "passed by", "left out"


class ImageScores:
    """The scores of many images, computed one by one and saved each as it comes.

    It is the part that is done with one image, too (:data:`jlabel.parts.Part`): another process that gets it loads the
    model once, at its first image.

    Args:
        score: Scores one image.
        ask: Loads the model; called with the request, the run and the version.
        version: The version that is asked; None for a task without a published one.
        request: What the caller gave by name.
        task: The infer task.
        datastore: Where images and scores are.
        method: The name of the scoring method.
        model: The name of the model.
        reduce: Which of the two scores is the image's.
    """

    def __init__(
        self,
        score: ScoreOne,
        ask: Ask,
        version: ModelVersion | None,
        request: Mapping[str, Any],
        task: InferTask,
        datastore: Datastore,
        method: str,
        model: str,
        reduce: str,
    ) -> None:
        self._score, self._ask, self._version, self._datastore = score, ask, version, datastore
        self._request = {name: value for name, value in request.items() if name != "run"}
        self._key = (method, model, 0 if version is None else version.number)
        self._reduce = reduce
        self._known = task.classes(version)
        # A model without versions has other weights once its file is another.
        self._weights = weights_stamp(task) if version is None else ""
        self._unlabeled_only = request.get("images", UNLABELED) == UNLABELED
        self._asked: Asked | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_asked": None}

    def compute(self, images: list[str], run: ScoringRun) -> dict[str, Any]:
        """Score those images that have no score yet.

        Args:
            images: The images.
            run: Is told how far it is.

        Returns:
            ``done``, ``already``, ``left_out``, ``passed_by``, ``model`` and ``version``, as
            :meth:`jlabel.selection.scoring.model_scoring.ModelScoring.__call__` says.

        Raises:
            Cancelled: Nobody wants them any more.
        """
        had = self._scored_already(set(images))
        waiting = [image_id for image_id in images if image_id not in had]
        done, passed_by, left_out = 0, 0, dict[str, str]()
        begun = time.monotonic()
        for count, result in enumerate(map_parts(run, self, waiting), start=1):
            state, problem = (_LEFT_OUT, result.error) if result.error else result.value
            if state == _DONE:
                done += 1
                if isinstance(self._datastore, FollowedDatastore):
                    self._datastore.done_with(result.item)
            elif state == _PASSED_BY:
                passed_by += 1
            else:
                left_out[result.item] = problem
                run.note(f"image {result.item!r} is left out: {problem}")
            each = (time.monotonic() - begun) / count
            run.progress(count / len(waiting), each * (len(waiting) - count))
        told = {"model": self._key[1], "version": self._key[2]}
        return {"done": done, "already": len(had), "left_out": left_out, "passed_by": passed_by, **told}

    def __call__(self, image_id: str, run: ScoringRun) -> tuple[str, str]:
        """Score one image and save it; returns how that ended, and why it failed if it did."""
        if is_gone(self._datastore, image_id) or (self._unlabeled_only and is_labelled(self._datastore, image_id)):
            return _PASSED_BY, ""
        if self._is_scored(image_id):
            return _DONE, ""
        problem = self._try(image_id, run)
        if problem is None:
            return _DONE, ""
        return (_PASSED_BY, "") if is_gone(self._datastore, image_id) else (_LEFT_OUT, problem)

    def _is_scored(self, image_id: str) -> bool:
        """Whether it was scored since the job began: by a process that was killed before it said so."""
        return any(
            (score.method, score.model, score.version) == self._key and score.info.get("weights", "") == self._weights
            for score in self._datastore.scores.of_image(image_id)
        )

    def _try(self, image_id: str, run: ScoringRun) -> str | None:
        """Score an image and save it; why that failed, if it did."""
        if self._asked is None:
            self._asked = self._ask(self._request, run, self._version)
        asked = replace(self._asked, run=run)
        try:
            start = time.monotonic()
            found = self._find(image_id, asked)
            self._save(image_id, found, time.monotonic() - start, run)
        except (Cancelled, UnreachableError):
            raise
        except JlabelError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - a task of an author's may raise anything, and the next image is another
            return f"{type(error).__name__}: {error}"
        return None

    def _find(self, image_id: str, asked: Asked) -> Found:
        from jlabel.tasks import pipeline

        request = InferRequest(
            image=read_image(self._datastore.get_image_uri(image_id)),
            image_id=image_id,
            labels=dict(asked.request.get("labels", {})),
            device=asked.device,
            cancelled=lambda: asked.run.cancelled,
        )
        return self._score(asked, pipeline.prepare(asked.task, request, asked.version))

    def _save(self, image_id: str, found: Found, seconds: float, run: ScoringRun) -> None:
        means = {MEAN: found.mean, TOP: found.top}
        value = means[self._reduce]
        if math.isnan(value):
            run.note(f"image {image_id!r} has no score: what the model says of it is not a number")
        names = {index: name for name, index in self._known.items()}
        by_label = {names[index]: score for index, score in found.by_class.items() if index in names}
        info = {**found.info, "reduce": self._reduce}
        info |= {name: mean for name, mean in means.items() if math.isfinite(mean)}
        unknown = unknown_labels(self._request.get("labels", {}), self._known)
        info |= {"unknown": unknown} if unknown else {}
        info |= {"weights": self._weights} if self._weights else {}
        method, model, version = self._key
        score = Score(image_id, method, value, model, version, by_label, seconds, info=info)
        features = {} if found.features is None else {"network": found.features}
        self._datastore.scores.save([score], features)

    def _scored_already(self, images: set[str]) -> set[str]:
        """The images that have their score; where it is there but by the other reduction, that is put in its place."""
        table = self._datastore.scores.table(*self._key)
        same = dict(zip(table.ids, table.info, strict=True))
        known = {each for each, info in same.items() if each in images and info.get("weights", "") == self._weights}
        for image_id in known:
            if same[image_id].get("reduce", MEAN) != self._reduce:
                self._change_reduction(image_id)
        return known

    def _change_reduction(self, image_id: str) -> None:
        for score in self._datastore.scores.of_image(image_id):
            if (score.method, score.model, score.version) == self._key:
                value = score.info.get(self._reduce)
                number = float(value) if isinstance(value, int | float) else float("nan")
                info = {**score.info, "reduce": self._reduce}
                self._datastore.scores.save([replace(score, value=number, info=info)])


def unknown_labels(labels: Mapping[str, int], known: Mapping[str, int]) -> list[str]:
    """The app's labels that a version has not learnt."""
    names = set(map(canonical, known))
    return [name for name in labels if canonical(name) not in names]


def weights_stamp(task: InferTask) -> str:
    """What tells a file of weights from the one that is put in its place; "" where there is none."""
    file = next((path for path in reversed(task.paths) if path.is_file()), None)
    if file is None:
        return ""
    state = file.stat()
    return f"{file.name} {state.st_size} {state.st_mtime_ns}"
