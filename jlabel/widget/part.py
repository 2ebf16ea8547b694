"""A part of the labeler's work: the messages that it takes from the browser, and what it adds to the state."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jlabel.widget.desk import Desk
    from jlabel.widget.opened import OpenedImage

Handler = Callable[[dict[str, Any], Sequence[Any]], None]
"""Takes a message and its buffers. Called on the thread for widgets, without the lock; it returns at once."""


class Part:
    """What a labeler is put together from. A new feature is a part of its own, listed in :class:`Desk`.

    Args:
        desk: The work that it is a part of; ``desk.lock`` guards it too.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def asks(self) -> Mapping[str, Handler]:
        """Its messages from the browser, by type."""
        return {}

    def state(self) -> dict[str, Any]:
        """What it adds to the state that all pages are sent; small, quick, called with the lock held."""
        return {}

    def opened(self, opened: OpenedImage) -> None:
        """Another image is on the desk; called with the lock held, before the pages are told."""

    def saved(self) -> None:
        """The draft was saved; called with the lock held, and quick."""

    def changed(self) -> None:
        """The draft was changed, by whatever means; called with the lock held, and quick."""

    def greet(self, page: str) -> None:
        """A page said hello and has the image by now; called with the lock held."""

    def close(self) -> None:
        """The labeler ends."""
