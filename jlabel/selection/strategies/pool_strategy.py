"""What strategies have in common that go by all images that wait."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Collection, Mapping
from typing import Any

from jlabel.datastores import Datastore, ScoreSet
from jlabel.selection.choice_plan import ChoicePlan
from jlabel.selection.feature_kinds import FeatureKind
from jlabel.selection.picks import Pick
from jlabel.selection.pool import Pool, read_pool
from jlabel.tasks.strategy import Choice, Strategy

#: So many choices are worked out at once.
MOST_PLANNED = 100

Sources = tuple[ScoreSet | None, FeatureKind | None]


class PoolStrategy(Strategy):
    """Base class of strategies that look at all images that wait: the next choices are worked out at once and kept.

    They are the same for the same images, scores, labels and seed.

    Args:
        seed: Of what is drawn.
        description: Shown to users.
    """

    def __init__(self, seed: int, description: str) -> None:
        super().__init__(description)
        self.seed = seed
        self._plan = ChoicePlan()

    @abstractmethod
    def sources(self, datastore: Datastore) -> Sources:
        """The scores and features to go by."""

    @abstractmethod
    def pick(self, pool: Pool, count: int, request: Mapping[str, Any]) -> list[Pick]:
        """The next images of a pool.

        Args:
            pool: The pool; it has images.
            count: How many at most.
            request: What the caller gave by name; with a true ``batch`` they are to be labelled together, else one
                after the other.
        """

    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> str | None:
        """The next image, or None when all have a final label."""
        return next((choice.image_id for choice in self.choose(request, datastore)), None)

    def choose(self, request: Mapping[str, Any], datastore: Datastore, count: int = 1) -> list[Choice]:
        """See :meth:`jlabel.Strategy.choose`."""
        exclude = tuple(request.get("exclude", ()))
        if count > 1:
            return self._choices(datastore, exclude, count, {**request, "batch": True})

        def make(more: int) -> list[Choice]:
            return self._choices(datastore, (), None, request, more)

        # A newer version's scores are others; more of the same are not.
        scores, kind = self.sources(datastore)
        by = None if scores is None else (scores.method, scores.model, scores.version)
        said = repr(sorted((key, value) for key, value in request.items() if key != "exclude"))
        found = self._plan.next(datastore, exclude, make, (said, by, kind)) if count == 1 else None
        return [] if found is None else [found]

    def plan_length(self, images: int) -> int:
        """How many choices are worked out at once, where so many images wait and one is asked for."""
        return MOST_PLANNED

    def _choices(
        self,
        datastore: Datastore,
        exclude: Collection[str],
        count: int | None,
        request: Mapping[str, Any],
        more: int = 0,
    ) -> list[Choice]:
        scores, kind = self.sources(datastore)
        pool = read_pool(datastore, exclude, scores, kind)
        most = self.plan_length(len(pool.ids)) + more if count is None else count
        picks = self.pick(pool, most, request) if pool.ids else []
        return [_choice(pool, pick, scores) for pick in picks]


def _choice(pool: Pool, pick: Pick, scores: ScoreSet | None) -> Choice:
    value = float(pool.values[pick.number])
    if scores is None or math.isnan(value):
        return Choice(pool.ids[pick.number], pick.reason)
    return Choice(pool.ids[pick.number], pick.reason, value, scores.method, scores.version)
