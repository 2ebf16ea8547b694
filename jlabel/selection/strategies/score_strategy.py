"""Strategies that choose the image with the highest score of a method."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from jlabel.datastores import Datastore, ScoreSet
from jlabel.registry import PublishedModel
from jlabel.selection.feature_kinds import scored_kind
from jlabel.selection.likeness import alike_labeled
from jlabel.selection.picks import diverse
from jlabel.selection.pool import Pool, read_pool
from jlabel.selection.score_sets import readiness, trusted_scores
from jlabel.selection.strategies.cold_start import ColdStart
from jlabel.tasks.strategy import Choice, Strategy

NO_SCORE = "it has no score yet"


class ScoreStrategy(Strategy):
    """Base class of strategies that choose the highest score of a method with the newest version of a model.

    The version is the newest whose scores cover at least half of the images that wait. Several images at once are
    those of the three times as many best ones that are least alike, and of different patients. Before 5 images are
    labelled, and before there are scores, :class:`TypiClust` chooses, or :class:`Random`, and the reason says so.

    Args:
        method: The scoring method, by its name in the app.
        model: The infer task that was scored, by its name in the app; "" for any.
        published: The model that is published for that task, to tell whether one was trained.
        seed: Of what is drawn before there are scores.
        description: Shown to users.

    Examples:
        >>> datastore = jlabel.LocalDatastore(studies)
        >>> datastore.scores.save([jlabel.Score("case_1", "contrast", 0.8)])
        >>> strategy = jlabel.ScoreStrategy("contrast", description="The highest contrast first")
        >>> strategy.readiness(datastore)
        'scored: 1 of 3'
    """

    #: What a high score means, with the label in the place of {}, and without one.
    high, high_without_label = "highest score of {}", "highest score"

    def __init__(
        self,
        method: str,
        model: str = "",
        published: PublishedModel | None = None,
        seed: int = 0,
        description: str = "The image with the highest score",
    ) -> None:
        super().__init__(description)
        self.method = method
        self.model = model
        self.published = published
        self.seed = seed
        self._cold_start = ColdStart(seed)

    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> str | None:
        """The image with the highest score, or None when all have a final label."""
        return next((choice.image_id for choice in self.choose(request, datastore)), None)

    def choose(self, request: Mapping[str, Any], datastore: Datastore, count: int = 1) -> list[Choice]:
        """See :meth:`jlabel.Strategy.choose`."""
        scores, why_not = trusted_scores(datastore, self.method, self.model)
        if scores is None:
            return self._cold_start.choose(request, datastore, count, why_not)
        exclude = tuple(request.get("exclude", ()))
        if count != 1:
            return self._batch(datastore, scores, exclude, count)
        named = (scores.method, scores.model, scores.version)
        best = next(iter(datastore.scores.highest(*named, exclude=exclude)), None)
        if best is not None and datastore.is_waiting(best.image_id):
            more = alike_labeled(datastore, scores, best.image_id)
            return [self._choice(scores, best.image_id, best.value, best.by_label, more)]
        other = datastore.first_unlabeled(exclude)
        if other is not None and (best is None or datastore.is_waiting(other)):
            return [Choice(other, NO_SCORE)]
        return [] if best is None else [self._choice(scores, best.image_id, best.value, best.by_label)]

    def readiness(self, datastore: Datastore) -> str:
        """See :meth:`jlabel.Strategy.readiness`."""
        return readiness(datastore, self.method, self.model, self.published)

    def reason(self, value: float, by_label: Mapping[str, float]) -> str:
        """Why an image with those scores is chosen, in words."""
        known = {name: score for name, score in by_label.items() if not math.isnan(score)}
        if not known:
            return f"{self.high_without_label}, {value:.2g}"
        name = max(known, key=known.__getitem__)
        return f"{self.high.format(name)}, {known[name]:.2g}"

    def _choice(
        self, scores: ScoreSet, image_id: str, value: float, by_label: Mapping[str, float], more: str = ""
    ) -> Choice:
        return Choice(image_id, self.reason(value, by_label) + more, value, scores.method, scores.version)

    def _batch(self, datastore: Datastore, scores: ScoreSet, exclude: Collection[str], count: int) -> list[Choice]:
        pool = read_pool(datastore, exclude, scores, scored_kind(datastore, scores))
        choices = []
        for number, known in highest(pool, count, self.seed):
            by_label = dict(zip(pool.labels, pool.by_label[number].tolist(), strict=True))
            scored = self._choice(scores, pool.ids[number], float(pool.values[number]), by_label)
            choices.append(scored if known else Choice(pool.ids[number], NO_SCORE))
        return choices


def highest(pool: Pool, count: int, seed: int = 0) -> list[tuple[int, bool]]:
    """The images for one batch: of those with the highest scores the ones that are least alike.

    Args:
        pool: The images.
        count: How many at most.
        seed: Of what is drawn among those without a score, which come last.

    Returns:
        The number of each, and whether it has a score.
    """
    return diverse(pool, pool.values, count, np.random.default_rng(seed))
