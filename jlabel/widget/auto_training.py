"""When it is time to train again: early at first, then ever more rarely, as each further label teaches less."""

from __future__ import annotations

import math
import threading
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from jlabel.datastores import Datastore

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


class Switch:
    """Whether trainings begin by themselves, and of what: kept with the studies, for every labeler on them.

    Args:
        datastore: Keeps it.
        trainers: The names of what can be trained here.

    Attributes:
        on: As it was seen last.
        trainer: What is trained then; the first of all before anybody has switched it on.
    """

    def __init__(self, datastore: Datastore, trainers: Collection[str]) -> None:
        self._datastore = datastore
        self._trainers = trainers
        self._turn = threading.Lock()
        self.on = False
        self.trainer = next(iter(trainers), "")
        self.look()

    def look(self) -> bool:
        """Look at what is kept now; returns whether it is another than before.

        Raises:
            DatastoreError: It cannot be read.
        """
        with self._turn:
            return self._take(self._datastore.setting(_KEY))

    def turn(self, on: bool, trainer: str) -> None:
        """Switch it for everybody.

        Raises:
            DatastoreError: It cannot be kept; nothing has changed then.
        """
        with self._turn:
            kept = self._datastore.change_setting(_KEY, lambda now: {**(now or {}), "on": on, "trainer": trainer})
            self._take(kept)

    def tried(self, trainer: str) -> int:
        """With how many labels a training was begun last, in whatever kernel and whatever came of it; 0 for none."""
        count = _counts(self._datastore.setting(_KEY)).get(trainer)
        return count if isinstance(count, int) else 0

    def note_try(self, trainer: str, labels: int) -> None:
        """Keep that a training is begun with so many labels.

        Raises:
            DatastoreError: It cannot be kept.
        """
        self._datastore.change_setting(_KEY, lambda now: {**(now or {}), "tried": {**_counts(now), trainer: labels}})

    def _take(self, kept: Mapping[str, Any] | None) -> bool:
        before = (self.on, self.trainer)
        if kept is not None and kept.get("trainer") in self._trainers:
            self.on, self.trainer = kept.get("on") is True, str(kept["trainer"])
        return before != (self.on, self.trainer)


def _counts(kept: Mapping[str, Any] | None) -> dict[str, Any]:
    tried = (kept or {}).get("tried")
    return dict(tried) if isinstance(tried, dict) else {}


_KEY = "train_automatically"
