"""Jobs with real processes, in folders of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jlabel.jobs import Jobs


@pytest.fixture
def jobs(tmp_path: Path, own_locks: Path) -> Iterator[Jobs]:
    """The jobs of a new folder; what still runs at the end is ended."""
    jobs = Jobs(tmp_path / "jobs")
    yield jobs
    for job in jobs.list():
        job.cancel()
    for job in jobs.list():
        assert job.wait(30), job
