"""Jobs on a cluster as a person meets them."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from jlabel.errors import JobError
from jlabel.jobs import Jobs
from jlabel.jobs.dask import DaskRunner
from jlabel.jobs.dask.connection import Connection
from tests.jobs import works
from tests.jobs.dask.clusters import Cluster
from tests.jobs.dask.marks import Mark, MarkAll, times
from tests.jobs.test_jobs import until


def test_a_job_runs_on_a_worker_and_every_kernel_sees_how_far_it_is(jobs: Jobs, cluster: Cluster, signs: Path) -> None:
    job = jobs.start("count", "to six", works.Count(6, 0.1, signs), options={"end": 6})
    until(lambda: (signs / "2").exists())
    here, elsewhere = Jobs(jobs.folder), Jobs(jobs.folder, runner=DaskRunner(cluster.address))
    assert [each.get(job.id).state for each in (here, elsewhere)] == ["running", "running"]
    assert here.resume(job.id).state == "running"
    assert job.wait(60)
    assert (job.state, job.error, job.device, job.log.count("begins at")) == ("done", "", "cpu", 1)
    assert [row["epoch"] for row in job.metrics] == [1, 2, 3, 4, 5, 6]
    assert here.get(job.id).result == job.result
    until(lambda: not job.folder.work.exists())


def test_a_job_has_the_threads_of_its_worker_and_steps_back_behind_nobody(jobs: Jobs) -> None:
    job = jobs.start("look", "around", works.environment, nice=7)
    assert job.wait(60)
    assert (job.result["threads"], job.result["omp"], job.result["nice"]) == (1, "1", os.nice(0))


def test_a_cancelled_job_goes_on_where_it_was_and_one_that_waits_is_cancelled_at_once(jobs: Jobs, signs: Path) -> None:
    running = jobs.start("count", "on", works.Count(40, 0.3, signs))
    held = jobs.start("hold", "a", works.Hold(signs, "a"))
    until(lambda: (signs / "2").exists() and (signs / "a").exists())
    waiting = jobs.start("count", "behind", works.Count(1))
    time.sleep(0.5)
    assert waiting.state == "queued"
    waiting.cancel()
    assert waiting.wait(20)
    running.cancel()
    assert running.wait(60)
    assert (waiting.state, running.state, held.state) == ("cancelled", "cancelled", "running")
    (signs / "release-a").touch()
    assert jobs.resume(running).wait(60)
    assert (running.state, running.result["begun"] >= 2) == ("done", True)
    assert jobs.resume(waiting).wait(60)
    assert (waiting.state, held.wait(30), held.state) == ("done", True, "done")


def test_parts_are_shared_out_each_is_done_once_and_one_that_fails_is_named(jobs: Jobs, signs: Path) -> None:
    job = jobs.start("infer", "marks", MarkAll(Mark(signs, 0.05, bad=(3,)), 60))
    assert job.wait(60)
    assert job.state == "done", job.error
    assert job.result == {"done": 59, "left_out": {"3": "there is no 3"}, "processes": 2, "own": False}
    assert [number for number in range(60) if times(signs, number) != 1] == [3]
    until(lambda: not job.folder.parts.exists())


def test_parts_that_wait_are_not_begun_once_a_job_is_cancelled(jobs: Jobs, signs: Path) -> None:
    job = jobs.start("infer", "marks", MarkAll(Mark(signs, 0.1), 400))
    until(lambda: (signs / "2").exists())
    job.cancel()
    assert job.wait(30)
    assert job.state == "cancelled"
    time.sleep(0.5)
    done = len(list(signs.iterdir()))
    time.sleep(0.5)
    assert len(list(signs.iterdir())) == done < 400


def break_at_five(item: int, run: object) -> int:
    return 1 // (item - 5)


@dataclass
class Breaking:
    split: bool = True

    def __call__(self, run):
        return {"found": len(list(run.map(break_at_five, range(10))))}


def test_a_part_that_breaks_ends_the_job_with_its_words_and_where_it_was(jobs: Jobs) -> None:
    job = jobs.start("infer", "breaks", Breaking())
    assert job.wait(60)
    assert job.state == "failed"
    assert "5: ZeroDivisionError" in job.error
    assert "test_runner.py" in job.log


def test_a_gpu_that_no_worker_offers_is_refused_before_there_is_a_job(jobs: Jobs) -> None:
    with pytest.raises(JobError, match=r"no worker offers 2 of the resource 'GPU' .* offers 0\); .*--resources GPU=2"):
        jobs.start("train", "x", works.Count(1), device=["cuda:0", "cuda:1"])
    assert jobs.list() == []


def test_a_worker_that_offers_a_gpu_gets_the_job_and_its_machine_is_asked_for_it(jobs: Jobs, cluster: Cluster) -> None:
    offers = cluster.add("--resources", "GPU=1")
    cluster.wait(3)
    job = jobs.start("train", "x", works.Count(1))
    assert job.wait(60)
    cluster.kill(offers)
    cluster.wait(2)
    assert job.request.device == "auto"
    assert "device 'cuda:0' was asked for, and this machine has 0 GPUs" in job.error


@dataclass
class Where:
    place: Path

    def __call__(self, run):
        return {"place": str(self.place), "folder": str(run.folder), "there": self.place.exists()}


def test_a_folder_that_workers_have_elsewhere_is_found_there(tmp_path: Path, cluster: Cluster) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.symlink_to(here)
    lost = Jobs(here / "jobs", runner=DaskRunner(cluster.address, paths={str(here): "/nowhere"}))
    with pytest.raises(JobError, match=r"worker tcp://.* /nowhere/jobs/.* is not there.*paths="):
        lost.start("where", "x", Where(here))
    (job,) = lost.list()
    assert (job.state, "/nowhere" in job.error) == ("failed", True)
    moved = DaskRunner(cluster.address, paths={str(here): str(there)})
    assert Jobs(here / "jobs", runner=moved).resume(job.id).wait(60)
    assert job.result == {"place": str(there), "folder": str(there / "jobs" / job.id), "there": True}, job.error
    moved.close()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (
            "import distributed.versions as v; v.get_system_info = lambda: {'python': '3.99.1.final.0'}",
            "python is .*3.99",
        ),
        ("import jlabel; jlabel.__version__ = '0.0.9'", "jlabel is .* and 0.0.9 on tcp://"),
    ],
)
def test_a_worker_with_another_version_is_named(jobs: Jobs, cluster: Cluster, code: str, words: str) -> None:
    other = cluster.add(code=code)
    cluster.wait(3)
    try:
        with pytest.raises(JobError, match=words):
            jobs.start("count", "x", works.Count(1))
    finally:
        cluster.kill(other)
        cluster.wait(2)
    assert jobs.list() == []


def test_a_scheduler_that_is_not_there_is_named(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path / "jobs", runner=DaskRunner("tcp://127.0.0.1:9", timeout=1))
    with pytest.raises(JobError, match=r"the Dask scheduler tcp://127\.0\.0\.1:9 does not answer"):
        jobs.start("count", "x", works.Count(1))


def test_a_cluster_inside_of_this_process_is_refused() -> None:
    class Inside:
        scheduler_address = "inproc://127.0.0.1/1/1"

    with pytest.raises(JobError, match="processes=True"):
        Connection(Inside()).address  # noqa: B018 - asking is what is tested


@pytest.mark.parametrize("cluster", [3, "scheduler", None])
def test_what_is_no_cluster_is_refused(cluster: object) -> None:
    with pytest.raises(JobError, match="a cluster is an address"):
        DaskRunner(cluster)
    with pytest.raises(JobError, match="lease"):
        DaskRunner("tcp://scheduler:8786", lease=0)
