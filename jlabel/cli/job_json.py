"""A job as JSON, for programs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jlabel.jobs.job import Job


def job_json(job: Job) -> dict[str, Any]:
    """A job for programs."""
    record = job.record()
    return {
        "id": job.id,
        "kind": job.kind,
        "name": job.name,
        "state": record.state,
        "progress": record.progress,
        "begun": datetime.fromtimestamp(job.request.created, UTC).isoformat(timespec="seconds"),
        "device": job.device,
        "error": record.error or None,
        "notes": list(record.notes),
        "metrics": job.metrics,
        "result": dict(record.result),
        "can_resume": job.can_resume,
        "folder": str(job.folder.path),
    }
