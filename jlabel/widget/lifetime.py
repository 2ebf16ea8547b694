"""When a labeler ends by itself: its cell ran again and no page shows it, nobody refers to it, or the kernel ends."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol


class CellRun(NamedTuple):
    """One run of a notebook's cell.

    Attributes:
        cell: The cell: its id, or its text where the front end gives none.
        run: Another one each time that the cell runs.
    """

    cell: str
    run: str


class Ending(Protocol):
    """A widget that can be replaced by one that a later run of its cell made."""

    def supersede(self) -> None:
        """Its cell has run again: end as soon as no page shows it."""

    def close(self) -> None:
        """End now."""


_living: weakref.WeakKeyDictionary[Any, CellRun | None] = weakref.WeakKeyDictionary()
# A collection may end a widget at any moment, also in a thread that holds it.
_lock = threading.RLock()
_MOST_LIVING = 2


def register(widget: Ending) -> None:
    """A widget was made in the cell that runs now; those that an earlier run of that cell made are superseded."""
    here = current_cell_run()
    if len(_living) >= _MOST_LIVING:
        # Those that nobody refers to hold each other, and megabytes: they are not left to wait for a rare collection.
        gc.collect()
    with _lock:
        others = [(other, _living.get(other)) for other in _all_living()]
        _living[widget] = here
    if here is None:
        return
    for other, place in others:
        if place is not None and place.cell == here.cell and place.run != here.run:
            other.supersede()


def forget(widget: Ending) -> None:
    """It is closed."""
    with _lock:
        _living.pop(widget, None)


def _all_living() -> list[Any]:
    # Not by iterating over the dictionary: a collection may take one out meanwhile.
    return [widget for reference in _living.keyrefs() if (widget := reference()) is not None]


def current_cell_run() -> CellRun | None:
    """The cell that runs in this kernel; None outside of notebooks, and in threads."""
    if "IPython" not in sys.modules or threading.current_thread() is not threading.main_thread():
        return None
    from IPython import get_ipython

    shell: Any = get_ipython()
    if shell is None or not hasattr(shell, "get_parent"):
        return None
    parent = shell.get_parent() or {}
    cell = parent.get("metadata", {}).get("cellId") or shell.history_manager.input_hist_raw[-1]
    return CellRun(str(cell), str(parent.get("header", {}).get("msg_id")))


def in_thread(work: Callable[[], object]) -> None:
    """Do something that may wait for others on a thread of its own; not at all where the interpreter ends."""
    # No thread starts then, and waiting for it would never end.
    if not sys.is_finalizing():
        threading.Thread(target=work, name="jlabel-closing", daemon=True).start()


def return_memory() -> None:
    """Give the system back what closed labelers held: megabytes that the allocator would keep for each thread."""
    gc.collect()
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library than glibc
            ctypes.CDLL(None).malloc_trim(0)


def weak_call(method: Callable[..., Any]) -> Callable[..., Any]:
    """Calls a bound method as long as its object is there, and does not keep it."""
    reference = weakref.WeakMethod(method)

    def call(*arguments: Any, **named: Any) -> Any:
        found = reference()
        return None if found is None else found(*arguments, **named)

    return call


def _close_all() -> None:
    with _lock:
        living = _all_living()
    for widget in living:
        with contextlib.suppress(Exception):  # the connection to the pages may be gone already
            widget.close()


atexit.register(_close_all)
