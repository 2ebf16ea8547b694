"""What stays of jobs that have ended, on folders that are made by hand."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from jlabel.errors import JobError
from jlabel.jobs import Job, Jobs, retention
from jlabel.jobs.events import append_event
from jlabel.jobs.folder import JobFolder, JobRequest
from jlabel.jobs.locks import take_lock
from jlabel.jobs.retention import tidy

GOOD = b"how far it got"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "jobs"


def make(folder: Path, number: int, state: str, size: int = len(GOOD), days: float = 0.0) -> JobFolder:
    """A job that ended so many days ago, with a checkpoint, a cache, and what a kill leaves of a half-written file."""
    job_id = f"20260101-000000-{number:06}-0000"
    job = JobFolder(folder / job_id)
    job.scratch.mkdir(parents=True)
    job.write_request(JobRequest(job_id, "train", "x"))
    job.work.write_bytes(b"")
    (job.scratch / "prepared").write_bytes(b"can be made again")
    (job.checkpoints / ".jlabel-0123456789abcdef.tmp").write_bytes(b"half")
    if size:
        (job.checkpoints / "last.pt").write_bytes(GOOD.ljust(size)[:size])
    (job.path / "weights").write_bytes(b"the work's own")
    append_event(job.events, {"state": state, "time": time.time() - days * 86400})
    return job


def left(job: JobFolder) -> list[str]:
    return sorted(file.name for file in job.checkpoints.rglob("*")) if job.checkpoints.exists() else []


def test_a_job_that_is_done_keeps_what_it_found_and_no_checkpoint(folder: Path) -> None:
    job = make(folder, 1, "done")
    tidy(job)
    assert (left(job), job.work.exists()) == ([], False)
    assert (job.path / "weights").exists()
    assert (Job(job).state, Job(job).can_resume) == ("done", False)


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_job_that_can_be_resumed_keeps_its_last_checkpoint(folder: Path, state: str) -> None:
    job = make(folder, 1, state)
    tidy(job)
    assert left(job) == ["last.pt"]
    assert Job(job).can_resume
    assert "can be resumed" in repr(Job(job))


def test_what_a_killed_supervisor_left_is_tidied_by_the_next_job(folder: Path) -> None:
    done, failed, own = (make(folder, n, state) for n, state in enumerate(("done", "failed", "cancelled")))
    tidy(own)
    assert [left(done), left(failed), left(own)] == [[], ["last.pt"], ["last.pt"]]


def test_the_checkpoints_of_the_newest_jobs_are_kept_and_the_others_say_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MOST_JOBS", 2)
    old, second, without, own = (make(folder, n, "failed", size) for n, size in enumerate((14, 14, 0, 14)))
    tidy(own)
    assert [left(job) for job in (old, second, without, own)] == [[], ["last.pt"], [], ["last.pt"]]
    gone = Jobs(folder).list()[0]
    assert gone.notes == [
        "its checkpoints were removed: those of the newest 2 jobs that can be resumed are kept. Begin a new job"
    ]
    assert "cannot be resumed" in repr(gone)
    with pytest.raises(JobError, match="cannot be resumed, its checkpoints were removed to make room"):
        Jobs(folder).resume(gone)
    # One without any is resumed from its beginning, and takes nobody's place.
    assert Job(without).can_resume


def test_they_are_bounded_in_bytes_but_for_the_newest(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "MOST_BYTES", 1024)
    large, small, own = (make(folder, n, "failed", size) for n, size in enumerate((1000, 100, 500)))
    tidy(own)
    assert [left(job) for job in (large, small, own)] == [[], ["last.pt"], ["last.pt"]]
    huge = make(folder, 9, "failed", 5000)
    tidy(huge)
    assert [left(job) for job in (own, huge)] == [[], ["last.pt"]]


def test_they_are_kept_for_a_month(folder: Path) -> None:
    old, young, own = (make(folder, n, "cancelled", days=days) for n, days in enumerate((31, 29, 0)))
    tidy(own)
    assert [left(job) for job in (old, young)] == [[], ["last.pt"]]
    assert "ended more than 30 days ago" in Job(old).notes[0]


def test_a_job_that_somebody_works_on_is_left_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "MOST_JOBS", 0)
    running, own = make(folder, 1, "running"), make(folder, 2, "failed")
    descriptor = take_lock(running.lock)
    assert descriptor is not None
    before = left(running)
    tidy(own)
    assert left(running) == before
    os.close(descriptor)


def test_a_folder_that_is_gone_is_nothing_to_tidy(folder: Path) -> None:
    tidy(JobFolder(folder / "20260101-000000-000001-0000"))
    assert not folder.exists()
