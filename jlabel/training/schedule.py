"""When it is time to train again: early at first, then ever more rarely, as each further label teaches less."""

from __future__ import annotations

import math
from collections.abc import Iterator

FIRST = 5
_FACTOR = 1.5
_SECONDS_EACH = 36.0
_MOST_SECONDS = 1200.0


def due_at(learnt: int) -> int:
    """From how many labels on to train again, where the last training was begun with ``learnt`` of them."""
    return next(count for count in _steps() if count > learnt)


def seconds_for(labels: int) -> float:
    """How long a training that nobody asked for may take: three minutes with five labels, and at most twenty."""
    return min(_MOST_SECONDS, _SECONDS_EACH * max(labels, FIRST))


def _steps() -> Iterator[int]:
    """5, 8, 12, 18, 27, …."""
    count = FIRST
    while True:
        yield count
        count = math.ceil(count * _FACTOR)
