"""What can go wrong with a job, with real processes, kills and full disks."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jlabel.files.presence import is_locked
from jlabel.jobs import Job, Jobs
from jlabel.jobs.worker import main as work_on
from tests.jobs import works
from tests.jobs.test_jobs import until


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (works.fail, ["ValueError: three is not four", "the last thing it said", "works.py"]),
        (works.fail_in_words, ["there are no labels yet"]),
        (works.use_no_memory_left, ["out of memory"]),
        (works.crash, ["crashed: SIGABRT", "Fatal Python error"]),
        (works.vanish, ["exit code 7"]),
        (works.fill_the_disk, ["File too large", "What was there before is unchanged"]),
    ],
)
def test_a_job_that_fails_says_why(jobs: Jobs, work, words) -> None:
    job = jobs.start("fail", "x", work, device="cpu")
    assert job.wait(60)
    assert job.state == "failed"
    for text in words:
        assert text in job.error
    if work is works.fill_the_disk:
        assert [(file.name, file.read_bytes()) for file in job.folder.checkpoints.iterdir()] == [("last", b"good")]


def test_a_killed_child_is_told_of_and_gone_on_with_at_random_moments(jobs: Jobs, signs: Path) -> None:
    chance = random.Random(1)
    job = jobs.start("count", "x", works.Count(60, 0.1, signs), device="cpu")
    for _ in range(3):
        until(lambda: _workers(job) and children(_workers(job)[0]))
        time.sleep(chance.uniform(0.0, 3.0))
        (child,) = children(_workers(job)[0])
        os.kill(child, signal.SIGKILL)
        assert job.wait(30)
        assert job.state == "failed"
        assert "ended from outside by SIGKILL" in job.error
        jobs.resume(job)
    assert job.wait(60)
    assert job.state == "done"
    assert [row["epoch"] for row in job.metrics] == list(range(1, 61))


def test_when_every_process_of_a_job_is_killed_the_next_look_says_so(jobs: Jobs, signs: Path) -> None:
    job = jobs.start("hold", "a", works.Hold(signs, "a"), device="cpu")
    until(lambda: (signs / "a").exists())
    for pid in (*_workers(job), int((signs / "a").read_text())):
        os.kill(pid, signal.SIGKILL)
    until(lambda: not is_locked(job.folder.lock), 5)
    assert job.state == "failed"
    assert "killed from outside" in job.error
    assert Jobs(jobs.folder).get(job.id).error == job.error
    (signs / "release-a").touch()
    assert jobs.resume(job).wait(60)
    assert job.state == "done"


def test_the_work_outlives_its_supervisor(jobs: Jobs, signs: Path) -> None:
    job = jobs.start("hold", "a", works.Hold(signs, "a"), device="cpu")
    until(lambda: (signs / "a").exists())
    os.kill(_workers(job)[0], signal.SIGKILL)
    after = jobs.start("count", "b", works.Count(1), device="cpu")
    time.sleep(0.5)
    assert (job.state, after.state) == ("running", "queued")
    (signs / "release-a").touch()
    assert job.wait(30)
    assert after.wait(60)
    assert (job.state, after.state) == ("done", "done")


def test_the_work_outlives_a_killed_kernel_and_nothing_is_done_twice(jobs: Jobs, tmp_path: Path) -> None:
    kernel = tmp_path / "kernel.py"
    kernel.write_text(f"""
import sys, time
from pathlib import Path
from jlabel.jobs import Jobs
from tests.jobs import works
print(Jobs(Path({str(jobs.folder)!r})).start("count", "x", works.Count(10, 0.1), device="cpu").id, flush=True)
time.sleep(600)
""")
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen([sys.executable, str(kernel)], stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        job_id = process.stdout.readline().strip()
        process.kill()
    job = jobs.get(job_id)
    assert job.state in ("queued", "running")
    assert jobs.resume(job).state in ("queued", "running")
    assert work_on([str(job.folder.path)]) == 1
    assert job.wait(60)
    assert job.state == "done"
    assert job.log.count("begins at") == 1


def test_a_killed_job_that_this_user_may_only_read_is_seen_as_failed(jobs: Jobs, signs: Path) -> None:
    job = jobs.start("hold", "a", works.Hold(signs, "a"), device="cpu")
    until(lambda: (signs / "a").exists())
    for pid in (*_workers(job), int((signs / "a").read_text())):
        os.kill(pid, signal.SIGKILL)
    until(lambda: not is_locked(job.folder.lock), 5)
    before = job.folder.events.read_bytes()
    lock = job.folder.lock.read_bytes()
    job.folder.lock.unlink()
    job.folder.lock.mkdir()  # opened for writing by nobody, the test's superuser among them
    assert "killed from outside" in Jobs(jobs.folder).get(job.id).error
    assert job.folder.events.read_bytes() == before
    job.folder.lock.rmdir()
    job.folder.lock.write_bytes(lock)
    assert job.state == "failed"


def test_a_job_waits_for_one_that_runs_on_its_device_under_another_lock(
    jobs: Jobs, signs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = jobs.start("hold", "a", works.Hold(signs, "a"), device="cpu")
    until(lambda: (signs / "a").exists())
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "elsewhere"))
    second = jobs.start("count", "b", works.Count(1), device="cpu")
    until(lambda: second.record().device == "cpu")
    time.sleep(0.5)
    assert (first.state, second.state) == ("running", "queued")
    (signs / "release-a").touch()
    assert second.wait(60)
    assert second.state == "done"


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_job_whose_folder_is_deleted_ends(jobs: Jobs, signs: Path, stubborn: bool) -> None:
    job = jobs.start("hold", "a", works.Hold(signs, "a", stubborn), grace=0.2, device="cpu")
    until(lambda: (signs / "a").exists())
    (worker,) = _workers(job)
    # At once: while files are removed one by one, the job may write another one.
    shutil.rmtree(job.folder.path.rename(signs / "deleted"))
    until(lambda: not _is_alive(int((signs / "a").read_text())) and not _is_alive(worker))
    assert Jobs(jobs.folder).list() == []


def _is_alive(pid: int) -> bool:
    # One that this process has not taken note of yet is dead all the same.
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _workers(job: Job) -> list[int]:
    """The processes that supervise the job."""
    wanted = f"jlabel.jobs.worker\0{job.folder.path}\0".encode()
    found = []
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if process.name.isdigit() and wanted in (process / "cmdline").read_bytes():
                found.append(int(process.name))
    return found
