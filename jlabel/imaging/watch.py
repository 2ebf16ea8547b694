"""How work that takes a while is watched: it says how far it is, and ends early when nobody wants it any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def _nothing(*_: object) -> None:
    return None


@dataclass(frozen=True)
class Watch:
    """Who waits for something.

    Attributes:
        progress: Called now and then with the part that is done, 0 to 1.
        check: Called often; raises :class:`jlabel.errors.Cancelled` when nobody wants the result any more.
    """

    progress: Callable[[float], None] = _nothing
    check: Callable[[], None] = _nothing

    def step(self, done: int, total: int) -> None:
        """So many of all steps are done."""
        self.check()
        self.progress(done / max(1, total))

    def part(self, start: float, end: float) -> Watch:
        """For a piece of the work, which is that part of the whole."""
        return Watch(lambda fraction: self.progress(start + fraction * (end - start)), self.check)


UNWATCHED = Watch()
