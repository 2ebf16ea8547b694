"""Any image that is not labelled."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from jlabel.datastores import Datastore
from jlabel.tasks.strategy import Strategy


class Random(Strategy):
    """Each image without a final label with the same chance; skipped ones last.

    Args:
        seed: For a repeatable order.
        description: For people.
    """

    def __init__(self, seed: int | None = None, description: str = "Any image without a label") -> None:
        super().__init__(description)
        self._rng = random.Random(seed)

    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> str | None:
        """An image without a final label, or None when all have one."""
        return datastore.random_unlabeled(self._rng, exclude=tuple(request.get("exclude", ())))
