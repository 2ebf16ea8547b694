"""Killed at any moment of any work: what was done is there, nothing is half there, and what is left over is swept.

``JLABEL_TEST_KILLS`` is how many times processes are killed, 12 if it is not given. The processes are forks of one that
has imported everything, so that a kill costs the moment of its work and no more.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jlabel.annotation.recovery.journal_reading import read_journal
from jlabel.datastores import LocalDatastore
from jlabel.datastores.label_places import kept_versions
from jlabel.files.temporary import is_temporary
from jlabel.jobs import Jobs
from jlabel.registry import ModelStore

KILLS = int(os.environ.get("JLABEL_TEST_KILLS", "12"))
# All that was ever done in a folder is looked at after every kill.
_IN_ONE_FOLDER = 40
SHAPE = (4, 5)
KINDS = ("save", "restore", "remove", "info", "setting", "add", "draft", "publish", "job", "batch")

WORKER = """
import contextlib, hashlib, os, random, secrets, sys
from pathlib import Path
import numpy as np
from PIL import Image
from jlabel.annotation.draft import Draft
from jlabel.annotation.recovery.journal import Journal
from jlabel.datastores import LocalDatastore
from jlabel.errors import DatastoreError
from jlabel.imaging import Region
from jlabel.jobs import JobRun, Jobs
from jlabel.jobs.folder import JobFolder
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.manager.batch_work import BatchInferWork
from jlabel.registry import ModelStore, ModelVersion
from jlabel.tasks import InferResult, InferTask

SHAPE = (4, 5)
for line in sys.stdin:
    what, *told = line.rstrip("\\n").split("\\t")
    if what == "wait":
        print(os.waitstatus_to_exitcode(os.waitpid(int(told[0]), 0)[1]), flush=True)
    elif (child := os.fork()) != 0:
        print(child, flush=True)
    else:
        break
else:
    sys.exit()
folder, scratch, who, rng = Path(told[0]), Path(told[1]), told[2], random.Random(int(told[3]))
for number, name in ((1, f"{who}.out"), (2, f"{who}.txt")):
    os.dup2(os.open(scratch / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)


class Threshold(InferTask):
    cpu_only = True

    def pre_transforms(self, data):
        return []

    inferer = post_transforms = pre_transforms

    def __call__(self, request):
        values = (request.image.array > 5).astype(np.uint8)
        return InferResult(Region.whole(values.shape), values, values.shape, {"organ": 1})


class Nobody:
    # A runner that is always too late.
    def start(self, folder, lock):
        pass

    def check(self, device):
        pass

    def ending(self, folder):
        return {"state": "failed", "error": "killed from outside"}

    def is_alive(self, folder):
        return False


def work(run):
    return {}


store = LocalDatastore(folder, author=who)
worker = SerialWorker("journal")
models, jobs = ModelStore(store.workspace.models_folder()), Jobs(store.workspace.jobs_folder(), runner=Nobody())
images = ["a", "b", "c"]


def save():
    content = rng.randbytes(rng.choice([10, 5000, 200_000]))
    file = scratch / f"{who}.png"
    file.write_bytes(content)
    image_id, digest = rng.choice(images), hashlib.sha256(content).hexdigest()
    yield image_id, digest
    store.save_label(image_id, file)


def restore():
    image_id = rng.choice(images)
    history = store.label_history(image_id)
    if history:
        version = rng.choice(history)
        yield image_id, version.sha256
        store.restore_label(image_id, version.number)


def remove():
    image_id = rng.choice(images)
    yield (image_id,)
    with contextlib.suppress(DatastoreError):
        store.remove_label(image_id, "final")


def info():
    image_id, key = rng.choice(images), secrets.token_hex(4)
    yield image_id, key
    store.update_image_info(image_id, {key: True})


def setting():
    key = secrets.token_hex(4)
    yield (key,)
    store.change_setting("kept", lambda now: {**(now or {}), key: who})


def add():
    name = secrets.token_hex(4)
    file = scratch / f"{who}-new.png"
    Image.fromarray(np.frombuffer(rng.randbytes(120_000), np.uint8).reshape(300, 400)).save(file)
    yield name, hashlib.sha256(file.read_bytes()).hexdigest()
    store.add_image(name, file)


def draft():
    session = secrets.token_hex(8)
    file = store.workspace.draft_file("c", session)
    drawn = Draft((60, 5), journal=Journal(file, None, worker, shape=(60, 5)))
    for row in range(rng.randrange(1, 8)):
        yield session, str(row)
        drawn.paint(Region((row, 0), (row + 1, 5)), np.ones((1, 5), bool), 1)
        worker.flush()


def publish():
    weights = scratch / f"{who}.weights"
    weights.write_bytes(rng.randbytes(rng.choice([10, 300_000])))
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    yield (digest,)
    version = models.publish(ModelVersion("organ", 0, note=digest), weights)
    models.use("organ", version.number)


def job():
    name = secrets.token_hex(4)
    yield (name,)
    jobs.start("train", name, work, device="cpu")


def batch():
    place = scratch / f"{who}-batch"
    (place / "checkpoints").mkdir(parents=True, exist_ok=True)
    (place / "request.json").touch()
    chosen = rng.choice(images)
    yield (chosen,)
    run = JobRun(JobFolder(place), ["cpu"], 1)
    (place / "checkpoints" / "done.txt").unlink(missing_ok=True)
    BatchInferWork("threshold", Threshold(), store, {"organ": 1}, [chosen], "original", {})(run)


KINDS = [save, restore, remove, info, setting, add, draft, publish, job, batch]
print("ready", flush=True)
while True:
    kind, step = rng.choice(KINDS), None
    for following in kind():  # what it says it begins it does when it is asked for more
        if step is not None:
            print("done", kind.__name__, *step, flush=True)
        step = following
        print("begin", kind.__name__, *step, flush=True)
    if step is not None:
        print("done", kind.__name__, *step, flush=True)
"""


class Told:
    """What the processes said that they began and did."""

    def __init__(self) -> None:
        self.begun: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        self.done: dict[str, set[tuple[str, ...]]] = defaultdict(set)

    def hear(self, output: str) -> None:
        for line in output.splitlines(keepends=True):
            word, *rest = line.split()
            if line.endswith("\n") and word in ("begin", "done") and rest:
                (self.begun if word == "begin" else self.done)[rest[0]].add(tuple(rest[1:]))


class Processes:
    """Processes that work in a folder until they are killed, forks of one that has imported what they need."""

    def __init__(self) -> None:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", WORKER]
        pipe = subprocess.PIPE
        self._parent = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment)

    def start(self, studies: Path, scratch: Path, who: str, seed: int) -> int:
        """Begin with one, and wait until it is at work; returns its number."""
        (scratch / f"{who}.out").write_text("")
        process = int(self._ask("start", str(studies), str(scratch), who, str(seed)))
        deadline = time.monotonic() + 120
        while not (scratch / f"{who}.out").read_text().startswith("ready\n"):
            assert time.monotonic() < deadline, (scratch / f"{who}.txt").read_text()
            time.sleep(0.01)
        return process

    def wait(self, process: int) -> int:
        """How it ended."""
        return int(self._ask("wait", str(process)))

    def close(self) -> None:
        assert self._parent.stdin is not None
        self._parent.stdin.close()
        assert self._parent.wait(60) == 0

    def _ask(self, *told: str) -> str:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write("\t".join(told) + "\n")
        self._parent.stdin.flush()
        return self._parent.stdout.readline()


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    made = Processes()
    yield made
    made.close()


@pytest.mark.timeout(300 + 20 * KILLS)
@pytest.mark.parametrize("count", [1, 2, 4])
def test_nothing_is_lost_and_what_is_left_over_is_swept(
    tmp_path: Path, own_locks: Path, processes: Processes, count: int
) -> None:
    rng, kills, begun = random.Random(count), 0, set[str]()
    while kills < max(count, KILLS // 3):
        place = tmp_path / str(kills)
        told = kill_in(place, processes, count, min(_IN_ONE_FOLDER, KILLS // 3 - kills), rng)
        begun |= set(told.begun)
        kills += max(count, min(_IN_ONE_FOLDER, KILLS // 3 - kills))
        shutil.rmtree(place)
    assert begun <= set(KINDS)


def kill_in(place: Path, processes: Processes, count: int, kills: int, rng: random.Random) -> Told:
    """Kill so many processes that work in a new folder, and look at it each time."""
    studies, scratch, told, killed = place / "studies", place / "scratch", Told(), 0
    studies.mkdir(parents=True)
    scratch.mkdir()
    for name in "abc":
        Image.fromarray(np.arange(20, dtype=np.uint8).reshape(SHAPE)).save(studies / f"{name}.png")
    while killed < max(count, kills):
        names = [f"p{number}" for number in range(count)]
        running = [processes.start(studies, scratch, who, rng.randrange(10**6)) for who in names]
        for process in running:
            time.sleep(rng.random() * 0.6)
            os.kill(process, signal.SIGKILL)
            killed += 1
        for who, process in zip(names, running, strict=True):
            assert processes.wait(process) == -signal.SIGKILL, [file.read_text() for file in scratch.glob("*.txt")]
            told.hear((scratch / f"{who}.out").read_text())
        check(studies, told)
    return told


def check(studies: Path, told: Told) -> None:
    with contextlib.closing(LocalDatastore(studies)) as store:
        check_labels(store, told)
        check_images(store, told)
        kept = store.setting("kept") or {}
        assert {key for (key,) in told.done["setting"]} <= set(kept)
        for session, row in told.done["draft"]:
            found = read_journal(studies / ".jlabel" / "drafts" / f".c.{session}.draft", (60, 5))
            assert found is not None
            assert found.mask[: int(row) + 1].all()
        check_models(store, told)
        check_jobs(store, told)
        check_leftovers(studies, store)


def check_labels(store: LocalDatastore, told: Told) -> None:
    for image_id in "abc":
        history = store.label_history(image_id)
        hashes = {version.sha256 for version in history}
        for kind in ("save", "restore"):
            assert {digest for name, digest in told.done[kind] if name == image_id} <= hashes
        begun = {digest for kind in ("save", "restore") for name, digest in told.begun[kind] if name == image_id}
        assert hashes <= begun
        for version in history:
            content = Path(store.get_version_uri(image_id, version.number)).read_bytes()
            assert hashlib.sha256(content).hexdigest() == version.sha256
    assert {name for (name,) in told.done["batch"]} <= set(store.get_labeled_images("original"))


def check_images(store: LocalDatastore, told: Told) -> None:
    listed = set(store.list_images())
    assert {name for name, _ in told.done["add"]} <= listed
    assert listed <= {"a", "b", "c"} | {name for name, _ in told.begun["add"]}
    for name, digest in told.begun["add"]:
        if name in listed:
            assert hashlib.sha256(Path(store.get_image_uri(name)).read_bytes()).hexdigest() == digest
    for image_id in "abc":
        assert {key for name, key in told.done["info"] if name == image_id} <= set(store.get_image_info(image_id))


def check_models(store: LocalDatastore, told: Told) -> None:
    models = ModelStore(store.workspace.models_folder() or Path())
    versions = models.versions("organ")
    assert {digest for (digest,) in told.done["publish"]} <= {version.note for version in versions}
    for version in versions:
        assert hashlib.sha256(version.file.read_bytes()).hexdigest() == version.note
    if told.done["publish"]:
        assert models.in_use("organ") is not None


def check_jobs(store: LocalDatastore, told: Told) -> None:
    found = Jobs(store.workspace.jobs_folder() or Path()).list()
    assert {name for (name,) in told.done["job"]} <= {job.name for job in found}
    for job in found:
        assert job.state == "failed"
        assert job.can_resume


def check_leftovers(studies: Path, store: LocalDatastore) -> None:
    own = studies / ".jlabel"
    assert list((own / "tmp").iterdir()) == []
    assert [file for file in studies.rglob("*") if is_temporary(file.name)] == []
    assert [file for half in (own / "jobs").glob(".new-*") for file in half.iterdir()] == []
    assert list((own / "models").glob("*/.new-*")) == []
    for tag, kept, _ in kept_versions(own / "versions"):
        numbers = {version.number for version in store.label_history(kept.image_id, tag)}
        assert kept.number in numbers, "a version that no row speaks of"
