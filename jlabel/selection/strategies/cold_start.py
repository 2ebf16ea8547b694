"""What chooses before a model can: typical images where it is known what they look like, else any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jlabel.datastores import Datastore
from jlabel.selection.feature_kinds import appearance_kind
from jlabel.selection.strategies.random import Random
from jlabel.selection.strategies.typiclust import TypiClust
from jlabel.tasks.strategy import Choice


class ColdStart:
    """Chooses in the place of a strategy that goes by a model, and says why.

    Args:
        seed: Of what is drawn.
    """

    def __init__(self, seed: int) -> None:
        self._typical, self._any = TypiClust(seed), Random(seed)

    def choose(self, request: Mapping[str, Any], datastore: Datastore, count: int, why: str) -> list[Choice]:
        """As :meth:`jlabel.Strategy.choose`; ``why`` begins the reason of each choice."""
        if appearance_kind(datastore) is None:
            drawn = self._any.choose(request, datastore, count)
            return [replace(choice, reason=f"{why}: drawn at random") for choice in drawn]
        found = self._typical.choose(request, datastore, count)
        return [replace(choice, reason=f"{why}: {choice.reason}") for choice in found]
