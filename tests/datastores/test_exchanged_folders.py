"""A folder of jlabel's own that somebody exchanges for a link while it is used: nothing happens where the link leads.

Each thing that writes or deletes below ``.jlabel`` is done many times; each time, just before another one of its calls
of the system, one of the folders on the way becomes a link to a copy of it. Whatever looked at the folder before, the
copy stays as it is.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from jlabel.annotation.recovery.journal import Journal
from jlabel.datastores import LocalDatastore, leftovers
from jlabel.errors import JlabelError
from jlabel.files import folder_handle
from jlabel.files.atomic import atomic_write
from jlabel.files.temporary import remove_leftovers, temporary_name
from jlabel.imaging import Region, encode_voxels
from jlabel.jobs import JobRun, Jobs
from jlabel.jobs.events import append_event
from jlabel.jobs.folder import JobFolder, JobRequest
from jlabel.jobs.retention import tidy
from jlabel.labeler.features.thumbnail_cache import ThumbnailCache
from jlabel.registry import ModelStore, ModelVersion

pytestmark = pytest.mark.skipif(not folder_handle._RELATIVE, reason="this system opens nothing relative to a folder")

JOB = "20260101-000000-000000-abcd"
_CALLS = {
    "open",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.mkdir",
    "os.link",
    "os.listdir",
    "os.scandir",
    "os.truncate",
}
_EXCHANGE: list[Callable[[], None]] = []


def _hear(event: str, _arguments: tuple[Any, ...]) -> None:
    if _EXCHANGE and event in _CALLS:
        _EXCHANGE[0]()


sys.addaudithook(_hear)


class Doing:
    """Something that is done in a studies folder.

    Attributes:
        own: The folder ``.jlabel``.
        do: What is done.
    """

    def __init__(self, top: Path, prepare: Callable[[Path], Callable[[], object]]) -> None:
        self.top = top
        self.own = top / "studies" / ".jlabel"
        (self.own / "tmp").mkdir(parents=True)
        self.do = prepare(self.own)

    def done_with(self, name: str, number: int) -> bool:
        """Do it, and exchange a folder before the call with that number; False where there are not so many calls."""
        place, copy, calls = self.own / name, self.top / "home", [0]

        def exchange() -> None:
            calls[0] += 1
            if calls[0] == number:
                _EXCHANGE.clear()
                shutil.copytree(place, copy, symlinks=True)
                place.rename(self.top / "moved")
                place.symlink_to(copy)
                before.append(contents(copy))

        before: list[dict[str, Any]] = []
        _EXCHANGE.append(exchange)
        try:
            with contextlib.suppress(JlabelError, OSError):
                self.do()
        finally:
            _EXCHANGE.clear()
        assert not before or contents(copy) == before[0]
        return bool(before)


def contents(folder: Path) -> dict[str, Any]:
    """All that is in a folder, and when it was changed."""
    found = {}
    for file in (folder, *sorted(folder.rglob("*"))):
        state = file.lstat()
        content = file.read_bytes() if file.is_file() else None
        found[str(file)] = (content, state.st_mode, state.st_mtime_ns, state.st_nlink)
    return found


def save_a_label(own: Path) -> Callable[[], object]:
    Image.fromarray(np.zeros((4, 5), np.uint8)).save(own.parent / "a.png")
    with contextlib.closing(LocalDatastore(own.parent)) as store:
        store.save_label("a", np.ones((4, 5), np.uint8))
    store = LocalDatastore(own.parent)
    return lambda: store.save_label("a", np.full((4, 5), 2, np.uint8))


def restore_a_label(own: Path) -> Callable[[], object]:
    save = save_a_label(own)
    save()
    store = LocalDatastore(own.parent)
    return lambda: store.restore_label("a", 1)


class AtOnce:
    """Writes a journal where it is asked to."""

    def do(self, job: Callable[[], None]) -> None:
        job()

    def flush(self) -> None:
        pass


def write_a_journal(own: Path) -> Callable[[], object]:
    (own / "drafts" / "sub").mkdir(parents=True)
    (own / "drafts" / "sub" / "a.draft").write_bytes(b"older")

    def work() -> None:
        journal = Journal(own / "drafts" / "sub" / "a.draft", None, AtOnce(), shape=(4, 5))
        for value in range(1, 4):
            part = Region((0, 0), (2, 2))
            journal.append([(part, encode_voxels(np.full(part.shape, value, np.uint8)))], np.dtype(np.uint8))
        journal._compact((4, 5))
        journal.clear()

    return work


def keep_thumbnails(own: Path) -> Callable[[], object]:
    (own / "thumbnails").mkdir()
    for number in range(12):
        (own / "thumbnails" / f"{number}.jpg").write_bytes(b"\xff\xd8\xff\xd9")
    files = ThumbnailCache(own / "thumbnails", most=10)
    return lambda: [files.put(str(number), b"\xff\xd8\xff\xd9") for number in range(12)]


def publish_a_model(own: Path) -> Callable[[], object]:
    store, weights = ModelStore(own / "models"), own.parent / "weights"
    weights.write_bytes(b"tensors")
    store.publish(ModelVersion("m", 0), weights)
    left = own / "models" / "m" / f".new-{secrets.token_hex(8)}"
    left.mkdir()
    os.utime(left, (1, 1))

    def work() -> None:
        store.use("m", store.publish(ModelVersion("m", 0), weights).number)

    return work


class NoProcess:
    """Carries no job out."""

    def start(self, folder: JobFolder, lock: int) -> None:
        pass

    def check(self, device: str) -> None:
        pass

    def ending(self, folder: JobFolder) -> dict[str, str]:
        return {"state": "failed", "error": "killed from outside"}

    def is_alive(self, folder: JobFolder) -> bool:
        return False


def add_one(run: JobRun) -> dict[str, Any]:
    return {"sum": 1}


def begin_and_remove_a_job(own: Path) -> Callable[[], object]:
    jobs = Jobs(own / "jobs", runner=NoProcess())

    def work() -> None:
        with jobs.beginning():
            job = jobs.start("sum", "x", add_one, device="cpu")
        append_event(job.folder.events, {"state": "cancelled"})
        jobs.resume(job)
        append_event(job.folder.events, {"state": "done"})
        jobs.list()
        jobs.remove(job)

    (own / "jobs").mkdir()
    return work


def tidy_a_job(own: Path) -> Callable[[], object]:
    folder = JobFolder(own / "jobs" / JOB)
    folder.scratch.mkdir(parents=True)
    folder.ranks.mkdir()
    folder.write_request(JobRequest(JOB, "train", "x"))
    for file in (folder.work, folder.scratch / "x", folder.checkpoints / "last.pt", folder.ranks / "1.jsonl"):
        file.write_bytes(b"content")
    (folder.checkpoints / temporary_name()).touch()
    append_event(folder.events, {"state": "failed", "time": time.time() - 100 * 86400})

    def work() -> None:
        tidy(folder)
        append_event(folder.events, {"state": "done"})
        tidy(folder)

    return work


def sweep(own: Path) -> Callable[[], object]:
    save_a_label(own)
    files = LocalDatastore(own.parent)._studies.files
    for name in ("drafts/sub", "models/m", "versions/final", "tmp"):
        (own / name).mkdir(parents=True, exist_ok=True)
        (own / name / temporary_name()).write_bytes(b"half")
        (own / name / temporary_name() / "inner").mkdir(parents=True)
    (own / "models" / "m" / f".new-{secrets.token_hex(8)}").mkdir()
    return lambda: leftovers.sweep(own, None, files)


def write_and_clear_up(own: Path) -> Callable[[], object]:
    (own / "a" / "b").mkdir(parents=True)
    (own / "a" / "b" / "x").write_bytes(b"old")
    for _ in range(3):
        (own / "a" / "b" / temporary_name()).write_bytes(b"half")

    def work() -> None:
        atomic_write(own / "a" / "b" / "x", lambda out: out.write(b"new"))
        remove_leftovers(own / "a" / "b")

    return work


CASES: list[tuple[Callable[[Path], Callable[[], object]], list[str]]] = [
    (write_and_clear_up, ["a", "a/b"]),
    (save_a_label, ["tmp", "versions", "versions/final"]),
    (restore_a_label, ["tmp", "versions", "versions/final"]),
    (write_a_journal, ["drafts", "drafts/sub"]),
    (keep_thumbnails, ["thumbnails"]),
    (publish_a_model, ["models", "models/m", "models/m/1"]),
    (begin_and_remove_a_job, ["jobs"]),
    (tidy_a_job, ["jobs", f"jobs/{JOB}", f"jobs/{JOB}/checkpoints", f"jobs/{JOB}/checkpoints/cache"]),
    (sweep, ["drafts", "drafts/sub", "models/m", "versions/final", "tmp"]),
]


@pytest.fixture
def numbers() -> Iterator[int]:
    """Before which calls: each of the first ones, and some of the later ones."""
    return iter([*range(1, 10), *range(10, 400, 11)])


@pytest.mark.parametrize(
    ("prepare", "name"),
    [pytest.param(prepare, name, id=f"{prepare.__name__}-{name}") for prepare, names in CASES for name in names],
)
@pytest.mark.usefixtures("own_locks")
def test_nothing_happens_where_a_link_leads(
    tmp_path: Path, numbers: Iterator[int], prepare: Callable[[Path], Callable[[], object]], name: str
) -> None:
    exchanged = 0
    for number in numbers:
        top = tmp_path / str(number)
        top.mkdir()
        if not Doing(top, prepare).done_with(name, number):
            break
        exchanged += 1
        shutil.rmtree(top)
    assert exchanged >= 3
