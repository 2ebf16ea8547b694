"""Reading that takes a while, which a person can give up: who waits goes on, and what was read is left to the cache."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError
from typing import Any, TypeVar

from jlabel.errors import Cancelled

T = TypeVar("T")


class Reading:
    """Does one thing at a time on a thread of its own."""

    def __init__(self) -> None:
        self._present: Future[Any] | None = None

    def wait_for(self, work: Callable[[], T], doing: str) -> T:
        """Do something, and return what it returns or raise what it raises.

        Args:
            work: What to do. Once given up it still ends by itself, so it must change nothing but caches.
            doing: What it is, for the error: "Opening case 3".

        Raises:
            Cancelled: It was given up.
        """
        future: Future[T] = Future()
        self._present = future
        threading.Thread(target=_carry_out, args=(work, future), name="jlabel-reading", daemon=True).start()
        try:
            return future.result()
        except CancelledError:
            raise Cancelled(f"{doing} was cancelled") from None
        finally:
            self._present = None

    def give_up(self) -> bool:
        """Let whoever waits go on; returns whether somebody did."""
        present = self._present
        return present is not None and present.cancel()


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
