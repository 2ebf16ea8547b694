"""What takes time at the labeler: said in words, with its progress, and given up when the person says so."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from jlabel.errors import Cancelled
from jlabel.imaging.watch import Watch

if TYPE_CHECKING:
    from jlabel.widget.desk import Desk

SAVING = "Saving"

T = TypeVar("T")
_SECONDS_BETWEEN_REPORTS = 0.1


def _nobody(*_: Any) -> None:
    return None


class Doing:
    """One thing that takes time.

    Args:
        text: What it is, while it goes on: "Opening case 3".
        report: Told how much is done, 0 to 1, now and then.
    """

    def __init__(self, text: str, report: Callable[[Doing, float], None] = _nobody) -> None:
        self.text = text
        #: Giving it up still changes something.
        self.can_cancel = True
        self._report = report
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

    def progress(self, fraction: float) -> None:
        """So much is done, 0 to 1; said ten times a second at most."""
        now = time.monotonic()
        if fraction >= 1 or now - self._reported >= _SECONDS_BETWEEN_REPORTS:
            self._reported = now
            self._report(self, fraction)

    @property
    def watch(self) -> Watch:
        """For work that wants to be watched."""
        return Watch(self.progress, self.check)

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


class UnderWay:
    """All that takes time at one labeler. The newest is shown; giving up means all."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._all: list[Doing] = []

    @property
    def shown(self) -> Doing | None:
        """What the pages show."""
        return self._all[-1] if self._all else None

    def state(self) -> dict[str, Any]:
        """``busy`` and ``canCancel``, and ``saving``, which may be so while something newer is shown."""
        shown = self.shown
        saving = any(doing.text == SAVING for doing in self._all)
        return {"busy": shown and shown.text, "canCancel": shown is None or shown.can_cancel, "saving": saving}

    @contextmanager
    def doing(self, text: str) -> Iterator[Doing]:
        """Show it while it is being done."""
        doing = self.begin(text)
        try:
            yield doing
        finally:
            self.end(doing)

    def begin(self, text: str) -> Doing:
        """Show it until :meth:`end`."""
        doing = Doing(text, self._report)
        with self._desk.lock:
            self._all.append(doing)
            self._desk.show_state()
        return doing

    def end(self, doing: Doing) -> None:
        """It is done, or was given up."""
        with self._desk.lock:
            if doing in self._all:
                self._all.remove(doing)
                self._desk.show_state()

    def cancel(self) -> None:
        """Give everything up."""
        with self._desk.lock:
            for doing in self._all:
                doing.cancel()

    def too_late(self, doing: Doing) -> None:
        """Giving it up changes nothing any more."""
        with self._desk.lock:
            doing.can_cancel = False
            self._desk.show_state()

    def _report(self, doing: Doing, fraction: float) -> None:
        with self._desk.lock:
            opened = self._desk.opened
            if doing is self.shown and opened is not None:
                content = {"type": "progress", "epoch": opened.epoch, "text": doing.text, "fraction": fraction}
                self._desk.labeler.tell(content)


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
