"""Which image a simulated project labels next, and the scores that the strategy goes by."""

from __future__ import annotations

import copy
import random
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from jlabel.errors import TaskError
from jlabel.manager import AppManager
from jlabel.tasks.strategy import Choice, Strategy

T = TypeVar("T")

#: The scoring method that needs no model: strategies fall back to what it computes.
_WITHOUT_MODEL = "appearance"


@dataclass(frozen=True)
class Choosing:
    """Asks the strategy, and scores images for it once for each version of the model.

    Attributes:
        manager: Of the app.
        strategy: The strategy's name in the app.
        params: Its parameters; ``seed`` among them, from which each choice gets one of its own.
        device: Where images are scored.
    """

    manager: AppManager
    strategy: str
    params: Mapping[str, Any]
    device: str
    _scored: set[tuple[str, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        known = self.manager.app.strategies
        if self.strategy not in known:
            raise TaskError(f"no strategy {self.strategy!r}; the app has {', '.join(known) or 'none'}")

    def next(self, number: int) -> Choice:
        """The image to label next, with the reason.

        Args:
            number: Of the choice: what is drawn for it follows from this and the seed, whatever was drawn before.

        Raises:
            TaskError: The strategy failed, or it gave none while images wait.
        """
        strategy = self.manager.app.strategies[self.strategy]
        if strategy.readiness(self.manager.datastore):
            self._score(strategy)
        seed = zlib.crc32(f"{self.params['seed']} {number}".encode())
        self.manager.app.strategies[self.strategy] = reseeded(strategy, seed)
        choice = self.manager.choose_next(self.strategy, **{**self.params, "seed": seed})
        if choice is None:
            raise TaskError(f"strategy {self.strategy!r} chose no image, and some are not labelled")
        return choice

    def _score(self, strategy: Strategy) -> None:
        app, store = self.manager.app, self.manager.datastore
        for name in dict.fromkeys((_WITHOUT_MODEL, getattr(strategy, "method", ""))):
            if name not in app.scoring_methods:
                continue
            model = getattr(app.scoring_methods[name], "model", "")
            task = app.infers.get(model)
            if task is not None and not task.is_valid():
                continue  # nothing has been learnt yet
            version = None if task is None else task.version_in_use()
            key = (name, 0 if version is None else version.number)
            # One that could not be scored is not tried again before each choice.
            if key not in self._scored and set(store.get_unlabeled_images()) - store.scores.scored(name, model, key[1]):
                job = self.manager.score(name, device=self.device)
                job.wait(progress=False)
            self._scored.add(key)


def reseeded(strategy: T, seed: int) -> T:
    """A copy of a strategy that draws what follows from the seed, whatever the strategy has drawn before.

    What it draws with is known by what it is: a generator of Python or numpy, an attribute ``seed``, and another
    strategy that it holds.

    Args:
        strategy: The strategy; it stays as it is.
        seed: The seed.
    """
    other = copy.copy(strategy)
    for name, value in list(getattr(other, "__dict__", {}).items()):
        if isinstance(value, random.Random):
            setattr(other, name, random.Random(seed))
        elif isinstance(value, np.random.Generator):
            setattr(other, name, np.random.default_rng(seed))
        elif name == "seed" and isinstance(value, int):
            setattr(other, name, seed)
        elif callable(getattr(value, "choose", None)):
            setattr(other, name, reseeded(value, seed))
    return other
