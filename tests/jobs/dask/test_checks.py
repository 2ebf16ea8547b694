"""What a worker says of a job that it is to carry out, and what a cluster needs to be there."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from jlabel.errors import JobError
from jlabel.jobs import Jobs
from jlabel.jobs.dask import DaskRunner
from jlabel.jobs.dask.checks import breaking_versions, gpu_device, what_is_wrong
from jlabel.jobs.dask.order import Order
from tests.jobs import works


@pytest.fixture
def order(tmp_path: Path, own_locks: Path) -> Order:
    """A job that was made here, as a cluster is told of it."""
    job = Jobs(tmp_path / "jobs").start("fail", "x", works.fail, device="cpu")
    assert job.wait(60)
    folder = str(job.folder.path)
    return Order(folder, job.folder.place, "first", "tcp://scheduler:8786", versions=breaking_versions())


def test_a_worker_carries_out_what_its_own_user_signed_for_that_folder(
    order: Order, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert what_is_wrong(order.to_json()) == ""
    assert "signature is none that this worker knows" in what_is_wrong(replace(order, place="/elsewhere/x").to_json())
    assert "has python" in what_is_wrong(replace(order, versions={"python": "3.0"}).to_json())
    assert "may be open on one machine only" in what_is_wrong(order.to_json(), "another-machine")
    monkeypatch.setenv("JLABEL_KEY_FILE", str(tmp_path / "no.key"))
    assert "JLABEL_KEY_FILE" in what_is_wrong(order.to_json())


@pytest.mark.parametrize(
    ("asked", "expected", "found"),
    [
        ("auto", 0, ("cuda:0", 1)),
        ("cuda", 0, ("cuda:0,cuda:1", 2)),
        ("cuda:1", 0, ("cuda:0", 1)),
        ("cpu", 4, ("cpu", 0)),
    ],
)
def test_a_job_gets_as_many_gpus_as_it_asks_for(asked: str, expected: int, found: tuple[str, int]) -> None:
    workers = {"tcp://a": {"resources": {"GPU": 2.0}}, "tcp://b": {"resources": {}}}
    assert gpu_device(asked, workers, "GPU", expected) == found


def test_without_workers_a_job_waits_for_those_that_are_to_come() -> None:
    assert gpu_device("auto", {}, "GPU", 0) == ("cpu", 0)
    assert gpu_device("auto", {}, "GPU", 1) == gpu_device("cuda", {}, "GPU", 0) == ("cuda:0", 1)


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    jobs = Jobs(tmp_path / "jobs", runner=DaskRunner("tcp://scheduler:8786"))
    with pytest.raises(JobError, match=r'pip install "jlabel\[dask\]"'):
        jobs.start("count", "x", works.Count(1))
