"""What is new about a job since somebody last asked, in the form in which the front ends take it."""

from __future__ import annotations

import math
from typing import Any

from jlabel.errors import JobError
from jlabel.jobs import Job
from jlabel.jobs.ending import cancelled_in_words
from jlabel.jobs.report import outcome, score_name, title
from jlabel.labeler.protocol.job_messages import JobInfo

_MOST_NOTES = 20
_MOST_TEXT = 4000


class JobUpdates:
    """Watches one job cheaply: its events are read only where their file has grown, or while it is alive."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._size = -1
        self._ended = False
        self._last: tuple[Any, ...] = ()
        self._rows: dict[int, dict[str, Any]] = {}

    def look(self) -> bool:
        """Whether anything has changed since the last look; a killed job is found out here."""
        try:
            size = self.job.folder.events.stat().st_size
        except OSError:
            return False
        if self._ended and size == self._size:
            return False
        try:
            record = self.job.record()
        except JobError:
            return False
        grown, self._size, self._ended = size != self._size, size, record.ended
        known = (record.state, record.progress, len(record.rows))
        changed = grown or known != self._last
        self._last = known
        return changed

    def rows(self, whole: bool = False) -> list[dict[str, Any]]:
        """The epochs that are new or another since the last call, or all of them."""
        known = dict(self.job.record().rows)
        fresh = [epoch for epoch, row in known.items() if whole or self._rows.get(epoch) is not row]
        self._rows = known
        return [_plain(known[epoch]) for epoch in sorted(fresh)]


def job_info(job: Job) -> JobInfo:
    """The job as the pages take it; small."""
    record, request = job.record(), job.request
    state: Any = record.state
    rows = dict(record.rows)
    last = _plain(rows[max(rows)]) if rows else {}
    score = score_name(list(rows.values()))
    return JobInfo(
        id=job.id,
        kind=request.kind,
        name=request.name,
        title=title(request),
        state=state,
        progress=record.progress,
        left=job.time_left,
        device=job.device,
        begun=request.created,
        epoch=last.get("epoch"),
        loss=last.get("loss"),
        score=last.get(score) if score is not None else None,
        score_name=score,
        outcome=(outcome(record) or cancelled_in_words(request, record, job.can_resume))[:_MOST_TEXT],
        error=record.error[:_MOST_TEXT],
        notes=[note[:_MOST_TEXT] for note in record.notes[-_MOST_NOTES:]],
        can_resume=job.can_resume,
    )


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if not isinstance(value, float) or math.isfinite(value) else None for name, value in row.items()
    }
