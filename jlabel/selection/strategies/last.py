"""The last image that is not labelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jlabel.datastores import Datastore
from jlabel.tasks.strategy import Strategy


class Last(Strategy):
    """A strategy that chooses the last image without a final label, in the order of ids.

    Skipped images come after all others.

    Args:
        description: Shown to users.

    Examples:
        >>> datastore = jlabel.LocalDatastore(studies)
        >>> strategy = jlabel.Last()
        >>> strategy({}, datastore), strategy({"exclude": ["case_2"]}, datastore)
        ('case_2', 'case_1')
    """

    def __init__(self, description: str = "The last image without a label, by name") -> None:
        super().__init__(description)

    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> str | None:
        """The last image without a final label, or None when all have one."""
        return datastore.last_unlabeled(exclude=tuple(request.get("exclude", ())))
