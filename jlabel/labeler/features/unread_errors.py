"""What went wrong and was not dealt with yet: a page that comes later hears of it too."""

from __future__ import annotations

from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import page_messages
from jlabel.labeler.protocol.page_messages import Error
from jlabel.labeler.protocol.state import State

_MOST = 5


class UnreadErrors(Feature):
    """The newest errors, until the person has read them on some page or goes on to another image."""

    def __init__(self, context: LabelerContext) -> None:
        super().__init__(context)
        self._unread: list[str] = []

    def message_handlers(self) -> Handlers:
        """Errors that the person has read."""
        return {page_messages.ErrorsRead: lambda ask, _: self._forget(ask.errors)}

    def state(self) -> State:
        """``errors``: what was not read yet, the newest last."""
        return {"errors": list(self._unread)}

    def on_image_opened(self, opened: OpenImage) -> None:
        """What went wrong before is about another image."""
        self._unread = []

    def report(self, text: str) -> None:
        """Show an error on all pages, and on those that come before it was read."""
        with self.context.lock:
            self._unread = [*(one for one in self._unread if one != text), text][-_MOST:]
            self.publish_state()
            self.context.publish(Error(text=text))

    def _forget(self, texts: list[str]) -> None:
        with self.context.lock:
            # One that came since is not read yet.
            self._unread = [one for one in self._unread if one not in texts]
            self.publish_state()
