"""The first image that is not labelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jlabel.datastores import Datastore
from jlabel.tasks.strategy import Strategy


class First(Strategy):
    """A strategy that chooses the first image without a final label, in the order of ids.

    Skipped images come last.

    Args:
        description: Shown to users.

    Examples:
        >>> datastore = jlabel.LocalDatastore(studies)
        >>> strategy = jlabel.First()
        >>> strategy({}, datastore), strategy({"exclude": ["case_0"]}, datastore)
        ('case_0', 'case_1')
    """

    def __init__(self, description: str = "The first image without a label, by name") -> None:
        super().__init__(description)

    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> str | None:
        """The first image without a final label, or None when all have one."""
        return datastore.first_unlabeled(exclude=tuple(request.get("exclude", ())))
