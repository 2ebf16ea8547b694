"""Whose a job is: its work runs where this user signed it for that folder, and nowhere else."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from jlabel.errors import JobError
from jlabel.files import sealing
from jlabel.jobs import Job, Jobs
from jlabel.jobs.folder import JobFolder
from jlabel.jobs.locks import take_lock
from jlabel.jobs.work import FOREIGN, check_own, read_work, write_work
from jlabel.jobs.worker import main as work_on
from tests.jobs import works

OLD = Path(__file__).parents[1] / "data" / "v0_1_0" / "jobs"


class Evil:
    """Runs on loading."""

    def __init__(self, sign: Path) -> None:
        self.sign = sign

    def __reduce__(self):
        return os.system, (f"touch {self.sign}",)


@pytest.fixture
def failed(jobs: Jobs) -> Job:
    """A job of this user that can be resumed."""
    job = jobs.start("fail", "x", works.fail, device="cpu")
    assert job.wait(60)
    assert job.can_resume
    return job


@pytest.fixture
def other_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Has somebody else's key from the call on."""
    return lambda: monkeypatch.setenv(sealing.KEY_VARIABLE, str(tmp_path / "another" / "job.key"))


def replace_work(job: Job, sign: Path, _: Path) -> None:
    job.folder.work.write_bytes(pickle.dumps(Evil(sign)))


def put_evil_work_under_the_seal(job: Job, sign: Path, _: Path) -> None:
    head, signature, _work = job.folder.work.read_bytes().split(b"\n", 2)
    job.folder.work.write_bytes(b"\n".join([head, signature, pickle.dumps(Evil(sign))]))


def change_the_request(job: Job, _: Path, elsewhere: Path) -> None:
    fields = json.loads(job.folder.request.read_text())
    job.folder.request.write_text(json.dumps(fields | {"paths": [str(elsewhere), *fields["paths"]]}))


def leave_the_signature_out(job: Job, _: Path, __: Path) -> None:
    fields = json.loads(job.folder.request.read_text())
    del fields["signature"]
    job.folder.request.write_text(json.dumps(fields))


def take_the_work_of_another_job(job: Job, _: Path, __: Path) -> None:
    other = Jobs(job.folder.path.parent).start("count", "y", works.Count(1000, 0.1), device="cpu")
    job.folder.work.write_bytes(other.folder.work.read_bytes())
    other.cancel()
    assert other.wait(30)


def make_the_work_a_link(job: Job, sign: Path, elsewhere: Path) -> None:
    (elsewhere / "work").write_bytes(pickle.dumps(Evil(sign)))
    job.folder.work.unlink()
    job.folder.work.symlink_to(elsewhere / "work")


def make_the_work_a_pipe(job: Job, _: Path, __: Path) -> None:
    job.folder.work.unlink()
    os.mkfifo(job.folder.work)


@pytest.mark.parametrize(
    "meddle",
    [
        replace_work,
        put_evil_work_under_the_seal,
        change_the_request,
        leave_the_signature_out,
        take_the_work_of_another_job,
        make_the_work_a_link,
        make_the_work_a_pipe,
    ],
)
def test_work_that_somebody_meddled_with_never_runs(
    jobs: Jobs, failed: Job, signs: Path, tmp_path: Path, meddle
) -> None:
    meddle(failed, signs / "ran", tmp_path)
    again = Jobs(jobs.folder)
    [found] = [job for job in again.list() if job.id == failed.id]
    before = found.folder.events.read_bytes()
    with pytest.raises(JobError):
        again.resume(found)
    assert work_on([str(found.folder.path)]) == 0 or "failed" in Job(found.folder).state
    assert not (signs / "ran").exists()
    assert before in found.folder.events.read_bytes()


def test_a_job_of_somebody_else_is_listed_says_so_and_can_be_removed(jobs: Jobs, failed: Job, other_key) -> None:
    other_key()
    [found] = Jobs(jobs.folder).list()
    assert (found.state, found.can_resume, found.is_own) == ("failed", False, False)
    assert found.notes == [FOREIGN]
    assert "cannot be resumed (not begun here by you)" in repr(found)
    assert FOREIGN in found._repr_mimebundle_()["text/html"]
    with pytest.raises(JobError, match=r"not begun here by you.*Begin a new job"):
        jobs.resume(found)
    jobs.remove(found)
    assert Jobs(jobs.folder).list() == []
    with pytest.raises(JobError, match="there is no job"):
        jobs.remove(found)


def test_a_job_counts_in_its_own_folder_alone(failed: Job, tmp_path: Path) -> None:
    elsewhere = tmp_path / "received" / "jobs"
    shutil.copytree(failed.folder.path.parent, elsewhere)
    [found] = Jobs(elsewhere).list()
    assert (found.is_own, found.can_resume) == (False, False)
    with pytest.raises(JobError, match="not begun here by you"):
        Jobs(elsewhere).resume(found)


def test_a_job_is_ones_own_through_a_link_above_its_folder_too(failed: Job, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(failed.folder.path.parent.parent)
    [found] = Jobs(tmp_path / "link" / failed.folder.path.parent.name).list()
    assert found.can_resume


@pytest.mark.parametrize("mode", [0o777, 0o666, 0o444])
def test_a_file_system_without_modes_is_no_hindrance(jobs: Jobs, failed: Job, mode: int) -> None:
    for file in failed.folder.path.rglob("*"):
        file.chmod(0o777 if file.is_dir() else mode | 0o200)
    jobs.resume(failed)
    assert failed.wait(60)
    assert "three is not four" in failed.error


def test_a_job_goes_on_on_another_device_and_is_still_ones_own(jobs: Jobs, failed: Job) -> None:
    jobs.resume(failed, "cpu,cpu")
    assert failed.wait(60)
    assert Job(failed.folder).can_resume
    assert Job(failed.folder).request.device == "cpu,cpu"


def test_jobs_of_the_first_version_are_listed_and_begun_anew(tmp_path: Path) -> None:
    shutil.copytree(OLD, tmp_path / "jobs")
    jobs = Jobs(tmp_path / "jobs")
    found = jobs.list()
    assert {job.name for job in found} == {"segmentation", "deepgrow_3d", "deepedit", "click"}
    assert {job.state for job in found} == {"cancelled"}
    assert not any(job.can_resume for job in found)
    with pytest.raises(JobError, match="Begin a new job"):
        jobs.resume(found[0])


def test_a_job_that_runs_is_not_removed(jobs: Jobs, signs: Path) -> None:
    job = jobs.start("hold", "a", works.Hold(signs, "a"), device="cpu")
    with pytest.raises(JobError, match="has not ended: cancel it first"):
        jobs.remove(job)
    job.cancel()
    assert job.wait(30)


def test_a_job_is_removed_while_others_write_in_its_folder(jobs: Jobs, failed: Job) -> None:
    stop = threading.Event()

    def meddle() -> None:
        """As one who makes room, or a last process of the job."""
        while not stop.is_set():
            with contextlib.suppress(OSError, JobError):
                descriptor = take_lock(failed.folder.lock)
                (failed.folder.path / "file").write_text("x")
                if descriptor is not None:
                    os.close(descriptor)

    writers = [threading.Thread(target=meddle) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        jobs.remove(failed)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert not any(jobs.folder.iterdir())


def test_a_job_whose_processes_are_not_gone_yet_is_not_removed(
    jobs: Jobs, failed: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jlabel.jobs.jobs._PATIENCE", 0.1)
    descriptor = take_lock(failed.folder.lock, 60)
    assert descriptor is not None
    with pytest.raises(JobError, match="not quite ended yet"):
        jobs.remove(failed)
    os.close(descriptor)
    jobs.remove(failed)
    assert jobs.list() == []


def test_work_is_loaded_for_the_place_that_it_was_written_for(tmp_path: Path) -> None:
    write_work(tmp_path / "work", works.fail, "here")
    assert read_work(tmp_path / "work", "here") is works.fail
    with pytest.raises(JobError, match="not begun here by you"):
        read_work(tmp_path / "work", "there")
    with pytest.raises(JobError, match="cannot be read"):
        read_work(tmp_path / "nowhere", "here")


def test_a_folder_in_a_job_that_is_a_link_is_refused_by_name(failed: Job, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    shutil.rmtree(failed.folder.checkpoints)
    failed.folder.checkpoints.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(JobError, match="checkpoints is a link"):
        check_own(JobFolder(failed.folder.path))
