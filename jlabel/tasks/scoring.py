"""Scoring methods: what makes one image more worth labelling than another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from jlabel.datastores import Datastore
from jlabel.tasks.described import Described


class ScoringMethod(Described, ABC):
    """A way to score images; scores are written with ``datastore.update_image_info`` and read by strategies."""

    @abstractmethod
    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> dict[str, Any]:
        """Score the images and write the scores; returns what an interface may show of it."""
