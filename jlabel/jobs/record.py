"""What a job's events add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jlabel.files.json_values import finite
from jlabel.jobs.events import EventReader

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
STATES = (QUEUED, RUNNING, DONE, FAILED, CANCELLED)
ENDED = (DONE, FAILED, CANCELLED)

# More than a job ever has to tell: what a file of somebody else's may make this process hold.
_MOST_ROWS = 100_000
_MOST_NOTES = 10_000
_MOST_TEXT = 100_000
_MOST_EPOCH = 10**9
_MOST_COLUMNS = 200


@dataclass
class JobRecord:
    """A job as its events tell it.

    Attributes:
        state: One of ``STATES``.
        changed: When the state became what it is, seconds since 1970.
        queued: When the job last took its place in the queue.
        progress: 0 to 1.
        left: Seconds left, as it was thought at ``left_at``; None where nobody knows.
        rows: Metrics by epoch.
        notes: What a person should know, in order.
        error: Why it failed; "" where it did not.
        result: What the work returned.
        device: Where it runs, once that is known.
    """

    state: str = QUEUED
    changed: float = 0.0
    queued: float = 0.0
    progress: float = 0.0
    left: float | None = None
    left_at: float = 0.0
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    error: str = ""
    result: dict[str, Any] = field(default_factory=dict)
    device: str = ""

    @classmethod
    def of(cls, events: Path) -> JobRecord:
        """What a file of events says now."""
        record = cls()
        for event in EventReader(events).read():
            record.take(event)
        return record

    @property
    def ended(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.state in ENDED

    def take(self, event: Mapping[str, Any]) -> None:
        """Add an event; values of another type than they have to be change nothing."""
        time = float(event["time"])
        if isinstance(event.get("state"), str) and event["state"] in STATES:
            self._change_state(event, time)
        progress, left = finite(event.get("progress")), finite(event.get("left"))
        if progress is not None:
            self.progress = min(1.0, max(0.0, progress))
        if left is not None:
            self.left, self.left_at = left, time
        if isinstance(event.get("metrics"), dict):
            self._add_metrics(event["metrics"])
        if isinstance(event.get("note"), str) and len(self.notes) < _MOST_NOTES:
            self.notes.append(event["note"][:_MOST_TEXT])
        if isinstance(event.get("device"), str):
            self.device = event["device"][:_MOST_TEXT]

    def _add_metrics(self, metrics: Mapping[str, Any]) -> None:
        epoch = metrics.get("epoch")
        if not isinstance(epoch, int) or isinstance(epoch, bool) or not 0 <= epoch <= _MOST_EPOCH:
            return
        if len(metrics) > _MOST_COLUMNS or (epoch not in self.rows and len(self.rows) >= _MOST_ROWS):
            return
        row = {name: value if finite(value) is not None else None for name, value in metrics.items()}
        # A resumed job does an epoch again that it had not kept: what it finds now is what counts.
        self.rows[epoch] = {**self.rows.get(epoch, {}), **row}

    def _change_state(self, event: Mapping[str, Any], time: float) -> None:
        self.state, self.changed = event["state"], time
        self.error = str(event.get("error", ""))[:_MOST_TEXT]
        result = event.get("result")
        self.result = result if isinstance(result, dict) else {}
        if self.state == QUEUED:
            self.queued = time
        if self.state == DONE:
            self.progress = 1.0
        if self.state != RUNNING:
            self.left = None
