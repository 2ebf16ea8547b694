"""Who works on a job of a cluster, where locks do not reach."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from jlabel.jobs.folder import JobFolder
from jlabel.jobs.lease import Lease, LeaseWatch, read_attempt, write_attempt
from jlabel.jobs.moved_paths import moved_path
from jlabel.jobs.work import read_work, write_work
from tests.jobs.test_jobs import until


@pytest.fixture
def folder(tmp_path: Path) -> JobFolder:
    folder = JobFolder(tmp_path / "job")
    folder.path.mkdir()
    write_attempt(folder, "first", "tcp://scheduler:8786")
    return folder


def test_a_lease_is_held_until_it_is_released(folder: JobFolder) -> None:
    watch = LeaseWatch(folder)
    assert (watch.begun, watch.is_held()) == (False, False)
    with Lease(folder, "first", 60.0):
        assert (watch.begun, watch.is_held()) == (True, True)
    assert (watch.is_held(), watch.is_fresh()) == (False, True)


def test_a_lease_that_does_not_change_any_more_is_nobodys(folder: JobFolder) -> None:
    with Lease(folder, "first", 0.3):
        watch = LeaseWatch(folder)
        time.sleep(0.6)
        assert watch.is_held()
        kept = folder.lease.read_bytes()
    folder.lease.write_bytes(kept)
    assert watch.is_held()
    until(lambda: not watch.is_held(), 30)


def test_whoever_works_for_an_earlier_attempt_hears_of_the_next(folder: JobFolder) -> None:
    with Lease(folder, "first", 0.3) as lease:
        assert not lease.lost.wait(0.3)
        write_attempt(folder, "second", "tcp://scheduler:8786")
        assert lease.lost.wait(30)
    assert read_attempt(folder) == "second"
    assert not LeaseWatch(folder).begun


def test_files_that_anybody_wrote_say_nothing(folder: JobFolder) -> None:
    folder.cluster.write_text("[1, 2")
    folder.lease.write_text('{"seconds": "soon", "state": 7}')
    assert read_attempt(folder) == ""
    assert LeaseWatch(folder).is_held()


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/home/me/scans/a/b.nii", "/mnt/s/a/b.nii"),
        ("/home/me/scans", "/mnt/s"),
        ("/home/me/scans-2/a", "/other/scans-2/a"),
        ("/home/you", "/home/you"),
    ],
)
def test_the_deepest_folder_says_where_a_path_is(path: str, found: str) -> None:
    assert moved_path(path, [("/home/me", "/other"), ("/home/me/scans", "/mnt/s")]) == found


def test_paths_in_the_work_are_changed_and_texts_are_not(tmp_path: Path) -> None:
    file = tmp_path / "work.pkl"
    write_work(file, lambda run, path=Path("/here/a"), text="/here/a": {"path": str(path), "text": text}, "place")
    work = read_work(file, "place", (("/here", "/there"),))
    assert work(None) == {"path": "/there/a", "text": "/here/a"}
