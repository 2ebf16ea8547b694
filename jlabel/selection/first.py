"""The first image that is not labelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jlabel.datastores import Datastore
from jlabel.tasks.strategy import Strategy


class First(Strategy):
    """Images in the order of their ids; skipped ones last."""

    def __init__(self, description: str = "The first image without a label, by name") -> None:
        super().__init__(description)

    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> str | None:
        """The first image without a final label, or None when all have one."""
        return datastore.first_unlabeled(exclude=tuple(request.get("exclude", ())))
