"""Images that leave none far from a labelled one: k-centre greedy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from jlabel.datastores import Datastore
from jlabel.selection.distances import KCenter
from jlabel.selection.feature_kinds import covering_kind, features_ready
from jlabel.selection.picks import Pick, in_order
from jlabel.selection.pool import Pool
from jlabel.selection.spread import Spread
from jlabel.selection.strategies.pool_strategy import PoolStrategy, Sources


def coreset(pool: Pool, count: int, seed: int = 0) -> list[Pick]:
    """The images that are least like all labelled ones and those picked before (Sener and Savarese 2018).

    Args:
        pool: The images; without features they are drawn at random.
        count: How many at most.
        seed: Of the draw.
    """
    if not np.isfinite(pool.features).all(1).any() or not pool.features.shape[1]:
        drawn = in_order(pool, np.full(len(pool.ids), np.nan), count, np.random.default_rng(seed))
        return [Pick(number, "drawn at random: there are no features") for number, _ in drawn]
    spread, centers = Spread(pool.ids, pool.patients), KCenter(pool.features)
    centers.add_all(pool.labeled_features)
    picks: list[Pick] = []
    while len(picks) < count:
        may = np.flatnonzero(spread.open())
        if not may.size:
            break
        far = centers.distance
        if np.isfinite(far[may]).all():
            number = int(may[np.argmax(far[may])])
            usual = float(np.median(far))
            reason = f"least like the labelled images: {far[number]:.2f} away, the median is {usual:.2f}"
        else:
            middle = np.nan_to_num(np.square(pool.features[may]).sum(1), nan=np.inf)
            number, reason = int(may[np.argmin(middle)]), "the most average image: none is labelled yet"
        picks.append(Pick(number, reason))
        spread.take(number)
        centers.add(pool.features[number])
    return picks


class CoreSet(PoolStrategy):
    """A strategy that chooses the image that is least like all labelled ones: k-centre greedy on features.

    The features are those of the network that scored the images, where it also saw the labelled ones, else those of
    ``manager.score("appearance")``.

    Args:
        model: The infer task whose features count; "" for any.
        seed: Of what is drawn.
        description: Shown to users.

    Examples:
        >>> datastore = jlabel.LocalDatastore(studies)
        >>> answer = jlabel.Appearance()({}, datastore)
        >>> strategy = jlabel.CoreSet()
        >>> strategy.readiness(datastore)
        'features of 3 of 3'
        >>> strategy({}, datastore) in datastore.list_images()
        True
    """

    def __init__(
        self, model: str = "", seed: int = 0, description: str = "The image least like all that are labelled"
    ) -> None:
        super().__init__(seed, description)
        self.model = model

    def sources(self, datastore: Datastore) -> Sources:
        """See :class:`PoolStrategy`."""
        return None, covering_kind(datastore, self.model)

    def pick(self, pool: Pool, count: int, request: Mapping[str, Any]) -> list[Pick]:
        """See :class:`PoolStrategy`."""
        return coreset(pool, count, self.seed)

    def readiness(self, datastore: Datastore) -> str:
        """See :meth:`jlabel.Strategy.readiness`."""
        return features_ready(datastore, self.model)
