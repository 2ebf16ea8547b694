"""High scores with chance: power noise for any strategy that goes by scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from jlabel.selection.picks import Pick, diverse, in_order, noisy
from jlabel.selection.pool import Pool
from jlabel.selection.strategies.score_strategy import NO_SCORE, ScoreStrategy
from jlabel.selection.strategies.scored_pool_strategy import ScoredPoolStrategy


def power(pool: Pool, count: int, seed: int = 0, beta: float = 1.0, *, batch: bool = False) -> list[tuple[int, bool]]:
    """Images drawn in proportion to ``score ** beta``, one after the other (Kirsch et al. 2023).

    Args:
        pool: The images; those without a score come last, drawn at random.
        count: How many at most.
        seed: Of the noise.
        beta: 0 draws any, a large one the highest scores.
        batch: Whether they are labelled together: they are then those of the three times as many best that are least
            alike.

    Returns:
        The number of each, and whether it has a score.
    """
    rng = np.random.default_rng([seed, pool.labeled])
    choose = diverse if batch else in_order
    return choose(pool, noisy(pool.values, beta, rng), count, rng)


class PowerNoise(ScoredPoolStrategy):
    """A strategy that goes by the scores of another one, with chance.

    A score of twice the height is drawn ``2 ** beta`` times as often.

    A model that is sure of the same things again and again is not followed blindly so.

    Args:
        strategy: The strategy whose scores count.
        beta: 0 draws any image, a large one that with the highest score.
        seed: Of the noise.
        description: Shown to users.

    Examples:
        >>> strategy = jlabel.PowerNoise(jlabel.Entropy(model="segmentation"), beta=2)
        >>> strategy.method, strategy.model, strategy.beta
        ('entropy', 'segmentation', 2)
    """

    def __init__(self, strategy: ScoreStrategy, beta: float = 1.0, seed: int = 0, description: str = "") -> None:
        what = description or f"{strategy.description}, with chance"
        super().__init__(strategy.method, strategy.model, strategy.published, seed, what)
        self.strategy = strategy
        self.beta = beta

    def pick(self, pool: Pool, count: int, request: Mapping[str, Any]) -> list[Pick]:
        """See :class:`PoolStrategy`."""
        picks = []
        for number, known in power(pool, count, self.seed, self.beta, batch=bool(request.get("batch"))):
            by_label = dict(zip(pool.labels, pool.by_label[number].tolist(), strict=True))
            reason = f"{self.strategy.reason(float(pool.values[number]), by_label)}; drawn in proportion to it"
            picks.append(Pick(number, reason if known else NO_SCORE))
        return picks
