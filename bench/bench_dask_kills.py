"""Jobs on a Dask cluster, killed at random moments: ``python -m bench.bench_dask_kills``; 30 times, or as many as said.

First masks and scores of a few images are made, whose catalogue is on a PostgreSQL server; again and again the kernel,
a worker, the scheduler or the process of a job is killed by SIGKILL and begun again, or all connections of the database
are ended, or its server is killed and started again, until all is done; then the next studies. ``dask.kills.lost``
counts images without their label or score, ``dask.kills.twice`` those that were scored or labelled more than once,
``dask.kills.unended`` jobs that came to no end.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import jlabel
from bench.report import emit
from jlabel.imaging import Region
from jlabel.parts import map_parts
from jlabel.tasks.request import InferRequest, InferResult
from tests.jobs.dask.clusters import ROOT, Cluster
from tests.postgres_server import PostgresServer

IMAGES, WORKERS, LEASE = 200, 2, 10.0
_VICTIMS = ("kernel", "worker", "worker", "scheduler", "process", "connections", "connections", "database")
_PAUSE = 0.2  # seconds that an image takes
_LONGEST = 5.0  # seconds between two kills


class Slow(jlabel.InferTask):
    """Finds what is bright, and takes its time."""

    cpu_only = True

    def pre_transforms(self, data: dict[str, Any]) -> list[Any]:
        return []

    inferer = post_transforms = pre_transforms

    def __call__(self, request: InferRequest) -> InferResult:
        time.sleep(_PAUSE)
        mask = (request.image.array > 100).astype(np.uint8)
        return InferResult(Region.whole(mask.shape), mask, mask.shape, {"cell": 1})


@dataclass
class MarkedPart:
    """Scores an image, and marks that it did."""

    datastore: Any
    marks: Path

    def __call__(self, image_id: str, run: Any) -> bool:
        if any(score.method == "marked" for score in self.datastore.scores.of_image(image_id)):
            return True
        time.sleep(_PAUSE)
        with (self.marks / image_id).open("a") as file:
            self.datastore.scores.save([jlabel.Score(image_id, "marked", 0.5)])
            file.write("x")
        return True


class Marked(jlabel.ScoringMethod):
    """A scoring method that tells how often it scored each image."""

    by_image = True

    def __init__(self, marks: Path) -> None:
        super().__init__("marks")
        self.marks = marks

    def __call__(self, request: Mapping[str, Any], datastore: Any) -> dict[str, Any]:
        images = datastore.list_images()
        results = map_parts(request["run"], MarkedPart(datastore, self.marks), images)
        return {"done": sum(not result.error for result in results)}


class App(jlabel.LabelApp):
    """Makes masks and scores, slowly."""

    def __init__(self, studies: Path, marks: Path, catalogue: str | None = None) -> None:
        self.marks = marks
        super().__init__(studies, labels=["cell"], catalogue=catalogue)

    def init_infers(self) -> dict[str, jlabel.InferTask]:
        return {"slow": Slow(labels=["cell"], dimension=2)}

    def init_scoring_methods(self) -> dict[str, jlabel.ScoringMethod]:
        return {"marked": Marked(self.marks)}


def live(studies: Path, address: str) -> int:
    """What a kernel does: begins both jobs or goes on with them, until both are done."""
    app = App(studies, studies.parent / "marks")
    manager = _patiently(lambda: jlabel.AppManager(app, device="cpu", runner=address, lease=LEASE, timeout=10))
    while True:
        jobs = {job.kind: job for job in manager.jobs()}
        if len(jobs) == 2 and all(job.state == "done" for job in jobs.values()):
            return 0
        try:
            for kind, begin in (("infer", lambda: manager.batch_infer("slow", "all")), ("score", _score(manager))):
                if kind not in jobs:
                    begin()
                elif jobs[kind].record().ended and jobs[kind].state != "done":
                    manager.resume(jobs[kind])
        except (jlabel.JobError, jlabel.DatastoreError) as error:
            sys.stderr.write(f"{error}\n")
        time.sleep(0.5)


def _patiently(make: Any) -> Any:
    while True:
        try:
            return make()
        except jlabel.DatastoreError as error:
            sys.stderr.write(f"{error}\n")
            time.sleep(0.5)


def _score(manager: jlabel.AppManager) -> Any:
    return lambda: manager.score("marked", "all")


def main(kills: int = 30) -> int:
    os.environ["JLABEL_KEY_FILE"] = str(Path(tempfile.mkdtemp(prefix="jlabel-bench-")) / "job.key")
    rng, total, begun = random.Random(0), Counter[str](), time.monotonic()
    database = PostgresServer()
    try:
        while total["kills"] < kills:
            with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder:
                total.update(_history(Path(folder), rng, kills - total["kills"], database))
            sys.stderr.write(f"{dict(total)}\n")
    finally:
        database.close()
    facts = {key: count for key, count in total.items() if key not in ("lost", "twice", "unended")}
    facts["seconds"] = round(time.monotonic() - begun)
    good = emit("dask.kills.lost", total["lost"], "images", bar=0, **facts)
    good &= emit("dask.kills.twice", total["twice"], "images", bar=0)
    return 0 if good & emit("dask.kills.unended", total["unended"], "jobs", bar=0) else 1


def _history(folder: Path, rng: random.Random, most: int, database: PostgresServer) -> dict[str, int]:
    studies, marks = folder / "studies", folder / "marks"
    studies.mkdir()
    marks.mkdir()
    for number in range(IMAGES):
        pixels = np.random.default_rng(number).integers(0, 255, (32, 32), dtype=np.uint8)
        Image.fromarray(pixels).save(studies / f"picture_{number:03}.png")
    counts, catalogue = Counter[str](histories=1), database.new_url()
    jlabel.LocalDatastore(studies, catalogue=catalogue).close()  # the folder remembers it
    with Cluster(folder, allowed_failures=1000) as cluster:
        cluster.have(WORKERS)
        kernel = _kernel(studies, cluster)
        while True:
            until = time.monotonic() + rng.uniform(0.5, _LONGEST)
            while kernel.poll() is None and time.monotonic() < until:
                time.sleep(0.05)
            if kernel.poll() is not None and kernel.returncode == 0:
                break
            if counts["kills"] < most and kernel.poll() is None:
                kernel = _kill_one(rng, kernel, cluster, studies, counts, database)
            elif kernel.poll() is not None:
                kernel = _kernel(studies, cluster)
    return {**counts, **_found(studies, marks)}


def _kill_one(
    rng: random.Random,
    kernel: subprocess.Popen[bytes],
    cluster: Cluster,
    studies: Path,
    counts: Counter[str],
    database: PostgresServer,
) -> subprocess.Popen[bytes]:
    victim = rng.choice(_VICTIMS)
    counts["kills"] += 1
    counts[victim] += 1
    if victim == "kernel":
        kernel.kill()
        kernel.wait()
        return _kernel(studies, cluster)
    if victim == "worker":
        cluster.kill(rng.choice(cluster.workers))
        cluster.add()
    elif victim == "scheduler":
        assert cluster.scheduler is not None
        cluster.kill(cluster.scheduler)
        time.sleep(rng.uniform(0, 3))
        cluster.start_scheduler()
        deadline = time.monotonic() + 60
        while any(worker.poll() is None for worker in cluster.workers) and time.monotonic() < deadline:
            time.sleep(0.2)
        for worker in list(cluster.workers):
            cluster.kill(worker)
        for _ in range(WORKERS):
            cluster.add()
    elif victim == "connections":
        database.end_connections()
    elif victim == "database":
        database.stop(signal.SIGQUIT)
        time.sleep(rng.uniform(0, 3))
        database.start()
    else:
        _kill_a_process(rng, studies)
    return kernel


def _kill_a_process(rng: random.Random, studies: Path) -> None:
    """Kill a process that works on a job of these studies."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            command = (process / "cmdline").read_bytes() if process.name.isdigit() else b""
        except OSError:
            continue
        if b"jlabel.jobs." in command and bytes(studies) in command:
            found.append(int(process.name))
    if found:
        os.kill(rng.choice(found), signal.SIGKILL)


def _kernel(studies: Path, cluster: Cluster) -> subprocess.Popen[bytes]:
    program = (
        "import sys, pathlib; from bench.bench_dask_kills import live; live(pathlib.Path(sys.argv[1]), sys.argv[2])"
    )
    command, environment = [sys.executable, "-c", program], {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([*command, str(studies), cluster.address], env=environment)


def _found(studies: Path, marks: Path) -> dict[str, int]:
    datastore = jlabel.LocalDatastore(studies)
    manager = jlabel.AppManager(App(studies, marks), device="cpu")
    unended = sum(job.state != "done" for job in manager.jobs())
    scored = datastore.scores.scored("marked")
    lost = twice = 0
    for image_id in datastore.list_images():
        versions = len(datastore.label_history(image_id, "original"))
        written = len((marks / image_id).read_text()) if (marks / image_id).exists() else 0
        lost += versions < 1 or image_id not in scored
        twice += versions > 1 or written > 1
        if versions != 1 or written != 1 or image_id not in scored:
            sys.stderr.write(f"{image_id}: {versions} versions, scored {written} times, {image_id in scored}\n")
    manager.close()
    datastore.close()
    return {"lost": lost, "twice": twice, "unended": unended}


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
