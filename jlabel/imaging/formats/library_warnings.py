"""What the libraries warn of while a file is read: kept for the image's notes, neither printed nor raised."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

_lock = threading.Lock()
_local = threading.local()
_stack = ExitStack()
_listeners = 0


@contextmanager
def warnings_heard() -> Iterator[list[str]]:
    """Collect the warnings raised by this thread; several threads may read at once.

    Python's warning filters belong to the whole process, so the first reader installs them and the last one puts them
    back; warnings from threads that do not read go where they went before.
    """
    heard: list[str] = []
    before = getattr(_local, "heard", None)
    _local.heard = heard
    _enter()
    try:
        yield heard
    finally:
        _leave()
        _local.heard = before


def _enter() -> None:
    global _listeners
    with _lock:
        if _listeners == 0:
            shown_before = warnings.showwarning
            _stack.enter_context(warnings.catch_warnings())
            warnings.simplefilter("always")

            def route(message: Warning | str, *args: Any, **kwargs: Any) -> None:
                heard = getattr(_local, "heard", None)
                if heard is None:
                    shown_before(message, *args, **kwargs)
                elif str(message) not in heard:
                    heard.append(str(message))

            warnings.showwarning = route
        _listeners += 1


def _leave() -> None:
    global _listeners
    with _lock:
        _listeners -= 1
        if _listeners == 0:
            _stack.close()
