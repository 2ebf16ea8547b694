"""What the pages ask, handled once and in order, whatever their connections do meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from jlabel.labeler.protocol.page_messages import Ack


class Inbox:
    """Knows which messages of each page were handled.

    A page numbers what it asks, and asks again after a lost connection what it does not know to have been heard. So
    what was heard already is passed by, and what comes before something that is missing is refused until that has come.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._handled: dict[str, int] = {}

    def take(self, content: Any, act: Callable[[], None]) -> Ack | None:
        """Handle what a page asks, if its time has come.

        Args:
            content: The message as it came; with ``client`` and ``seq`` where its order counts.
            act: Handles it, its errors included.

        Returns:
            What to answer, or None where the message has no number.
        """
        fields = content if isinstance(content, dict) else {}
        page, seq = fields.get("client"), fields.get("seq")
        if not isinstance(page, str) or not isinstance(seq, int):
            act()
            return None
        # Messages come from one thread after the other, but it need not be the same one.
        with self._lock:
            early = seq > self._handled.get(page, 0) + 1
            if seq == self._handled.get(page, 0) + 1:
                self._handled[page] = seq
                act()
            return Ack(client=page, seq=self.handled(page), early=seq if early else None)

    def handled(self, page: str) -> int:
        """The number of a page's last message that was handled; 0 before the first."""
        return self._handled.get(page, 0)
