"""Train tasks: how a model learns from the labels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from jlabel.datastores import Datastore


class TrainTask(ABC):
    """A way to train a model on the datastore's labels."""

    def __init__(self, description: str = "") -> None:
        self.description = description

    @abstractmethod
    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> dict[str, Any]:
        """Train; returns metrics by name."""

    def info(self) -> dict[str, Any]:
        """What an interface shows of the task."""
        return {"description": self.description}
