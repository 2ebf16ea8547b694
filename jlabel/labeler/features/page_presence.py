"""Whether any page shows the labeler: where none does and its cell ran again, it ends."""

from __future__ import annotations

import time
from collections.abc import Callable

from jlabel.labeler.background.ticker import TICKER
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.protocol import page_messages
from jlabel.labeler.protocol.page_messages import WhoShows

# A page that has not answered for so long is gone.
_PATIENCE = 20.0


class PagePresence(Feature):
    """Pages say how many views they have of the labeler, and are asked where it matters."""

    def __init__(self, context: LabelerContext) -> None:
        super().__init__(context)
        self._end_watch: Callable[[], None] | None = None
        self._unshown: Callable[[], None] | None = None
        self._deadline = 0.0
        self._silent: set[str] = set()

    def message_handlers(self) -> Handlers:
        """How many views a page has."""
        return {page_messages.Shown: self._on_shown}

    def close(self) -> None:
        """Nobody wants to know any more."""
        with self.context.lock:
            self._unshown = None
            if self._end_watch is not None:
                self._end_watch()
                self._end_watch = None

    def when_unshown(self, act: Callable[[], None]) -> None:
        """Do something as soon as no page shows the labeler; at once where none does.

        Args:
            act: Called once, without the lock.
        """
        with self.context.lock:
            self._unshown = act
            self._silent = set(self.context.pages.connected)
            self._deadline = time.monotonic() + _PATIENCE
            self.context.publish(WhoShows())
            if self._end_watch is None:
                self._end_watch = TICKER.add(self._watch)
        self._look()

    def _on_shown(self, ask: page_messages.Shown, _: object) -> None:
        with self.context.lock:
            self.context.pages.shows(ask.client, ask.views)
            self._silent.discard(ask.client)
        self._look()

    def _watch(self) -> None:
        with self.context.lock:
            if time.monotonic() > self._deadline:
                for page in self._silent:
                    self.context.pages.shows(page, 0)
                self._silent = set()
        self._look()

    def _look(self) -> None:
        with self.context.lock:
            act = None if self.context.pages.shown else self._unshown
            if act is not None:
                self._unshown = None
        if act is not None:
            act()
