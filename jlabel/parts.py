"""Work on many items, part by part: one after the other in this process, or by whoever else carries parts out.

What is done with one item is a :data:`Part`. :func:`map_parts` does it with all of them, by way of the run where that
can share parts out among the workers of a cluster.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from jlabel.errors import Cancelled, JlabelError, UnreachableError

#: Seconds for which a part is tried again while a database or a store cannot be reached.
PATIENCE = 60.0
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 5.0


class PartRun(Protocol):
    """What a part sees of the run that it belongs to."""

    @property
    def device(self) -> str:
        """Where to compute: ``"cpu"``, ``"cuda:0"``, ..."""
        ...

    @property
    def threads(self) -> int:
        """How many threads the part may use; 0 for as many as it likes."""
        ...

    @property
    def cancelled(self) -> bool:
        """Whether somebody wants it to stop."""
        ...

    def check_cancelled(self) -> None:
        """Raise :class:`jlabel.Cancelled` where somebody wants it to stop."""
        ...

    def note(self, text: str) -> None:
        """Tell the person something."""
        ...


Part = Callable[[Any, Any], Any]
"""Called with an item and a :class:`PartRun`; returns something small that can be pickled. It is pickled itself, once,
and each process that carries parts out keeps its copy: what it loads for one item is there for the next one.
"""


@dataclass(frozen=True)
class PartResult:
    """What came of one item.

    Attributes:
        item: The item.
        value: What the part returned.
        error: Why the item could not be done, in words; ``""`` where it was.
    """

    item: Any
    value: Any = None
    error: str = ""


def do_patiently(run: PartRun, part: Part, item: Any) -> Any:
    """Do the part with an item; again and again, for a minute, while what it needs cannot be reached.

    Args:
        run: The run; it is asked meanwhile whether to stop.
        part: What is done. Whoever writes it sees to it that it does nothing twice.
        item: The item.

    Raises:
        UnreachableError: It cannot be reached for longer.
        Cancelled: Somebody wants it to stop.
    """
    wait, begun = _FIRST_WAIT, time.monotonic()
    while True:
        try:
            return part(item, run)
        except UnreachableError:
            if time.monotonic() - begun > PATIENCE:
                raise
        run.check_cancelled()
        time.sleep(wait)
        wait = min(2 * wait, _LONGEST_WAIT)


def map_here(run: PartRun, part: Part, items: Iterable[Any]) -> Iterator[PartResult]:
    """Do the part with each item in this process, one after the other, in order.

    An item at which the part raises an error of jlabel's own is told with that error; the next one is another. What
    cannot be reached is no fault of the item: see :func:`do_patiently`.

    Args:
        run: The run; it is asked before each item whether to stop.
        part: What is done with one.
        items: The items.

    Raises:
        Cancelled: Somebody wants it to stop.
        UnreachableError: What parts need cannot be reached.
    """
    for item in items:
        run.check_cancelled()
        try:
            result = PartResult(item, do_patiently(run, part, item))
        except (Cancelled, UnreachableError):
            raise
        except JlabelError as error:
            result = PartResult(item, error=str(error))
        yield result


def map_parts(run: Any, part: Part, items: Iterable[Any]) -> Iterator[PartResult]:
    """Do the part with each item, in the run's own way where it has one (``run.map``), else as :func:`map_here`.

    Results come as parts are done, in any order.

    Args:
        run: The run, such as a :class:`jlabel.jobs.JobRun`.
        part: What is done with one.
        items: The items, each small and with a ``repr`` of its own, such as ids.
    """
    own = getattr(run, "map", None)
    found: Iterator[PartResult] = map_here(run, part, items) if own is None else own(part, items)
    return found
