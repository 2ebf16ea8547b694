"""Seconds at work: from one thing done to the next, pauses left out."""

from __future__ import annotations

#: Seconds without anything done after which somebody counts as away.
IDLE = 30.0


class WorkTime:
    """How long somebody has worked, from moments and spans in which they did something.

    The time between two of them counts where it is no longer than ``idle``. What several sources tell of the same
    moments counts once, in whatever order they tell it.

    Args:
        idle: Seconds without anything done that are a pause.
    """

    def __init__(self, idle: float = IDLE) -> None:
        self._idle = idle
        # Apart from each other by more than `idle`, in order.
        self._spans: list[tuple[float, float]] = []
        self.seconds = 0.0

    def add(self, first: float, last: float | None = None) -> None:
        """Something was done.

        Args:
            first: When that began, on any clock in seconds.
            last: When it ended; at once if not given.
        """
        begin, end = first, first if last is None else max(first, last)
        apart: list[tuple[float, float]] = []
        for span in self._spans:
            if span[1] + self._idle < begin or span[0] - self._idle > end:
                apart.append(span)
            else:
                begin, end = min(begin, span[0]), max(end, span[1])
        self._spans = sorted([*apart, (begin, end)])
        self.seconds = sum(end - begin for begin, end in self._spans)
