"""The description that every part of an app has."""

from __future__ import annotations

from typing import Any


class Described:
    """A part of an app with a description for users.

    Args:
        description: Shown where the part is chosen.
    """

    def __init__(self, description: str = "") -> None:
        self.description = description

    def info(self) -> dict[str, Any]:
        """The part as an interface shows it."""
        return {"description": self.description}
