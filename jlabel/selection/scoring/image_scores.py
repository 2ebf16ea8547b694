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
from jlabel.errors import Cancelled, JlabelError
from jlabel.imaging import read_image
from jlabel.selection.scoring.answers import Asked, Found
from jlabel.selection.scoring.image_choice import UNLABELED, is_gone, is_labelled
from jlabel.tasks.infer import InferTask
from jlabel.tasks.request import InferRequest

if TYPE_CHECKING:
    from jlabel.tasks.pipeline import NetworkInput

MEAN, TOP = "mean", "top"
ScoreOne = Callable[[Asked, "NetworkInput"], Found]


class ImageScores:
    """The scores of many images, computed one after the other and saved each as it comes.

    Args:
        score: Scores one image.
        asked: The model that is asked.
        datastore: Where images and scores are.
        method: The name of the scoring method.
        model: The name of the model.
        reduce: Which of the two scores is the image's.
    """

    def __init__(
        self, score: ScoreOne, asked: Asked, datastore: Datastore, method: str, model: str, reduce: str
    ) -> None:
        self._score, self._asked, self._datastore = score, asked, datastore
        self._key = (method, model, 0 if asked.version is None else asked.version.number)
        self._reduce = reduce
        self._known = asked.task.classes(asked.version)
        # A model without versions has other weights once its file is another.
        self._weights = weights_stamp(asked.task) if asked.version is None else ""

    def compute(self, images: list[str]) -> dict[str, Any]:
        """Score those images that have no score yet.

        Returns:
            ``done``, ``already``, ``left_out``, ``passed_by``, ``model`` and ``version``, as
            :meth:`jlabel.selection.scoring.model_scoring.ModelScoring.__call__` says.

        Raises:
            Cancelled: Nobody wants them any more.
        """
        had = self._scored_already(set(images))
        waiting = [image_id for image_id in images if image_id not in had]
        unlabeled_only = self._asked.request.get("images", UNLABELED) == UNLABELED
        done, passed_by, left_out = 0, 0, dict[str, str]()
        begun = time.monotonic()
        for count, image_id in enumerate(waiting, start=1):
            self._asked.run.check_cancelled()
            if is_gone(self._datastore, image_id) or (unlabeled_only and is_labelled(self._datastore, image_id)):
                passed_by += 1
                continue
            problem = self._try(image_id)
            if problem is None:
                done += 1
            elif is_gone(self._datastore, image_id):
                passed_by += 1
            else:
                left_out[image_id] = problem
                self._asked.run.note(f"image {image_id!r} is left out: {problem}")
            each = (time.monotonic() - begun) / count
            self._asked.run.progress(count / len(waiting), each * (len(waiting) - count))
        told = {"model": self._key[1], "version": self._key[2]}
        return {"done": done, "already": len(had), "left_out": left_out, "passed_by": passed_by, **told}

    def _try(self, image_id: str) -> str | None:
        """Score an image and save it; why that failed, if it did."""
        try:
            start = time.monotonic()
            found = self._find(image_id)
            self._save(image_id, found, time.monotonic() - start)
        except Cancelled:
            raise
        except JlabelError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - a task of an author's may raise anything, and the next image is another
            return f"{type(error).__name__}: {error}"
        return None

    def _find(self, image_id: str) -> Found:
        from jlabel.tasks import pipeline

        asked = self._asked
        request = InferRequest(
            image=read_image(self._datastore.get_image_uri(image_id)),
            image_id=image_id,
            labels=dict(asked.request.get("labels", {})),
            device=asked.device,
            cancelled=lambda: asked.run.cancelled,
        )
        return self._score(asked, pipeline.prepare(asked.task, request, asked.version))

    def _save(self, image_id: str, found: Found, seconds: float) -> None:
        means = {MEAN: found.mean, TOP: found.top}
        value = means[self._reduce]
        if math.isnan(value):
            self._asked.run.note(f"image {image_id!r} has no score: what the model says of it is not a number")
        names = {index: name for name, index in self._known.items()}
        by_label = {names[index]: score for index, score in found.by_class.items() if index in names}
        info = {**found.info, "reduce": self._reduce}
        info |= {name: mean for name, mean in means.items() if math.isfinite(mean)}
        unknown = unknown_labels(self._asked.request.get("labels", {}), self._known)
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
