"""Any image, those with much foreground more often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.datastores import Datastore
from jlabel.selection.feature_kinds import APPEARANCE
from jlabel.selection.picks import Pick, in_order, noisy
from jlabel.selection.pool import Pool
from jlabel.selection.score_sets import newest_scores, readiness, trusted_scores
from jlabel.selection.strategies.pool_strategy import PoolStrategy, Sources
from jlabel.tasks.strategy import Choice


def foreground_random(pool: Pool, shares: NDArray[np.float64], count: int, seed: int = 0) -> list[tuple[int, bool]]:
    """Images drawn in proportion to their share of foreground, one after the other.

    Args:
        pool: The images.
        shares: Of shape ``(image,)``, 0 to 1; NaN where it is not known: such images come last.
        count: How many at most.
        seed: Of the draw.

    Returns:
        The number of each, and whether its share is known.
    """
    rng = np.random.default_rng([seed, pool.labeled])
    return in_order(pool, noisy(shares, 1.0, rng), count, rng)


class ForegroundRandom(PoolStrategy):
    """A strategy that draws images in proportion to how much of them is foreground.

    It is the foreground that a model predicts, as the scoring method ``"entropy"`` found it; before that, the share of
    bright voxels that ``"appearance"`` found. Without either, every image has the same chance.

    Args:
        model: The infer task that was scored, by its name in the app; "" for any.
        seed: Of the draw.
        description: Shown to users.

    Examples:
        >>> datastore = jlabel.LocalDatastore(studies)
        >>> strategy = jlabel.ForegroundRandom(seed=1)
        >>> strategy.readiness(datastore)
        "needs scores: manager.score('appearance')"
        >>> strategy({}, datastore) in datastore.list_images()
        True
    """

    def __init__(
        self, model: str = "", seed: int = 0, description: str = "Any image, those with much foreground more often"
    ) -> None:
        super().__init__(seed, description)
        self.model = model

    def sources(self, datastore: Datastore) -> Sources:
        """See :class:`PoolStrategy`."""
        predicted, _ = trusted_scores(datastore, "entropy", self.model)
        return predicted or newest_scores(datastore, APPEARANCE), None

    def pick(self, pool: Pool, count: int, request: Mapping[str, Any]) -> list[Pick]:
        """See :class:`PoolStrategy`."""
        # Of "appearance" the score itself is the share.
        predicted = bool(np.isfinite(pool.foreground).any())
        shares = pool.foreground if predicted else pool.values
        what = "predicted foreground" if predicted else "bright foreground"
        return [
            Pick(number, f"drawn in proportion to its {what}, {shares[number]:.2g}" if known else "drawn at random")
            for number, known in foreground_random(pool, shares, count, self.seed)
        ]

    def choose(self, request: Mapping[str, Any], datastore: Datastore, count: int = 1) -> list[Choice]:
        """See :meth:`jlabel.Strategy.choose`."""
        # What is drawn is no score: nothing is shown as one.
        return [Choice(choice.image_id, choice.reason) for choice in super().choose(request, datastore, count)]

    def readiness(self, datastore: Datastore) -> str:
        """See :meth:`jlabel.Strategy.readiness`."""
        if newest_scores(datastore, "entropy", self.model) is not None:
            return readiness(datastore, "entropy", self.model)
        return readiness(datastore, APPEARANCE)
