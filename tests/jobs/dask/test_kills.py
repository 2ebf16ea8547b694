"""Kernel, workers and scheduler killed while a job runs: nothing is lost, done twice, or without an end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from jlabel.jobs import Jobs
from jlabel.jobs.dask import DaskRunner
from tests.jobs import works
from tests.jobs.dask.clusters import ROOT, Cluster, process_of
from tests.jobs.dask.conftest import LEASE
from tests.jobs.dask.marks import Mark, MarkAll, times
from tests.jobs.test_jobs import until

COUNT = 40


def once(marks: Path) -> bool:
    return [times(marks, number) for number in range(COUNT)] == [1] * COUNT


def test_when_its_worker_is_killed_another_one_goes_on_from_the_checkpoint(
    jobs: Jobs, cluster: Cluster, signs: Path
) -> None:
    job = jobs.start("count", "on", works.Count(12, 0.2, signs))
    until(lambda: (signs / "3").exists())
    cluster.kill(cluster.worker_of(job.folder.path))
    assert job.wait(60)
    assert job.state == "done", job.error
    assert job.result["begun"] >= 3
    assert job.log.count("begins at") == 2
    assert [row["epoch"] for row in job.metrics] == list(range(1, 13))


def test_when_the_process_of_a_job_is_killed_it_says_so_and_can_be_resumed(jobs: Jobs, signs: Path) -> None:
    job = jobs.start("count", "on", works.Count(12, 0.2, signs))
    until(lambda: (signs / "3").exists())
    os.kill(process_of(job.folder.path), signal.SIGKILL)
    assert job.wait(60)
    assert "ended from outside by SIGKILL" in job.error
    assert jobs.resume(job).wait(60)
    assert (job.state, job.result["begun"] >= 3) == ("done", True)


def test_shared_work_goes_on_when_the_worker_is_killed_that_shares_it_out_and_does_parts_too(
    jobs: Jobs, cluster: Cluster, signs: Path
) -> None:
    job = jobs.start("infer", "marks", MarkAll(Mark(signs, 0.1), COUNT))
    until(lambda: (signs / "5").exists())
    cluster.kill(cluster.worker_of(job.folder.path))
    assert job.wait(60)
    assert job.state == "done", job.error
    assert once(signs)
    assert (job.result["done"], job.result["left_out"]) == (COUNT, {})


def test_a_killed_kernel_loses_nothing_and_the_next_one_finds_its_job(
    jobs: Jobs, cluster: Cluster, signs: Path
) -> None:
    kernel = f"""
import time
from pathlib import Path
from jlabel.jobs import Jobs
from jlabel.jobs.dask import DaskRunner
from tests.jobs.dask.marks import Mark, MarkAll
jobs = Jobs(Path({str(jobs.folder)!r}), runner=DaskRunner({cluster.address!r}))
print(jobs.start("infer", "x", MarkAll(Mark(Path({str(signs)!r}), 0.05), {COUNT})).id, flush=True)
time.sleep(600)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", kernel], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        job_id = process.stdout.readline().strip()
        process.kill()
    job = jobs.get(job_id)
    assert job.state in ("queued", "running")
    assert jobs.resume(job).state in ("queued", "running")
    assert job.wait(60)
    assert job.state == "done", job.error
    assert once(signs)


def test_a_killed_scheduler_ends_shared_work_in_words_and_the_next_one_goes_on_with_it(
    tmp_path: Path, signs: Path
) -> None:
    with Cluster(tmp_path) as cluster:
        cluster.have(2)
        runner = DaskRunner(cluster.address, lease=LEASE, timeout=5)
        jobs = Jobs(tmp_path / "jobs", runner=runner)
        shared = jobs.start("infer", "marks", MarkAll(Mark(signs, 0.1), COUNT))
        alone = jobs.start("count", "on", works.Count(40, 0.1))
        until(lambda: (signs / "5").exists() and len(alone.metrics) > 3)
        assert cluster.scheduler is not None
        cluster.kill(cluster.scheduler)
        assert shared.wait(60)
        assert (shared.state, "lost" in shared.error) == ("failed", True)
        # Its process needs no scheduler, and Dask waits for a moment before it ends a worker that has none.
        assert alone.wait(60)
        assert (alone.state, len(alone.metrics)) == ("done", 40)
        cluster.start_scheduler()
        cluster.have(2)
        assert jobs.resume(shared).wait(60)
        assert shared.state == "done", shared.error
        assert once(signs)
        runner.close()
