"""Training beside the person: how long it takes to begin and to follow, its pace, and its memory.

The floor of the pace is a bare PyTorch loop with the same network, loss, optimizer and cached data.
``python -m bench.bench_training``.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import torch
from monai.data import DataLoader

import jlabel
from bench.report import emit
from jlabel.jobs import JobRun, Jobs
from jlabel.segmentation import SegmentationTrainTask

LABELS = ["one", "two"]
SMALL, SMALL_COUNT, EPOCHS = (36, 50, 35), 8, 4
LARGE, LARGE_COUNT = (256, 256, 128), 40


class Quiet:
    """A run that nobody listens to."""

    device = "cpu"
    cancelled = False

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self.checkpoints = folder
        self.threads = threads
        folder.mkdir()

    def check_cancelled(self) -> None:
        """Nobody wants it to stop."""

    def progress(self, fraction: float, left: float | None = None) -> None:
        """Not told to anybody."""

    def metrics(self, epoch: int, **values: float | None) -> None:
        """Not told to anybody."""

    def note(self, text: str) -> None:
        """Told to whoever runs the benchmark."""
        sys.stderr.write(f"{text}\n")


class Remembering(SegmentationTrainTask):
    """Keeps the context of its training, and says how much memory it took."""

    def network(self, context: jlabel.Context) -> torch.nn.Module:
        self.context = context
        return super().network(context)

    def __call__(self, request: Mapping[str, Any], datastore: jlabel.Datastore) -> dict[str, Any]:
        found = super().__call__(request, datastore)
        del self.context
        return {**found, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


class App(jlabel.RadiologyApp):
    def init_trainers(self) -> dict[str, jlabel.TrainTask]:
        return {"segmentation": Remembering()}


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder:
        small, large = Path(folder) / "small", Path(folder) / "large"
        make_studies(small, SMALL, SMALL_COUNT)
        good = _pace(small, Path(folder))
        good &= _noticed(Path(folder) / "jobs")
        make_studies(large, LARGE, LARGE_COUNT)
        good &= _job(large)
        return 0 if good else 1


def make_studies(studies: Path, shape: tuple[int, ...], count: int) -> None:
    """Noisy volumes with two labelled boxes each."""
    studies.mkdir()
    store = jlabel.LocalDatastore(studies)
    rng = np.random.default_rng(0)
    for number in range(count):
        label = np.zeros(shape, np.uint8)
        lower = [int(rng.integers(n // 4, n // 3)) for n in shape]
        label[tuple(slice(a, a + n // 3) for a, n in zip(lower, shape, strict=True))] = 1
        label[tuple(slice(a + n // 6, a + n // 3) for a, n in zip(lower, shape, strict=True))] = 2
        voxels = (rng.normal(0, 20, shape).astype(np.float32) + 60 * label).astype(np.int16)
        nib.save(nib.Nifti1Image(voxels, np.eye(4)), studies / f"case_{number:02}.nii")
        store.refresh()
        store.save_label(f"case_{number:02}", label, info={"labels": {"one": 1, "two": 2}})
    store.close()


def _pace(studies: Path, folder: Path) -> bool:
    """Seconds a sample in MONAI's engines as we set them up, and in a bare loop, in turn."""
    store, ours, bare = jlabel.LocalDatastore(studies), [], []
    options = {"max_epochs": EPOCHS, "val_split": 0.0, "pretrained": False, "checkpoint_seconds": 3600.0}
    for turn in range(3):
        kept: list[jlabel.Context] = []

        class Task(SegmentationTrainTask):
            def network(self, context: jlabel.Context, kept: list[jlabel.Context] = kept) -> torch.nn.Module:
                kept.append(context)
                return super().network(context)

        run = Quiet(folder / f"run-{turn}")
        request = {"name": "pace", "labels": {"one": 1, "two": 2}, "run": run, **options}
        found = Task()(request, store)
        samples = EPOCHS * int(kept[0].request["samples_per_epoch"])
        ours.append(found["seconds"] / samples)
        bare.append(_bare_loop(Task(), kept[0]) / samples)
    store.close()
    return emit("training.sample", min(ours) * 1e3, "ms", min(bare) * 1e3, min(bare) * 1e3 / 0.95)


def _bare_loop(task: SegmentationTrainTask, context: jlabel.Context) -> float:
    loader = context.trainer.data_loader
    batches = DataLoader(loader.dataset.items, batch_size=context.train_batch_size, sampler=loader.sampler)
    network = context.network = task.network(context)
    optimizer, loss = task.optimizer(context), task.loss_function(context)
    network.train()
    start = time.perf_counter()
    for _ in range(EPOCHS):
        for batch in batches:
            optimizer.zero_grad()
            loss(network(batch["image"]), batch["label"]).backward()
            optimizer.step()
    return time.perf_counter() - start


class Vanish:
    """Work that is killed, and leaves the time of it behind."""

    def __call__(self, run: JobRun) -> None:
        (run.checkpoints / "killed").write_text(repr(time.time()))
        os.kill(os.getpid(), signal.SIGKILL)


def _noticed(folder: Path) -> bool:
    """Seconds from the death of a job's process to the state that says so."""
    job = Jobs(folder).start("vanish", "bench", Vanish(), device="cpu")
    job.wait()
    now = time.time()
    killed = float((job.folder.checkpoints / "killed").read_text())
    return emit("training.noticed", now - killed, "s", bar=5.0, error=job.error.splitlines()[0])


def _job(studies: Path) -> bool:
    """What a person waits for, and what the job takes of the machine's memory."""
    manager = jlabel.AppManager(App(studies, labels=LABELS))
    start = time.perf_counter()
    job = manager.train("segmentation", device="cpu", max_seconds=45.0, max_epochs=1000)
    good = emit("training.begin", time.perf_counter() - start, "s", bar=0.3)
    program = (
        "import sys, time, jlabel; start = time.perf_counter(); "
        f"manager = jlabel.AppManager(jlabel.RadiologyApp({str(studies)!r}, labels={LABELS!r})); "
        "state = manager.jobs()[-1].state; print(time.perf_counter() - start, state)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    seconds, state = done.stdout.split()
    good &= emit("training.follow", float(seconds), "s", bar=3.0, state=state)
    job.wait()
    if job.state != "done":
        raise RuntimeError(job.error)
    good &= emit("training.memory", job.result["peak"] / 1e6, "MB", bar=4000, epochs=job.result["epochs"])
    manager.close()
    return good


if __name__ == "__main__":
    sys.exit(main())
