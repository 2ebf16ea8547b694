"""Workers that a batch system starts: commands of SLURM that run the script as a process of this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jlabel.errors import JobError
from jlabel.jobs import Jobs
from jlabel.jobs.choice import choose_runner
from jlabel.jobs.dask import DaskRunner
from jlabel.jobs.dask.queues import QueuedCluster
from tests.jobs import works
from tests.jobs.dask.clusters import ROOT

_SBATCH = """#!/bin/sh
cp "$1" "{folder}/script"
setsid sh "{folder}/script" > "{folder}/worker.log" 2>&1 &
echo $! > "{folder}/pid"
echo "Submitted batch job 7"
"""
_SCANCEL = """#!/bin/sh
echo "$1" > "{folder}/cancelled"
kill -9 -- -"$(cat {folder}/pid)"
"""


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with ``sbatch`` and ``scancel`` that are on the path, and what they did."""
    folder = tmp_path / "slurm"
    folder.mkdir()
    for name, text in (("sbatch", _SBATCH), ("scancel", _SCANCEL)):
        (folder / name).write_text(text.format(folder=folder))
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return folder


def test_slurm_starts_workers_and_they_carry_a_job_out(tmp_path: Path, slurm: Path) -> None:
    more = {
        "scheduler_options": {"dashboard_address": ":0", "host": "127.0.0.1"},
        "job_extra_directives": ["--qos=low"],
    }
    runner = choose_runner("slurm", {"queue": "short", "cores": 1, "memory": "2GB", "workers": 1, "lease": 5.0, **more})
    assert isinstance(runner, DaskRunner)
    job = Jobs(tmp_path / "jobs", runner=runner).start("count", "x", works.Count(3, 0.1))
    try:
        assert job.wait(90)
        assert job.state == "done", f"{job.error}\n{(slurm / 'worker.log').read_text()}"
        script = (slurm / "script").read_text()
        assert "#SBATCH -p short" in script
        assert "#SBATCH --qos=low" in script
        assert "--nthreads 1" in script
    finally:
        runner.close()
        runner.cluster.close()
    assert (slurm / "cancelled").read_text().strip() == "7"


def test_gpus_are_asked_for_and_offered() -> None:
    arguments = QueuedCluster("SLURM", "gpu", 8, "32GB", 2, 1, "GPU", {"walltime": "01:00:00"}).arguments()
    assert arguments["job_extra_directives"] == ["--gres=gpu:2"]
    assert arguments["worker_extra_args"] == ["--resources GPU=2"]
    assert (arguments["queue"], arguments["walltime"], arguments["processes"]) == ("gpu", "01:00:00", 1)


def test_a_system_that_refuses_is_named(tmp_path: Path, slurm: Path) -> None:
    with pytest.raises(JobError, match=r"no workers could be had of SLURM: ValueError: .*colour"):
        Jobs(tmp_path, runner=DaskRunner.slurm("gpu", colour="blue")).start("count", "x", works.Count(1))
    with pytest.raises(JobError, match="gpus is a number from 0 on, not -1"):
        DaskRunner.slurm("gpu", gpus=-1)


@pytest.mark.parametrize(
    ("runner", "options", "words"),
    [
        ("slrum", {}, "runner is 'local', 'slurm', 'pbs' or an address"),
        ("local", {"queue": "gpu"}, "queue"),
        ("tcp://scheduler:8786", {"queue": "gpu"}, "queue"),
        (DaskRunner("tcp://scheduler:8786"), {"queue": "gpu"}, "made already takes no queue"),
    ],
)
def test_a_word_that_means_no_runner_is_refused(runner: object, options: dict[str, str], words: str) -> None:
    with pytest.raises(JobError, match=words):
        choose_runner(runner, options)
