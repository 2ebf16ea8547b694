"""What the pages ask, handled once and in order, whatever their connections do meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


class Inbox:
    """Knows how far each page has been heard.

    A page numbers what it asks, and asks again after a lost connection what it does not know to have been heard. So
    what was heard already is passed by, and what comes before something that is missing is refused until that has come.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._heard: dict[str, int] = {}

    def take(self, ask: dict[str, Any], act: Callable[[], None]) -> dict[str, Any] | None:
        """Handle what a page asks, if its time has come.

        Args:
            ask: The message; with ``client`` and ``seq`` where its order counts.
            act: Handles it, its errors included.

        Returns:
            What to answer, or None where the message has no number.
        """
        page, seq = ask.get("client"), ask.get("seq")
        if not isinstance(page, str) or not isinstance(seq, int):
            act()
            return None
        # Messages come from one thread after the other, but it need not be the same one.
        with self._lock:
            early = seq > self._heard.get(page, 0) + 1
            if seq == self._heard.get(page, 0) + 1:
                self._heard[page] = seq
                act()
            return self.heard(page) | ({"early": seq} if early else {})

    def heard(self, page: str) -> dict[str, Any]:
        """The message that tells a page how far it was heard."""
        return {"type": "heard", "client": page, "seq": self._heard.get(page, 0)}
