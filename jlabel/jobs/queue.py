"""Whose turn it is on a device."""

from __future__ import annotations

from jlabel.jobs.events import EventReader
from jlabel.jobs.folder import JobFolder, is_job_id
from jlabel.jobs.locks import is_held
from jlabel.jobs.record import QUEUED, JobRecord


def is_first(folder: JobFolder, device: str) -> bool:
    """Whether no living job beside this one has waited longer for the device."""
    own = _place(folder)
    return all(_place(other) >= own for other in _others(folder) if _waits_for(other, device))


def _others(folder: JobFolder) -> list[JobFolder]:
    entries = (entry for entry in folder.path.parent.iterdir() if is_job_id(entry.name) and entry != folder.path)
    return [other for other in map(JobFolder, entries) if is_held(other.lock)]


def _waits_for(folder: JobFolder, device: str) -> bool:
    # One that does not know its device yet will hardly begin later than this one: it is waited for.
    record = _record(folder)
    return record.state == QUEUED and record.device in ("", device)


def _place(folder: JobFolder) -> tuple[float, str]:
    return _record(folder).queued, folder.path.name


def _record(folder: JobFolder) -> JobRecord:
    record = JobRecord()
    for event in EventReader(folder.events).read():
        record.take(event)
    return record
