"""Strategies: which image to label next."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from jlabel.datastores import Datastore
from jlabel.tasks.described import Described


class Strategy(Described, ABC):
    """A way to choose the next image."""

    @abstractmethod
    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> str | None:
        """The id of the image to label next, or None when all are labelled.

        Args:
            request: What the caller gave by name, and ``exclude``: ids not to give, such as the image that is open.
            datastore: Where images, labels and scores are.
        """
