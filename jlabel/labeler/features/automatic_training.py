"""The switch by which trainings begin by themselves; when, says :mod:`jlabel.training.schedule`."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from typing import Any

from jlabel.datastores import Datastore


class AutomaticTraining:
    """Whether trainings begin by themselves, and of what: kept with the studies, for every labeler on them.

    Args:
        datastore: Keeps it.
        trainers: The names of what can be trained here.

    Attributes:
        on: As it was seen last.
        trainer: What is trained then; the first of all before anybody has switched it on.
        turned: Somebody has switched it, on or off, and chosen the trainer thereby.
    """

    def __init__(self, datastore: Datastore, trainers: Collection[str]) -> None:
        self._datastore = datastore
        self._trainers = trainers
        self._turn = threading.Lock()
        self.on = self.turned = False
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
            self.on, self.trainer, self.turned = kept.get("on") is True, str(kept["trainer"]), True
        return before != (self.on, self.trainer)


def _counts(kept: Mapping[str, Any] | None) -> dict[str, Any]:
    tried = (kept or {}).get("tried")
    return dict(tried) if isinstance(tried, dict) else {}


_KEY = "train_automatically"
