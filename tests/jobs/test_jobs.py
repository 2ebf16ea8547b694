"""Jobs as a person meets them: begun, followed, stopped, gone on with, from one kernel or several."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jlabel.errors import JobError
from jlabel.jobs import Job, Jobs
from jlabel.resources import available_cores
from tests.jobs import works


def until(condition, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_a_job_runs_in_a_process_of_its_own_and_says_how_far_it_is(jobs: Jobs) -> None:
    job = jobs.start("count", "to four", works.Count(4), options={"end": 4}, device="cpu")
    assert job.state in ("queued", "running")
    assert job.wait(60)
    assert (job.state, job.progress, job.error, job.time_left) == ("done", 1.0, "", None)
    assert job.metrics == [{"epoch": n, "loss": 1 / n} for n in (1, 2, 3, 4)]
    assert job.result["pid"] != os.getpid()
    assert "begins at 0" in job.log
    assert (job.kind, job.name, job.request.options) == ("count", "to four", {"end": 4})
    assert "done" in repr(job)
    with pytest.raises(JobError, match="is done"):
        jobs.resume(job)


def test_a_job_steps_back_and_leaves_a_core_to_the_person(jobs: Jobs) -> None:
    job = jobs.start("look", "around", works.environment, nice=3, device="cpu")
    assert job.wait(60)
    found = job.result
    assert found["nice"] == min(19, os.nice(0) + 3)
    assert found["session"] == found["pid"] != os.getsid(0)
    # Where Linux weighs sessions, the niceness of a process alone would change nothing for other sessions.
    assert not found["autogroup"] or found["autogroup"].split()[-1] == str(found["nice"])
    assert found["threads"] == int(found["omp"]) == max(1, available_cores() - 1)
    assert (found["device"], job.device) == ("cpu", "cpu")
    assert not found["torch"]


def test_a_job_has_the_threads_that_were_asked_for(jobs: Jobs) -> None:
    job = jobs.start("look", "around", works.environment, device="cpu", threads=3)
    assert job.wait(60)
    assert job.result["threads"] == int(job.result["omp"]) == job.request.threads == 3


def test_jobs_on_one_device_run_one_at_a_time_in_order(jobs: Jobs, signs: Path) -> None:
    begun = [jobs.start("hold", name, works.Hold(signs, name), device="cpu") for name in ("a", "b", "c")]
    until(lambda: (signs / "a").exists())
    jobs_of_another_kernel = Jobs(jobs.folder)
    assert [job.id for job in jobs_of_another_kernel.list()] == [job.id for job in begun]
    assert [job.state for job in jobs_of_another_kernel.list()] == ["running", "queued", "queued"]
    for name in ("c", "b", "a"):
        (signs / f"release-{name}").touch()
    assert all(job.wait(60) for job in begun)
    assert (signs / "order").read_text().split() == ["a", "b", "c"]


def test_a_job_that_waits_is_cancelled_at_once_and_one_that_runs_keeps_its_checkpoint(jobs: Jobs, signs: Path) -> None:
    running = jobs.start("count", "far", works.Count(100_000, 0.05, signs), device="cpu")
    waiting = jobs.start("hold", "b", works.Hold(signs, "b"), device="cpu")
    until(lambda: (signs / "2").exists())
    waiting.cancel()
    assert waiting.wait(30)
    assert (waiting.state, running.state) == ("cancelled", "running")
    running.cancel()
    assert running.wait(30)
    assert (running.state, running.error) == ("cancelled", "")
    assert int((running.folder.checkpoints / "count").read_text()) >= 2
    assert not (signs / "b").exists()


def test_a_job_that_does_not_stop_is_ended(jobs: Jobs, signs: Path) -> None:
    job = jobs.start("hold", "a", works.Hold(signs, "a", stubborn=True), grace=0.2, device="cpu")
    until(lambda: (signs / "a").exists())
    job.cancel()
    assert job.wait(30)
    assert job.state == "cancelled"
    process = Path(f"/proc/{(signs / 'a').read_text()}")
    until(lambda: not process.exists())


def test_a_cancelled_job_goes_on_where_it_was(jobs: Jobs, signs: Path) -> None:
    job = jobs.start("count", "on", works.Count(6, 0.2, signs), device="cpu")
    until(lambda: (signs / "2").exists())
    job.cancel()
    assert job.wait(30)
    assert jobs.resume(job) is job
    assert job.wait(60)
    assert job.state == "done"
    assert job.result["begun"] >= 2
    assert [row["epoch"] for row in job.metrics] == [1, 2, 3, 4, 5, 6]


def test_classes_of_a_notebook_travel_and_a_second_kernel_follows(jobs: Jobs, tmp_path: Path) -> None:
    cell = f"""
import tempfile
from pathlib import Path
from jlabel.jobs import Jobs

FACTOR = 6

class Mine:
    def __call__(self, run):
        return {{"answer": FACTOR * 7}}

print(Jobs(Path({str(jobs.folder)!r})).start("mine", "cell", Mine(), device="cpu").id)
"""
    script = tmp_path / "cell.py"
    script.write_text(cell)
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    job = jobs.get(done.stdout.strip())
    assert job.wait(60)
    assert job.result == {"answer": 42}, job


def test_a_task_in_a_module_beside_the_notebook_may_be_edited_between_two_jobs(jobs: Jobs, tmp_path: Path) -> None:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    program = f"""
import tempfile
from pathlib import Path
from jlabel.jobs import Jobs
from mytask import Mine
job = Jobs(Path({str(jobs.folder)!r})).start("mine", "module", Mine(), device="cpu")
job.wait(60)
print(job.result, job.error)
"""
    for answer in (1, 22):
        (folder / "mytask.py").write_text(
            f"class Mine:\n    def __call__(self, run):\n        return {{'a': {answer}}}\n"
        )
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder)
        assert done.stdout.strip() == f"{{'a': {answer}}}"


def test_a_job_of_nobody_any_more(jobs: Jobs) -> None:
    with pytest.raises(JobError, match="there is no job"):
        jobs.get("../../etc")
    assert jobs.list() == []


@pytest.mark.parametrize(("device", "words"), [("gpu", "unknown device"), ("cuda", "0 GPUs"), ("cuda:7", "GPUs")])
def test_a_device_that_is_not_there(jobs: Jobs, device: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jlabel.jobs.devices._DRIVERS", ())
    with pytest.raises(JobError, match=words):
        jobs.start("count", "x", works.Count(1), device=device)
    assert jobs.list() == []


def test_work_that_cannot_be_handed_over(jobs: Jobs, tmp_path: Path) -> None:
    with (tmp_path / "open").open("w") as file, pytest.raises(JobError, match="cannot be handed to another process"):
        jobs.start("count", "x", lambda run: {"file": file.name}, device="cpu")
    assert not any(jobs.folder.iterdir())


def test_a_request_that_was_meddled_with_is_left_out(jobs: Jobs) -> None:
    job = jobs.start("count", "x", works.Count(1), device="cpu")
    assert job.wait(60)
    job.folder.request.write_text('{"id": "../../elsewhere"}')
    assert Jobs(jobs.folder).list() == []
    with pytest.raises(JobError, match="cannot be read"):
        Job(job.folder)
