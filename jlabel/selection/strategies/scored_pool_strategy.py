"""What strategies have in common that go by the scores of all images that wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jlabel.datastores import Datastore
from jlabel.registry import PublishedModel
from jlabel.selection.feature_kinds import scored_kind
from jlabel.selection.score_sets import readiness, trusted_scores
from jlabel.selection.strategies.cold_start import ColdStart
from jlabel.selection.strategies.pool_strategy import PoolStrategy, Sources
from jlabel.tasks.strategy import Choice


class ScoredPoolStrategy(PoolStrategy):
    """Base class of strategies that look at the scores of all images that wait.

    Before 5 images are labelled, and before there are scores, :class:`TypiClust` chooses, or :class:`Random`, and the
    reason says so.

    Args:
        method: The scoring method, by its name in the app.
        model: The infer task that was scored, by its name in the app; "" for any.
        published: The model that is published for that task, to tell whether one was trained.
        seed: Of what is drawn.
        description: Shown to users.
    """

    def __init__(self, method: str, model: str, published: PublishedModel | None, seed: int, description: str) -> None:
        super().__init__(seed, description)
        self.method = method
        self.model = model
        self.published = published
        self._cold_start = ColdStart(seed)

    def sources(self, datastore: Datastore) -> Sources:
        """See :class:`PoolStrategy`."""
        scores, _ = trusted_scores(datastore, self.method, self.model)
        return scores, None if scores is None else scored_kind(datastore, scores)

    def choose(self, request: Mapping[str, Any], datastore: Datastore, count: int = 1) -> list[Choice]:
        """See :meth:`jlabel.Strategy.choose`."""
        scores, why_not = trusted_scores(datastore, self.method, self.model)
        if scores is None:
            return self._cold_start.choose(request, datastore, count, why_not)
        return super().choose(request, datastore, count)

    def readiness(self, datastore: Datastore) -> str:
        """See :meth:`jlabel.Strategy.readiness`."""
        return readiness(datastore, self.method, self.model, self.published)
