"""Tasks that take time: shown to the person in words, with their progress, and given up when the person says so."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from jlabel.errors import Cancelled
from jlabel.labeler.protocol.state import State
from jlabel.progress import Progress

SAVING = "Saving"

T = TypeVar("T")
_SECONDS_BETWEEN_REPORTS = 0.1


def _nobody(*_: Any) -> None:
    return None


class BackgroundTask:
    """One thing that takes time.

    Args:
        text: What it is, while it goes on: "Opening case 3".
        report: Told how much is done, 0 to 1, now and then.
    """

    def __init__(self, text: str, report: Callable[[BackgroundTask, float], None] = _nobody) -> None:
        self.text = text
        #: Giving it up still changes something.
        self.can_cancel = True
        #: How much is done, 0 to 1, as was said last.
        self.fraction = 0.0
        self._on_report = report
        self._reported = -math.inf
        self._cancelled = threading.Event()
        self._waiting: Future[Any] | None = None

    @property
    def cancelled(self) -> bool:
        """Whether it was given up."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Give it up; whoever does it finds out by and by."""
        self._cancelled.set()
        waiting = self._waiting
        if waiting is not None:
            waiting.cancel()

    def check(self) -> None:
        """Raise where it was given up.

        Raises:
            Cancelled: It was.
        """
        if self.cancelled:
            raise Cancelled(f"{self.text} was cancelled")

    def report(self, fraction: float) -> None:
        """So much is done, 0 to 1; said ten times a second at most."""
        now = time.monotonic()
        if fraction >= 1 or now - self._reported >= _SECONDS_BETWEEN_REPORTS:
            self._reported, self.fraction = now, fraction
            self._on_report(self, fraction)

    @property
    def progress(self) -> Progress:
        """For the work itself: where it says how far it is, and asks whether to go on."""
        return Progress(self.report, self.check)

    def wait_for(self, work: Callable[[], T]) -> T:
        """Do something on a thread of its own, and return what it returns or raise what it raises.

        Args:
            work: What to do. Once given up it still ends by itself, so it must change nothing but caches.

        Raises:
            Cancelled: It was given up; who waits goes on at once.
        """
        future: Future[T] = Future()
        self._waiting = future
        self.check()
        threading.Thread(target=_carry_out, args=(work, future), name="jlabel-reading", daemon=True).start()
        try:
            return future.result()
        except CancelledError:
            raise Cancelled(f"{self.text} was cancelled") from None
        finally:
            self._waiting = None


class TaskDisplay(Protocol):
    """Where tasks are shown."""

    lock: threading.RLock

    def publish_state(self, state: State) -> None:
        """Tell the pages what is another now."""

    def show_progress(self, text: str, fraction: float) -> None:
        """Tell the pages how far the task is that they show."""


class TaskTracker:
    """All that takes time at one labeler. The newest is shown; giving up means all."""

    def __init__(self, display: TaskDisplay) -> None:
        self._display = display
        self._all: list[BackgroundTask] = []

    @property
    def shown(self) -> BackgroundTask | None:
        """What the pages show."""
        return self._all[-1] if self._all else None

    @property
    def progress(self) -> float:
        """How far the one is that is shown, 0 to 1; 1 where nothing is being done."""
        return self.shown.fraction if self.shown is not None else 1.0

    def state(self) -> State:
        """``busy`` and ``canCancel``, and ``saving``, which may be so while something newer is shown."""
        shown = self.shown
        saving = any(task.text == SAVING for task in self._all)
        return {
            "busy": shown.text if shown is not None else None,
            "canCancel": shown is None or shown.can_cancel,
            "saving": saving,
        }

    @contextmanager
    def running(self, text: str) -> Iterator[BackgroundTask]:
        """Show it while it is being done."""
        task = self.begin(text)
        try:
            yield task
        finally:
            self.end(task)

    def begin(self, text: str) -> BackgroundTask:
        """Show it until :meth:`end`."""
        task = BackgroundTask(text, self._report)
        with self._display.lock:
            self._all.append(task)
            self._display.publish_state(self.state())
        return task

    def end(self, task: BackgroundTask) -> None:
        """It is done, or was given up."""
        with self._display.lock:
            if task in self._all:
                self._all.remove(task)
                self._display.publish_state(self.state())

    def cancel(self) -> None:
        """Give everything up."""
        with self._display.lock:
            for task in self._all:
                task.cancel()

    def too_late(self, task: BackgroundTask) -> None:
        """Giving it up changes nothing any more."""
        with self._display.lock:
            task.can_cancel = False
            self._display.publish_state(self.state())

    def _report(self, task: BackgroundTask, fraction: float) -> None:
        with self._display.lock:
            if task is self.shown:
                self._display.show_progress(task.text, fraction)


def _carry_out(work: Callable[[], T], future: Future[T]) -> None:
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001
        _settle(future.set_exception, error)
    else:
        _settle(future.set_result, result)


def _settle(put: Callable[[Any], None], value: Any) -> None:
    try:
        put(value)
    except InvalidStateError:
        return  # It was given up meanwhile.
