"""What stays of a job once it has ended: enough to resume it, and no more disk than that is worth.

A job that is done keeps what it said, printed and found; its checkpoints and its pickled work are removed. One that
failed or was cancelled keeps them, so that it can be resumed: the newest ``MOST_JOBS`` of those that have checkpoints
do, for ``MOST_DAYS`` days, as far as they take at most ``MOST_BYTES`` together; the newest one's are kept whatever
their size. A job whose checkpoints are given up says so in its notes.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from jlabel.errors import JobError
from jlabel.files.file_operations import remove_file, remove_tree
from jlabel.files.folder_handle import FolderHandle
from jlabel.files.links import is_link
from jlabel.files.plain_files import is_plain
from jlabel.files.temporary import remove_leftovers
from jlabel.jobs.events import append_event
from jlabel.jobs.folder import JobFolder, is_job_id
from jlabel.jobs.locks import take_lock
from jlabel.jobs.record import DONE, JobRecord

MOST_JOBS = 10
MOST_BYTES = 10 * 1024**3
MOST_DAYS = 30


def tidy(own: JobFolder) -> None:
    """Remove what nobody needs any more, of a job whose attempt is over and of the other jobs in its folder.

    Args:
        own: The job; the caller holds its lock.
    """
    with contextlib.suppress(OSError, JobError):
        _tidy_one(own)
        _give_up_old(own)


def _tidy_one(folder: JobFolder) -> JobRecord:
    """Remove what no resumed attempt would look at, never through a link; the job's lock is held."""
    record = JobRecord.of(folder.events)
    remove_leftovers(folder.path)
    if record.state == DONE:
        _remove(folder)
        return record
    remove_tree(folder.ranks, ignore_errors=True)
    for file in folder.parts.glob("*.pkl"):
        remove_file(file)
    if not is_link(folder.checkpoints):
        remove_tree(folder.scratch, ignore_errors=True)
        remove_leftovers(folder.checkpoints)
    return record


def _give_up_old(own: JobFolder) -> None:
    count, total = 0, 0
    for folder in _newest_first(own.path.parent):
        if is_link(folder.path) or not is_plain(folder.work):
            continue
        with _unused(folder, own) as unused:
            record = _tidy_one(folder) if unused else None
            if record is None or record.state == DONE:
                continue
            kept = _size(folder.checkpoints)
            size = kept + _size(folder.work)
            reason = _too_much(count + (kept > 0), total + size if count else 0, record.changed)
            if reason:
                append_event(folder.events, {"note": f"its checkpoints were removed: {reason}. Begin a new job"})
                _remove(folder)
            else:
                count, total = count + (kept > 0), total + size


def _too_much(count: int, total: int, ended: float) -> str:
    if count > MOST_JOBS:
        return f"those of the newest {MOST_JOBS} jobs that can be resumed are kept"
    if total > MOST_BYTES:
        return f"those of jobs that can be resumed may take {MOST_BYTES / 1024**3:.3g} GiB together"
    return f"it ended more than {MOST_DAYS} days ago" if time.time() - ended > MOST_DAYS * 86400 else ""


@contextlib.contextmanager
def _unused(folder: JobFolder, own: JobFolder) -> Iterator[bool]:
    """Whether no process works on the job; none begins to meanwhile."""
    if folder == own:
        yield True
        return
    if folder.cluster.exists() and not JobRecord.of(folder.events).ended:
        # Whoever works on it may hold a lock that this machine does not see.
        yield False
        return
    try:
        descriptor = take_lock(folder.lock)
    except JobError:  # another user's
        descriptor = None
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _newest_first(jobs: Path) -> list[JobFolder]:
    with FolderHandle.reach(jobs) as opened:
        names = sorted((name for name in opened.names() if is_job_id(name)), reverse=True)
    return [JobFolder(jobs / name) for name in names]


def _remove(folder: JobFolder) -> None:
    # The work first: without it nobody resumes a job whose checkpoints are half gone.
    remove_file(folder.work)
    remove_tree(folder.parts, ignore_errors=True)
    remove_tree(folder.checkpoints, ignore_errors=True)


def _size(place: Path) -> int:
    """The bytes of a file, or of all files in a folder; none of a link."""
    with contextlib.suppress(OSError), FolderHandle.reach(place.parent) as above:
        if not above.is_folder(place.name):
            return above.lstat(place.name).st_size if above.is_plain(place.name) else 0
        with above.folder(place.name) as top:
            return sum(inner.lstat(name).st_size for _, inner, _, files in top.walk() for name in files)
    return 0
