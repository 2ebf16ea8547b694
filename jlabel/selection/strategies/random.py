"""Any image that is not labelled."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import numpy as np

from jlabel.datastores import Datastore
from jlabel.selection.pool import read_pool
from jlabel.selection.spread import Spread
from jlabel.tasks.strategy import Choice, Strategy


class Random(Strategy):
    """A strategy that chooses an image without a final label at random.

    Every image has the same chance. Skipped images come last. Several at once are of different patients, as far as
    these are known.

    Args:
        seed: For a repeatable order.
        description: Shown to users.

    Examples:
        >>> datastore = jlabel.LocalDatastore(studies)
        >>> first, second = jlabel.Random(seed=1), jlabel.Random(seed=1)
        >>> first({}, datastore) == second({}, datastore)
        True
        >>> first({}, datastore) in datastore.list_images()
        True
    """

    by_chance = True

    def __init__(self, seed: int | None = None, description: str = "Any image without a label") -> None:
        super().__init__(description)
        self._rng = random.Random(seed)

    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> str | None:
        """An image without a final label, or None when all have one."""
        prefer = request.get("prefer")
        if prefer is not None and prefer not in request.get("exclude", ()) and datastore.is_waiting(prefer):
            return str(prefer)
        return datastore.random_unlabeled(self._rng, exclude=tuple(request.get("exclude", ())))

    def choose(self, request: Mapping[str, Any], datastore: Datastore, count: int = 1) -> list[Choice]:
        """See :meth:`jlabel.Strategy.choose`."""
        if count <= 1:
            return super().choose(request, datastore, count)
        pool = read_pool(datastore, request.get("exclude", ()))
        spread, choices = Spread(pool.ids, pool.patients), list[Choice]()
        while len(choices) < count:
            may = np.flatnonzero(spread.open())
            if not may.size:
                break
            number = int(may[self._rng.randrange(may.size)])
            choices.append(Choice(pool.ids[number]))
            spread.take(number)
        return choices
