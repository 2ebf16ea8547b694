"""One worker per device: models run one at a time, off the kernel's main thread, new clicks replace old ones."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from jlabel.errors import Cancelled


@dataclass(eq=False)
class QueuedWork:
    """A piece of work in the queue.

    Attributes:
        work: Called with this object on the device's own thread.
        key: Work of the same key replaces what still waits; None for work that is never replaced.
        future: Where the answer will be.
    """

    work: Callable[[QueuedWork], Any]
    key: Hashable
    future: Future[Any] = field(default_factory=Future)
    _cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for the answer any more."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Give up: work that waits is not begun, work that runs may look at :attr:`cancelled` and stop."""
        self._cancelled.set()


class DeviceQueue:
    """The work of one device, first come, first served."""

    def __init__(self, device: str) -> None:
        self.device = device
        self._waiting: deque[QueuedWork] = deque()
        self._running: QueuedWork | None = None
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, work: Callable[[QueuedWork], Any], key: Hashable = None) -> QueuedWork:
        """Queue work; what waits under the same key is given up, and its future raises :class:`jlabel.Cancelled`."""
        queued = QueuedWork(work, key)
        with self._changed:
            if self._closed:
                raise Cancelled("the app manager is closed")
            older = [other for other in self._waiting if key is not None and other.key == key]
            for other in older:
                self._waiting.remove(other)
            if self._running is not None and key is not None and self._running.key == key:
                self._running.cancel()
            self._waiting.append(queued)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=f"jlabel-{self.device}", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        for other in older:
            _give_up(other, "replaced by a newer request on the same image")
        return queued

    def cancel(self, chosen: Callable[[Hashable], bool]) -> int:
        """Give up all work whose key is chosen; returns how many pieces that were."""
        with self._changed:
            waiting = [queued for queued in self._waiting if chosen(queued.key)]
            for queued in waiting:
                self._waiting.remove(queued)
            running = self._running if self._running is not None and chosen(self._running.key) else None
            if running is not None:
                running.cancel()
        for queued in waiting:
            _give_up(queued, "cancelled")
        return len(waiting) + (running is not None)

    def close(self) -> None:
        """Give up everything and end the thread."""
        self.cancel(lambda key: True)
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                queued = self._running = self._waiting.popleft()
            _carry_out(queued)
            with self._changed:
                self._running = None
            del queued


def _carry_out(queued: QueuedWork) -> None:
    try:
        answer = queued.work(queued)
    except BaseException as error:  # noqa: BLE001 - whatever went wrong reaches the person who waits for the answer
        queued.future.set_exception(error)
    else:
        queued.future.set_result(answer)


def _give_up(queued: QueuedWork, reason: str) -> None:
    queued.cancel()
    queued.future.set_exception(Cancelled(f"the request was {reason}"))
