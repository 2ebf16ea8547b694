"""Whose turn it is on a device."""

from __future__ import annotations

from collections.abc import Collection

from jlabel.files.presence import is_locked
from jlabel.jobs.folder import JobFolder, is_job_id
from jlabel.jobs.record import QUEUED, RUNNING, JobRecord


def is_first(folder: JobFolder, devices: Collection[str]) -> bool:
    """Whether no living job beside this one is on one of the devices, or has waited longer for one."""
    own = (JobRecord.of(folder.events).queued, folder.path.name)
    return not any(_is_ahead(other, own, devices) for other in _others(folder))


def _others(folder: JobFolder) -> list[JobFolder]:
    entries = (entry for entry in folder.path.parent.iterdir() if is_job_id(entry.name) and entry != folder.path)
    # Jobs of a cluster on this machine have what Dask gave them.
    return [other for other in map(JobFolder, entries) if not other.cluster.exists() and is_locked(other.lock)]


def _is_ahead(folder: JobFolder, own: tuple[float, str], devices: Collection[str]) -> bool:
    record = JobRecord.of(folder.events)
    shared = not set(record.device.split(",")).isdisjoint(devices)
    # One that does not know its device yet will hardly begin later than this one: it is waited for.
    if record.state == QUEUED and (shared or not record.device):
        return (record.queued, folder.path.name) < own
    # The lock of the device keeps jobs apart, also those of other folders; this holds where it is another user's.
    return record.state == RUNNING and shared
