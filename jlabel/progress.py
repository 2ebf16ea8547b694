"""Progress of work that takes a while: it reports the part that is done, and ends early when it is cancelled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def _nothing(*_: object) -> None:
    return None


@dataclass(frozen=True)
class Progress:
    """Who waits for something, and whether still.

    Examples:
        >>> done = []
        >>> whole = Progress(report=done.append)
        >>> second_half = whole.part(0.5, 1)
        >>> second_half.step(1, 2)
        >>> done
        [0.75]

    Attributes:
        report: Called now and then with the part that is done, 0 to 1.
        check: Called often; raises :class:`jlabel.errors.Cancelled` when the work was cancelled.
    """

    report: Callable[[float], None] = _nothing
    check: Callable[[], None] = _nothing

    def step(self, done: int, total: int) -> None:
        """So many of all steps are done.

        Raises:
            Cancelled: Nobody wants the result any more.
        """
        self.check()
        self.report(done / max(1, total))

    def part(self, start: float, end: float) -> Progress:
        """For a piece of the work, which is that part of the whole."""
        return Progress(lambda fraction: self.report(start + fraction * (end - start)), self.check)


#: For work that nobody waits for.
NO_PROGRESS = Progress()
