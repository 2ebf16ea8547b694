"""The newest job of a kind is shown to all pages, whoever began it; its end is noticed once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from jlabel.errors import JobError
from jlabel.jobs import Job, Jobs
from jlabel.jobs.events import append_event
from jlabel.jobs.folder import JobFolder, JobRequest
from jlabel.labeler.background.job_follower import JobFollower
from jlabel.labeler.protocol.job_messages import TrainingJob
from jlabel.labeler.protocol.message import Outgoing
from tests.jobs import works


class Elsewhere:
    """Carries nothing out: what happens to a job is written by the test."""

    dead: frozenset[str] = frozenset()

    def start(self, folder: JobFolder, lock: int) -> None:
        raise AssertionError("these jobs are begun by hand")

    def check(self, device: str) -> None:
        pass

    def ending(self, folder: JobFolder) -> dict[str, str]:
        return {"state": "failed", "error": "killed from outside"}

    def is_alive(self, folder: JobFolder) -> bool:
        return folder.path.name not in self.dead


class Studies:
    """Stands for the app manager: the jobs on these studies."""

    def __init__(self, folder: Path) -> None:
        self.runner = Elsewhere()
        self.folder = Jobs(folder, runner=self.runner)
        self.broken = False
        self.begun = 0

    def jobs(self) -> list[Job]:
        if self.broken:
            raise JobError("the folder is not there just now")
        return self.folder.list()

    def beginning(self) -> AbstractContextManager[None]:
        return nullcontext()

    def begin(self, kind: str = "train", name: str = "liver") -> Job:
        self.begun += 1
        job_id = f"20260102-030405-{self.begun:06}-abcd"
        folder = JobFolder(self.folder.folder / job_id)
        folder.path.mkdir(parents=True)
        folder.request.write_text(JobRequest(job_id, kind, name).to_json())
        append_event(folder.events, {"state": "queued"})
        return self.folder.get(job_id)


class Display:
    """Stands for the labeler: hears what the pages are told."""

    def __init__(self, manager: Any) -> None:
        self.manager = manager
        self.lock = threading.RLock()
        self.told: list[TrainingJob] = []

    def publish(self, message: Outgoing, *buffers: bytes) -> None:
        assert isinstance(message, TrainingJob)
        # What comes twice in a row tells a page nothing.
        if message not in self.told[-1:]:
            self.told.append(message)

    def states(self) -> list[str]:
        return [message.job.state for message in self.told]


@pytest.fixture
def studies(tmp_path: Path) -> Studies:
    return Studies(tmp_path / "jobs")


@pytest.fixture
def display(studies: Studies) -> Display:
    return Display(studies)


@pytest.fixture
def ended() -> list[Job]:
    return []


@pytest.fixture
def follower(display: Display, ended: list[Job]) -> JobFollower:
    return JobFollower(display, "train", TrainingJob, ended.append)


def beats(follower: JobFollower, times: int = 4) -> int:
    """So many beats, among which it looks once for another job; how often it did."""
    return sum(follower.beat() for _ in range(times))


def happens(job: Job, **event: Any) -> None:
    append_event(job.folder.events, event)


def test_a_job_that_another_kernel_began_is_told_to_all_pages(
    studies: Studies, display: Display, follower: JobFollower
) -> None:
    beats(follower)
    assert display.told == []
    job = studies.begin()
    beats(follower)
    assert display.states() == ["queued"]
    assert (display.told[0].client, display.told[0].job.id) == (None, job.id)
    beats(follower)
    happens(job, state="running")
    beats(follower, 1)
    assert display.states() == ["queued", "running"]


def test_where_nothing_happens_nothing_is_told(
    studies: Studies, display: Display, follower: JobFollower, monkeypatch: pytest.MonkeyPatch
) -> None:
    happens(studies.begin(), state="running")
    beats(follower, 8)
    monkeypatch.setattr(display, "publish", lambda *_: pytest.fail("the pages were told something"))
    beats(follower, 8)


def test_it_looks_for_other_jobs_at_every_fourth_beat(follower: JobFollower) -> None:
    assert [follower.beat() for _ in range(9)] == [True, False, False, False] * 2 + [True]


def test_jobs_of_another_kind_are_not_told(studies: Studies, display: Display, follower: JobFollower) -> None:
    studies.begin("infer")
    beats(follower)
    assert display.told == []
    assert follower.alive() is None


def test_the_newest_takes_the_place_of_the_one_before(
    studies: Studies, display: Display, follower: JobFollower
) -> None:
    happens(studies.begin(name="old"), state="done")
    beats(follower)
    new = studies.begin(name="new")
    beats(follower)
    assert [message.job.name for message in display.told] == ["old", "new"]
    happens(new, state="running")
    beats(follower, 1)
    assert display.told[-1].job.name == "new"


def test_the_end_of_a_job_that_was_seen_alive_is_noticed_once(
    studies: Studies, follower: JobFollower, ended: list[Job]
) -> None:
    job = studies.begin()
    beats(follower)
    happens(job, state="done")
    beats(follower, 1)
    assert ended == [job]
    # Somebody who writes it down late.
    happens(job, note="the old versions were removed")
    beats(follower, 8)
    assert ended == [job]


def test_a_job_that_had_ended_before_is_shown_and_that_is_all(
    studies: Studies, display: Display, follower: JobFollower, ended: list[Job]
) -> None:
    happens(studies.begin(), state="done")
    beats(follower, 8)
    assert display.states() == ["done"]
    assert ended == []


def test_a_job_that_is_gone_on_with_ends_again(studies: Studies, follower: JobFollower, ended: list[Job]) -> None:
    job = studies.begin()
    beats(follower)
    for state in ("failed", "queued", "done"):
        happens(job, state=state)
        beats(follower, 1)
    assert ended == [job, job]


def test_a_job_that_was_killed_has_ended(
    studies: Studies, display: Display, follower: JobFollower, ended: list[Job]
) -> None:
    job = studies.begin()
    happens(job, state="running")
    beats(follower)
    studies.runner.dead = frozenset({job.id})
    beats(follower, 1)
    assert display.states() == ["running", "failed"]
    assert "killed" in display.told[-1].job.error
    assert ended == [job]


def test_a_new_page_alone_is_told_how_the_job_stands(studies: Studies, display: Display, follower: JobFollower) -> None:
    follower.show_to("early")
    assert display.told == []
    studies.begin()
    beats(follower)
    display.told.clear()
    follower.show_to("late")
    assert [message.client for message in display.told] == ["late"]


def test_while_one_is_alive_no_other_begins(studies: Studies, follower: JobFollower, display: Display) -> None:
    first = follower.begin(studies.begin, "is being trained")
    assert display.told[-1].job.id == first.id
    assert follower.alive() is first
    with pytest.raises(JobError, match=r"^liver is being trained already; wait for it, or cancel it$"):
        follower.begin(studies.begin, "is being trained")
    assert studies.begun == 1
    happens(first, state="cancelled")
    assert follower.alive() is None
    second = follower.begin(studies.begin, "is being trained")
    assert display.told[-1].job.id == second.id


def test_an_older_one_that_still_runs_keeps_others_from_beginning(studies: Studies, follower: JobFollower) -> None:
    older = studies.begin(name="older")
    happens(studies.begin(name="newer"), state="done")
    assert follower.alive() is older
    with pytest.raises(JobError, match="older is being trained"):
        follower.begin(studies.begin, "is being trained")


def test_one_that_cannot_begin_leaves_the_one_before_on_the_screen(
    studies: Studies, display: Display, follower: JobFollower
) -> None:
    happens(studies.begin(), state="done")
    beats(follower)

    def fails() -> Job:
        raise JobError("the disk is full")

    with pytest.raises(JobError, match="the disk is full"):
        follower.begin(fails, "is being trained")
    follower.show_to("page")
    assert [(message.client, message.job.state) for message in display.told] == [(None, "done"), ("page", "done")]


def test_cancelling_stops_the_job_that_is_shown(studies: Studies, follower: JobFollower) -> None:
    follower.cancel()
    job = studies.begin()
    beats(follower)
    follower.cancel()
    assert job.folder.is_cancelled


def test_a_folder_that_cannot_be_read_for_a_while_does_no_harm(
    studies: Studies, display: Display, follower: JobFollower
) -> None:
    job = studies.begin()
    beats(follower)
    studies.broken = True
    happens(job, progress=0.5)
    beats(follower, 8)
    assert [message.job.progress for message in display.told] == [0, 0.5]


@pytest.fixture
def real(tmp_path: Path, own_locks: Path, studies: Studies) -> Iterator[Jobs]:
    studies.folder = Jobs(tmp_path / "real jobs")
    yield studies.folder
    for job in studies.folder.list():
        job.cancel()
        assert job.wait(60)


def test_a_real_job_is_followed_to_its_end(
    real: Jobs, display: Display, follower: JobFollower, ended: list[Job]
) -> None:
    job = follower.begin(lambda: real.start("train", "count", works.Count(2), device="cpu"), "is being trained")
    assert job.wait(120)
    beats(follower)
    assert display.states()[-1] == "done"
    assert display.told[-1].job.epoch == 2
    assert ended == [job]
