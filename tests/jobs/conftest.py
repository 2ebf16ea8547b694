"""Jobs with real processes, in folders of the test's own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jlabel.jobs import Jobs


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    """The jobs of a new folder, with device locks that no other test shares; what still runs at the end is ended."""
    locks = tmp_path / "locks"
    locks.mkdir()
    monkeypatch.setenv("TMPDIR", str(locks))
    monkeypatch.setattr(tempfile, "tempdir", str(locks))
    jobs = Jobs(tmp_path / "jobs")
    yield jobs
    for job in jobs.list():
        job.cancel()
    for job in jobs.list():
        assert job.wait(30), job


@pytest.fixture
def signs(tmp_path: Path) -> Path:
    """A folder through which a test and the work of its jobs see each other."""
    folder = tmp_path / "signs"
    folder.mkdir()
    return folder
