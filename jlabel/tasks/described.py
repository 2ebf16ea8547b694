"""What every part of an app has that a person chooses by name: a description."""

from __future__ import annotations

from typing import Any


class Described:
    """Something with a description for people.

    Args:
        description: Shown where the part is chosen.
    """

    def __init__(self, description: str = "") -> None:
        self.description = description

    def info(self) -> dict[str, Any]:
        """What an interface shows of it."""
        return {"description": self.description}
