"""Who listens to which events of a labeler."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, get_args

from jlabel.errors import JlabelError
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.events import EVENT_NAMES, EventName, LabelerEvent
from jlabel.widget.observing.in_cell import InCell


class EventCallbacks:
    """Calls who listens, one event after the other, on one thread.

    Args:
        worker: The thread.
    """

    def __init__(self, worker: SerialWorker) -> None:
        self._worker = worker
        self._lock = threading.Lock()
        self._callbacks: dict[str, list[InCell]] = {name: [] for name in get_args(EventName)}

    def add(self, event: str, callback: Callable[[Any], object]) -> Callable[[], None]:
        """Call it at every such event; returns how to stop that.

        Raises:
            JlabelError: There is no such event.
        """
        entry = InCell(callback)
        with self._lock:
            self._of(event).append(entry)

        def stop() -> None:
            with self._lock:
                # By identity: the same callback may listen twice.
                self._callbacks[event] = [one for one in self._callbacks[event] if one is not entry]

        return stop

    def remove(self, event: str, callback: Callable[[Any], object]) -> None:
        """Call it no more.

        Raises:
            JlabelError: There is no such event.
        """
        with self._lock:
            self._callbacks[event] = [one for one in self._of(event) if one.callback != callback]

    def check(self, event: str) -> None:
        """Raise if there is no such event.

        Raises:
            JlabelError: There is none.
        """
        self._of(event)

    def happened(self, event: LabelerEvent) -> None:
        """Tell those who listen, soon and elsewhere; may be called with any lock held."""
        name = EVENT_NAMES[type(event)]
        with self._lock:
            listening = list(self._callbacks[name])
            if listening:
                self._worker.do(lambda: self._call(name, listening, event))

    def _call(self, name: str, listening: list[InCell], event: LabelerEvent) -> None:
        for one in listening:
            with self._lock:
                stopped = not any(one is other for other in self._callbacks[name])
            if not stopped:
                one(event)

    def _of(self, event: str) -> list[InCell]:
        if event not in self._callbacks:
            raise JlabelError(f"there is no event {event!r}; the events are {', '.join(self._callbacks)}")
        return self._callbacks[event]
