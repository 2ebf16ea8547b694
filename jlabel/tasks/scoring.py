"""Scoring methods: what makes one image more worth labelling than another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from jlabel.datastores import Datastore


class ScoringMethod(ABC):
    """A way to score images; scores are written with ``datastore.update_image_info`` and read by strategies."""

    def __init__(self, description: str = "") -> None:
        self.description = description

    @abstractmethod
    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> dict[str, Any]:
        """Score the images and write the scores; returns what an interface may show of it."""

    def info(self) -> dict[str, Any]:
        """What an interface shows of the method."""
        return {"description": self.description}
