"""What the work of a job sees of it: where it runs, how to tell what happens, and whether to stop."""

from __future__ import annotations

import contextlib
import math
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jlabel.errors import Cancelled
from jlabel.jobs.events import append_event
from jlabel.jobs.folder import JobFolder

_EVERY = 0.5  # seconds between two events of progress
_MOST_KEPT = 1000


class JobRun:
    """A job while it runs; the work is called with it.

    Args:
        folder: The job's folder.
        device: ``"cpu"``, ``"cuda:0"``, …
        threads: How many threads the work may use.
    """

    def __init__(self, folder: JobFolder, device: str, threads: int) -> None:
        self.device = device
        self.threads = threads
        self._folder = folder
        self._unsent: list[Mapping[str, Any]] = []
        self._last = 0.0

    @property
    def folder(self) -> Path:
        """The job's folder."""
        return self._folder.path

    @property
    def checkpoints(self) -> Path:
        """A folder of the work's own; what it keeps there is found again when the job is resumed.

        It is removed once the job is done: what is to stay belongs into :attr:`folder`. A folder ``cache`` in it is
        removed whenever an attempt is over.
        """
        self._folder.checkpoints.mkdir(exist_ok=True)
        return self._folder.checkpoints

    @property
    def cancelled(self) -> bool:
        """Whether someone wants the job to stop."""
        return self._folder.is_cancelled

    def check_cancelled(self) -> None:
        """Raise :class:`jlabel.Cancelled` where someone wants the job to stop."""
        if self.cancelled:
            raise Cancelled("the job was cancelled")

    def progress(self, fraction: float, left: float | None = None) -> None:
        """Say how far the work is (0 to 1) and for how many seconds it will go on; may be called at every step."""
        now = time.monotonic()
        if now - self._last >= _EVERY:
            self._last = now
            event = {"progress": round(fraction, 4)}
            self._send(event if left is None else {**event, "left": round(left, 1)})

    def metrics(self, epoch: int, **values: float | None) -> None:
        """Add to the row of an epoch; what is not a finite number becomes None."""
        row = {name: value if value is not None and math.isfinite(value) else None for name, value in values.items()}
        self._send({"metrics": {"epoch": epoch, **row}})

    def note(self, text: str) -> None:
        """Tell the person something, such as an image that was left out; it is in the log too."""
        print(text, file=sys.stderr, flush=True)  # noqa: T201 - standard error is the job's log
        self._send({"note": text})

    def state(self, state: str, **more: Any) -> None:
        """Say that the job has another state."""
        self._send({"state": state, **more})

    def _send(self, event: Mapping[str, Any]) -> None:
        # A full disk must not end the work: what could not be said is said as soon as there is room.
        self._unsent = [*self._unsent[-_MOST_KEPT:], event]
        with contextlib.suppress(OSError):
            while self._unsent:
                append_event(self._folder.events, self._unsent[0])
                self._unsent.pop(0)
