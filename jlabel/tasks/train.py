"""Train tasks: how a model learns from the labels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from jlabel.datastores import Datastore
from jlabel.tasks.described import Described


class TrainTask(Described, ABC):
    """A way to train a model on the datastore's labels."""

    @abstractmethod
    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> dict[str, Any]:
        """Train; returns metrics by name."""
