"""First masks on a Dask cluster of this machine: ``python -m bench.bench_dask``.

``dask.task`` is what a part of a job takes that does nothing, over all parts. ``dask.speedup`` is how many times as
fast four workers of one thread make masks of 200 images as one does, over the cores that there are for them; workers
have loaded what they need. Below a second of work for each core the beginning of a job would be what is measured.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import jlabel
from bench.report import emit
from jlabel.imaging import Region
from jlabel.jobs import Job, Jobs
from jlabel.jobs.dask import DaskRunner
from jlabel.resources import available_cores
from jlabel.tasks.request import InferRequest, InferResult
from tests.jobs.dask.clusters import Cluster

IMAGES, WORKERS, EMPTY = 200, 4, 400
MOST_OVERHEAD, LEAST = 30.0, 0.8
SECONDS = 0.15  # of processor time for each image


class Busy(jlabel.InferTask):
    """Takes as long as a small network does."""

    cpu_only = True

    def pre_transforms(self, data: dict[str, Any]) -> list[Any]:
        return []

    inferer = post_transforms = pre_transforms

    def __call__(self, request: InferRequest) -> InferResult:
        until = time.thread_time() + SECONDS
        while time.thread_time() < until:
            np.linalg.norm(np.arange(1000.0))
        mask = (request.image.array > 100).astype(np.uint8)
        return InferResult(Region.whole(mask.shape), mask, mask.shape, {"cell": 1})


class App(jlabel.LabelApp):
    def init_infers(self) -> dict[str, jlabel.InferTask]:
        return {"busy": Busy(labels=["cell"], dimension=2)}


def nothing(item: int, run: Any) -> int:
    return item


@dataclass
class Empty:
    """Parts that do nothing."""

    count: int
    split: bool = True

    def __call__(self, run: Any) -> dict[str, Any]:
        begun = time.monotonic()
        done = sum(1 for _ in run.map(nothing, range(self.count)))
        return {"done": done, "seconds": time.monotonic() - begun}


def main() -> int:
    os.environ["JLABEL_KEY_FILE"] = os.path.join(tempfile.mkdtemp(prefix="jlabel-bench-"), "job.key")  # noqa: PTH118
    cores = min(WORKERS, available_cores())
    seconds: dict[int, float] = {}
    with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as name:
        for workers in (1, WORKERS):
            with _cluster(Path(name) / f"cluster-{workers}", workers) as (cluster, runner):
                seconds[workers] = _first_masks(Path(name) / f"studies-{workers}", cluster)
                if workers == 1:
                    overhead = _overhead(Path(name) / "jobs", runner)
    good = emit("dask.task", overhead, "ms", bar=MOST_OVERHEAD, parts=EMPTY)
    faster = seconds[1] / seconds[WORKERS]
    facts = {"cores": cores, "speedup": round(faster, 2)}
    facts |= {"one": round(seconds[1], 1), "four": round(seconds[WORKERS], 1)}
    # Smaller is better in a report: what is lost of the cores.
    return 0 if good & emit("dask.lost_of_cores", 1 - faster / cores, "", bar=1 - LEAST, **facts) else 1


@contextmanager
def _cluster(folder: Path, workers: int) -> Iterator[tuple[Cluster, DaskRunner]]:
    folder.mkdir()
    with Cluster(folder) as cluster:
        cluster.have(workers)
        runner = DaskRunner(cluster.address, lease=10)
        yield cluster, runner
        runner.close()


def _first_masks(studies: Path, cluster: Cluster) -> float:
    studies.mkdir()
    for number in range(IMAGES):
        pixels = np.random.default_rng(number).integers(0, 255, (64, 64), dtype=np.uint8)
        Image.fromarray(pixels).save(studies / f"picture_{number:03}.png")
    manager = jlabel.AppManager(App(studies, labels=["cell"]), device="cpu", runner=cluster.address, lease=10)
    ids = manager.datastore.list_images()
    _ended(manager.batch_infer("busy", ids[: 4 * WORKERS], tag="before"))
    begun = time.monotonic()
    job = _ended(manager.batch_infer("busy", ids))
    seconds = time.monotonic() - begun
    if job.result["done"] != IMAGES:
        raise RuntimeError(str(job.result))
    manager.close()
    return seconds


def _overhead(folder: Path, runner: DaskRunner) -> float:
    found = _ended(Jobs(folder, runner=runner).start("infer", "nothing", Empty(EMPTY))).result
    return 1e3 * float(found["seconds"]) / EMPTY


def _ended(job: Job) -> Job:
    if not job.wait(900) or job.state != "done":
        raise RuntimeError(f"{job}\n{job.log}")
    return job


if __name__ == "__main__":
    sys.exit(main())
