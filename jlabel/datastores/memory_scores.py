"""Scores and features in memory, for datastores that have no place for them: they last as long as the object."""

# ruff: noqa: D102 - the methods are documented in Scores

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from jlabel.datastores.score_values import checked, score_table, vector_bytes, vectors
from jlabel.datastores.scores import Score, Scores, ScoreSet, ScoreTable
from jlabel.errors import DatastoreError


class _Images(Protocol):
    """What is asked of the datastore."""

    def list_images(self) -> list[str]: ...

    def get_unlabeled_images(self) -> list[str]: ...

    def get_image_info(self, image_id: str) -> dict[str, Any]: ...


class MemoryScores(Scores):
    """Scores that last as long as the object.

    Args:
        images: The datastore whose images are scored.
    """

    # One for all objects, so that each can be sent to another process.
    _turn = threading.Lock()

    def __init__(self, images: _Images) -> None:
        self._images = images
        self._scores: Mapping[tuple[str, str, int], Mapping[str, Score]] = {}
        self._features: Mapping[tuple[str, str, int], Mapping[str, bytes]] = {}
        self._saves = 0

    def save(self, scores: Iterable[Score], features: Mapping[str, NDArray[Any]] | None = None) -> None:
        given = [checked(score) for score in scores]
        held = {kind: vector_bytes(vector) for kind, vector in (features or {}).items()}
        if held and not given:
            raise DatastoreError("features are saved with a score, which says of which image they are")
        there = set(self._images.list_images())
        with self._turn:
            # Made anew and put in place at once: who reads meanwhile sees all of it or none.
            kept = {key: dict(group) for key, group in self._scores.items()}
            for score in given:
                if score.image_id in there:
                    kept.setdefault((score.method, score.model, score.version), {})[score.image_id] = score
            vectors_of = {key: dict(group) for key, group in self._features.items()}
            if held and given[0].image_id in there:
                for kind, vector in held.items():
                    vectors_of.setdefault((kind, given[0].model, given[0].version), {})[given[0].image_id] = vector
            self._scores, self._features, self._saves = kept, vectors_of, self._saves + 1

    def sets(self, method: str | None = None) -> list[ScoreSet]:
        there, waiting = set(self._images.list_images()), set(self._images.get_unlabeled_images())
        found = []
        for key, group in sorted(self._scores.items()):
            counts = Counter(image_id in waiting for image_id in group if image_id in there)
            if counts and method in (None, key[0]):
                found.append(ScoreSet(*key, images=counts.total(), waiting=counts[True]))
        return found

    def scored(self, method: str, model: str = "", version: int = 0) -> set[str]:
        return set(self._there(method, model, version))

    def of_image(self, image_id: str) -> list[Score]:
        if image_id not in self._images.list_images():
            return []
        return [group[image_id] for _, group in sorted(self._scores.items()) if image_id in group]

    def highest(
        self,
        method: str,
        model: str = "",
        version: int = 0,
        *,
        count: int = 1,
        exclude: Collection[str] = (),
        skipped: bool = False,
    ) -> list[Score]:
        group = self._there(method, model, version)
        waiting = set(self._images.get_unlabeled_images()) - set(exclude)
        valued = [score for score in group.values() if score.image_id in waiting and not math.isnan(score.value)]
        ordered = sorted(valued, key=lambda score: (-score.value, score.image_id))
        if not skipped:
            ordered.sort(key=self._is_skipped)
        return ordered[: max(0, count)]

    def table(self, method: str, model: str = "", version: int = 0) -> ScoreTable:
        rows = [score for _, score in sorted(self._there(method, model, version).items())]
        ids = [score.image_id for score in rows]
        return score_table(
            ids, [score.value for score in rows], [score.by_label for score in rows], [score.info for score in rows]
        )

    def features(
        self,
        kind: str,
        model: str = "",
        version: int = 0,
        *,
        labeled: bool = False,
        only: Collection[str] | None = None,
    ) -> tuple[tuple[str, ...], NDArray[np.float32]]:
        wanted = set(self._images.list_images())
        if labeled:
            wanted -= set(self._images.get_unlabeled_images())
        if only is not None:
            wanted &= set(only)
        group = self._features.get((kind, model, version), {})
        return vectors([(image_id, vector) for image_id, vector in sorted(group.items()) if image_id in wanted])

    def stamp(self) -> Hashable:
        return self._saves

    def _is_skipped(self, score: Score) -> bool:
        return bool(self._images.get_image_info(score.image_id).get("skipped"))

    def _there(self, method: str, model: str, version: int) -> dict[str, Score]:
        there = set(self._images.list_images())
        group = self._scores.get((method, model, version), {})
        return {image_id: score for image_id, score in group.items() if image_id in there}
