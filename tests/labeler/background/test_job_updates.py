"""What is new about a job: found out cheaply, told once, and in a form that is JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jlabel.jobs import Job, Jobs
from jlabel.jobs.events import append_event
from jlabel.jobs.folder import JobFolder, JobRequest
from jlabel.labeler.background.job_updates import JobUpdates, job_info
from tests.jobs import works

ID = "20260102-030405-000006-abcd"


class Elsewhere:
    """Whoever carries the job out in these tests: the test, which says what happens."""

    def __init__(self) -> None:
        self.alive = True

    def start(self, folder: JobFolder, lock: int) -> None:
        raise AssertionError("these jobs are begun by hand")

    def check(self, device: str) -> None:
        pass

    def ending(self, folder: JobFolder) -> dict[str, str]:
        return {"state": "failed", "error": "killed from outside"}

    def is_alive(self, folder: JobFolder) -> bool:
        return self.alive


@pytest.fixture
def elsewhere() -> Elsewhere:
    return Elsewhere()


@pytest.fixture
def job(tmp_path: Path, elsewhere: Elsewhere) -> Job:
    folder = JobFolder(tmp_path / ID)
    folder.path.mkdir()
    folder.request.write_text(JobRequest(ID, "train", "liver", created=5.0).to_json())
    append_event(folder.events, {"state": "queued"})
    return Job(folder, runner=elsewhere)


def happens(job: Job, **event: Any) -> None:
    append_event(job.folder.events, event)


def epoch(job: Job, number: int, **metrics: float) -> None:
    happens(job, metrics={"epoch": number, **metrics})


def test_a_look_finds_what_happened_since_the_last(job: Job) -> None:
    updates = JobUpdates(job)
    assert updates.look()
    assert not updates.look()
    for event in ({"state": "running"}, {"progress": 0.5}, {"metrics": {"epoch": 1}}, {"note": "a is left out"}):
        happens(job, **event)
        assert updates.look(), event
        assert not updates.look(), event


def test_a_job_that_was_killed_is_found_out_though_it_said_nothing(job: Job, elsewhere: Elsewhere) -> None:
    happens(job, state="running")
    updates = JobUpdates(job)
    updates.look()
    elsewhere.alive = False
    assert updates.look()
    assert job.state == "failed"
    # Its end was written down at that look, so that its file has grown once more.
    updates.look()
    assert not updates.look()


def test_of_a_job_that_has_ended_the_file_alone_is_looked_at(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    happens(job, state="done")
    updates = JobUpdates(job)
    assert updates.look()
    updates.look()
    monkeypatch.setattr(job, "record", lambda: pytest.fail("its events were read again"))
    assert not updates.look()


def test_a_job_that_goes_on_after_its_end_is_news_again(job: Job) -> None:
    happens(job, state="cancelled")
    updates = JobUpdates(job)
    updates.look()
    happens(job, state="queued")
    assert updates.look()
    assert job.state == "queued"


def test_a_job_whose_folder_was_removed_is_no_news(job: Job) -> None:
    updates = JobUpdates(job)
    updates.look()
    job.folder.events.unlink()
    assert not updates.look()


def test_rows_are_told_once_and_again_when_they_are_others(job: Job) -> None:
    updates = JobUpdates(job)
    epoch(job, 2, loss=0.4)
    epoch(job, 1, loss=0.8)
    assert updates.rows() == [{"epoch": 1, "loss": 0.8}, {"epoch": 2, "loss": 0.4}]
    assert updates.rows() == []
    epoch(job, 3, loss=0.2)
    # The validation of an epoch comes after its loss.
    epoch(job, 2, val_mean_dice=0.7)
    assert updates.rows() == [{"epoch": 2, "loss": 0.4, "val_mean_dice": 0.7}, {"epoch": 3, "loss": 0.2}]
    assert [row["epoch"] for row in updates.rows(whole=True)] == [1, 2, 3]
    assert updates.rows() == []


def test_a_loss_that_is_no_number_is_none_in_json(job: Job) -> None:
    epoch(job, 1, loss=float("nan"), val_mean_dice=float("inf"))
    [row] = JobUpdates(job).rows()
    assert row == {"epoch": 1, "loss": None, "val_mean_dice": None}
    told = json.dumps(msgspec.to_builtins(job_info(job)), allow_nan=False)
    assert json.loads(told)["loss"] is None


def test_how_a_running_job_stands(job: Job) -> None:
    happens(job, state="running", device="cuda:1")
    happens(job, progress=0.25, left=1000.0)
    epoch(job, 1, loss=0.9, val_mean_dice=0.1)
    epoch(job, 2, loss=0.5, val_mean_dice=0.3)
    told = job_info(job)
    assert (told.id, told.kind, told.name, told.title) == (ID, "train", "liver", "Training liver")
    assert (told.state, told.progress, told.device, told.begun) == ("running", 0.25, "cuda:1", 5.0)
    assert (told.epoch, told.loss, told.score, told.score_name) == (2, 0.5, 0.3, "val_mean_dice")
    assert told.left is not None
    # It counts down from what the job said, whose time is written down to the millisecond.
    assert 0 < told.left < 1001
    assert (told.outcome, told.error, told.can_resume) == ("", "", False)


def test_an_epoch_that_was_not_scored_has_no_score(job: Job) -> None:
    epoch(job, 1, loss=0.9, val_mean_dice=0.1)
    epoch(job, 2, loss=0.5)
    assert (job_info(job).score, job_info(job).score_name) == (None, "val_mean_dice")


def test_a_job_that_said_nothing_yet_has_neither_epoch_nor_score(job: Job) -> None:
    told = job_info(job)
    assert (told.state, told.epoch, told.loss, told.score, told.score_name) == ("queued", None, None, None, None)


def test_a_message_about_a_job_stays_small(job: Job) -> None:
    for number in range(100):
        happens(job, note=f"image {number} is left out: " + "x" * 10_000)
    happens(job, state="failed", error="y" * 100_000)
    told = job_info(job)
    assert len(told.notes) == 20
    # What was not begun here cannot be resumed, and says so behind all that it said itself.
    assert told.notes[-2].startswith("image 99 ")
    assert told.notes[-1].startswith("this job cannot be resumed")
    assert len(msgspec.json.encode(told)) < 100_000


def test_what_came_of_it_is_said_in_words(job: Job) -> None:
    happens(job, state="done", result={"version": 3, "in_use": True, "note": ""})
    told = job_info(job)
    assert (told.state, told.progress) == ("done", 1.0)
    assert told.outcome == "Version 3 was published; it is in use."


@pytest.fixture
def jobs(tmp_path: Path, own_locks: Path) -> Iterator[Jobs]:
    jobs = Jobs(tmp_path / "jobs")
    yield jobs
    for job in jobs.list():
        job.cancel()
        assert job.wait(60)


def test_a_real_job_is_news_to_its_end(jobs: Jobs) -> None:
    job = jobs.start("train", "count", works.Count(3), device="cpu")
    updates, rows = JobUpdates(job), []
    assert job.wait(120)
    assert updates.look()
    rows += updates.rows()
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    assert not updates.look()
    assert (job_info(job).state, job_info(job).loss, job_info(job).device) == ("done", 1 / 3, "cpu")
