"""A cluster of real processes for all tests of this folder, and jobs that run on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jlabel.jobs import Jobs
from jlabel.jobs.dask import DaskRunner
from tests.jobs.dask.clusters import Cluster

LEASE = 5.0


@pytest.fixture(scope="session")
def session_cluster(tmp_path_factory: pytest.TempPathFactory, own_key: Path) -> Iterator[Cluster]:
    """A scheduler for all tests; none of them kills it."""
    with Cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture
def cluster(session_cluster: Cluster) -> Cluster:
    """A cluster with two workers."""
    session_cluster.have(2)
    return session_cluster


@pytest.fixture
def runner(cluster: Cluster) -> Iterator[DaskRunner]:
    """Runs jobs on it."""
    runner = DaskRunner(cluster.address, lease=LEASE)
    yield runner
    runner.close()


@pytest.fixture
def jobs(tmp_path: Path, runner: DaskRunner) -> Iterator[Jobs]:
    """The jobs of a new folder; what still runs at the end is ended."""
    jobs = Jobs(tmp_path / "jobs", runner=runner)
    yield jobs
    for job in jobs.list():
        job.cancel()
    for job in jobs.list():
        assert job.wait(60), job
