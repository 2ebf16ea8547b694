"""How far a job came that was cancelled, and what Resume would do, in words."""

from __future__ import annotations

from jlabel.jobs.folder import JobRequest
from jlabel.jobs.record import CANCELLED, JobRecord


def cancelled_in_words(request: JobRequest, record: JobRecord, can_resume: bool) -> str:
    """A sentence about a job that was cancelled; empty for any other.

    Args:
        request: What it was asked.
        record: How it stands.
        can_resume: Whether it can be resumed.
    """
    if record.state != CANCELLED:
        return ""
    done = _done(request, record)
    if not done:
        return "Cancelled before anything was done" + ("; Resume begins again" if can_resume else "")
    return f"Cancelled after {done}" + ("; Resume goes on from there" if can_resume else "")


def _done(request: JobRequest, record: JobRecord) -> str:
    percent = f"{record.progress:.0%}"
    if not record.rows:
        # A training goes on from whole epochs alone.
        return percent if record.progress >= 0.01 and request.kind != "train" else ""
    epoch, most = max(record.rows), request.options.get("max_epochs")
    if isinstance(most, int) and epoch <= most and request.options.get("max_seconds") is None:
        return f"epoch {epoch} of {most}"
    return f"epoch {epoch} ({percent})"
