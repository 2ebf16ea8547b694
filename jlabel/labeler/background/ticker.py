"""One thread of the kernel for everything that has to be looked at now and then."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)


class Ticker:
    """Calls what was added to it, one after the other, as often as it beats; the thread lives while there is any.

    Args:
        seconds: From beat to beat.
    """

    def __init__(self, seconds: float = 0.5) -> None:
        self._seconds = seconds
        self._looks: dict[object, Callable[[], object]] = {}
        # A collection may end a widget, and its look, at any moment: also in a thread that holds it.
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None

    def add(self, look: Callable[[], object]) -> Callable[[], None]:
        """Call ``look`` at every beat; it must be quick. Returns how to end that."""
        key = object()  # the same look may be there for somebody else
        with self._lock:
            self._looks[key] = look
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="jlabel-ticker", daemon=True)
                self._thread.start()

        def end() -> None:
            with self._lock:
                self._looks.pop(key, None)

        return end

    def _run(self) -> None:
        wait = threading.Event().wait
        while True:
            with self._lock:
                looks = list(self._looks.values())
                if not looks:
                    self._thread = None
                    return
            for look in looks:
                try:
                    look()
                except Exception:
                    logger.exception("looking after background work failed")
            wait(self._seconds)


TICKER = Ticker()
