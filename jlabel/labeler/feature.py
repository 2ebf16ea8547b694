"""A feature of the labeler: the messages that it takes from the pages, and what it adds to their state."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jlabel.labeler.actions import Action
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol.message import Incoming
from jlabel.labeler.protocol.state import State

Handler = Callable[[Any, Sequence[Any]], None]
"""Takes a message and its buffers. Called on the thread for widgets, without the lock; it returns at once."""

Handlers = Mapping[type[Incoming], Handler]
"""Who takes which message."""


class Feature:
    """What a labeler is put together from. A new feature is a class of its own, added in ``labeler/assembly.py``.

    Args:
        context: What it may use of the labeler; ``context.lock`` guards it too.
    """

    def __init__(self, context: LabelerContext) -> None:
        self.context = context

    def message_handlers(self) -> Handlers:
        """Its messages from the pages, by their class."""
        return {}

    def state(self) -> State:
        """What it adds to the state; small, quick, reads no file. Called with the lock held."""
        return {}

    def publish_state(self) -> None:
        """Tell the pages what has changed in :meth:`state`."""
        with self.context.lock:
            self.context.publish_state(self.state())

    def on_image_opened(self, opened: OpenImage) -> None:
        """Another image is open; called with the lock held, before the pages are told."""

    def on_action(self, action: Action) -> None:
        """The person has done something, or a model for them; called with the lock held, and quick."""

    def label_info(self) -> dict[str, Any]:
        """What it adds to the info that is being saved with the label; called with the lock held, and quick."""
        return {}

    def on_saved(self) -> None:
        """The draft was saved; called with the lock held, and quick."""

    def on_draft_changed(self) -> None:
        """The draft was changed, by whatever means; called with the lock held, and quick."""

    def on_labels_changed(self) -> None:
        """The label set is another; called with the lock held, and quick."""

    def on_models_changed(self) -> None:
        """A model can be run that could not, or takes another version; called with the lock held."""

    def on_studies_changed(self) -> None:
        """Images or labels have come or gone, by whatever means; called without the lock, and may take a moment."""

    def on_page_connected(self, page: str) -> None:
        """A page said hello and has the image by now; called with the lock held."""

    def close(self) -> None:
        """The labeler ends."""
