"""Training beside the person: its pace, how soon it begins, and how soon another kernel follows it.

The floor of the pace is a bare PyTorch loop with the same network, loss, optimizer and cached data, in turn with ours;
that of ``manager.train`` is starting a Python that does nothing; that of following is the same program for a folder
without jobs. ``python -m bench.bench_training``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from monai.data import DataLoader

import jlabel
from bench.report import emit, emit_pairs
from bench.trainings import LABELS, App, Quiet, make_studies
from jlabel.jobs import JobRun, Jobs
from jlabel.segmentation import SegmentationTrainTask

SHAPE, COUNT, EPOCHS, PAIRS = (36, 50, 35), 8, 2, 6
PACE_BAR = 1 / 0.95
ROUNDS, FOLLOWERS = 5, 3
# Epochs of the job whose kernel is killed.
FOLLOWED = 20
# A notebook's kernel: it trains, says when the first epoch has come, and is killed.
_KERNEL = """
import sys, time, jlabel
from bench.trainings import App, LABELS
manager = jlabel.AppManager(App(sys.argv[1], labels=LABELS))
job = manager.train("segmentation", device="cpu", max_epochs=int(sys.argv[2]), samples_per_epoch=8)
while not job.metrics:
    time.sleep(0.05)
print(len(job.metrics), flush=True)
time.sleep(600)
"""
# Another one, which finds the job: what it knows of it, and after how long.
_FOLLOWER = """
import json, sys, time, jlabel
start = time.perf_counter()
manager = jlabel.AppManager(jlabel.RadiologyApp(sys.argv[1], labels={"one": 1, "two": 2}))
jobs = manager.jobs()
seen = {"state": jobs[-1].state, "epochs": len(jobs[-1].metrics)} if jobs else {}
print(json.dumps({"seconds": time.perf_counter() - start, **seen}), flush=True)
"""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as name:
        folder = Path(name)
        studies = make_studies(folder / "studies", SHAPE, COUNT)
        empty = make_studies(folder / "empty", SHAPE, COUNT)
        good = _noticed(folder / "jobs")
        good &= _begin(empty)
        good &= _killed_kernel(studies, make_studies(folder / "no-jobs", SHAPE, COUNT))
        good &= _pace(make_studies(folder / "pace", SHAPE, COUNT), folder)
        return 0 if good else 1


class Vanish:
    """Work that is killed, and leaves the time of it behind."""

    def __call__(self, run: JobRun) -> None:
        (run.checkpoints / "killed").write_text(repr(time.time()))
        os.kill(os.getpid(), signal.SIGKILL)


def _noticed(folder: Path) -> bool:
    """Seconds from the death of a job's process to the state that says so."""
    jobs, took = Jobs(folder), []
    for number in range(ROUNDS):
        job = jobs.start("vanish", f"bench {number}", Vanish(), device="cpu")
        job.wait()
        now = time.time()
        took.append(now - float((job.folder.checkpoints / "killed").read_text()))
    return emit("training.noticed", took, "s", bar=5.0, why=job.error.splitlines()[0])


def _begin(studies: Path) -> bool:
    """What a person waits for in the cell that trains."""
    manager = jlabel.AppManager(App(studies, labels=LABELS))
    took, floor = [], []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-S", "-c", ""], check=True)
        floor.append(time.perf_counter() - start)
        start = time.perf_counter()
        job = manager.train("segmentation", device="cpu", max_epochs=1)
        took.append(time.perf_counter() - start)
        job.cancel()
        job.wait()
    manager.close()
    return emit("training.begin", took, "s", floor, bar=0.3)


def _killed_kernel(studies: Path, without: Path) -> bool:
    """A kernel is killed while its job runs; another one follows the job, which has lost nothing in the end."""
    floor = [float(_follow(without)["seconds"]) for _ in range(FOLLOWERS)]
    command = [sys.executable, "-c", _KERNEL, str(studies), str(FOLLOWED)]
    kernel = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert kernel.stdout is not None
    before = int(kernel.stdout.readline())
    kernel.kill()
    kernel.wait()
    kernel.stdout.close()
    followed = [_follow(studies) for _ in range(FOLLOWERS)]
    seen = followed[0]
    if seen["state"] != "running" or int(seen["epochs"]) < before:
        raise RuntimeError(f"the next kernel sees {seen}; the one before had seen {before} epochs")
    manager = jlabel.AppManager(App(studies, labels=LABELS))
    job = manager.jobs()[-1]
    job.wait()
    if job.state != "done":
        raise RuntimeError(job.error)
    epochs = [row["epoch"] for row in job.metrics]
    if epochs != list(range(1, FOLLOWED + 1)):
        raise RuntimeError(f"these epochs are known of: {epochs}")
    manager.close()
    lost = job.result["wanted"] - job.result["iterations"]
    took = [float(one["seconds"]) for one in followed]
    good = emit("training.follow", took, "s", floor, bar=3.0, state=seen["state"])
    return emit("training.lost", lost, "iterations", bar=0, of=job.result["wanted"]) and good


def _follow(studies: Path) -> dict[str, float | str]:
    done = subprocess.run(
        [sys.executable, "-c", _FOLLOWER, str(studies)], capture_output=True, text=True, check=True, timeout=120
    )
    seen: dict[str, float | str] = json.loads(done.stdout.splitlines()[-1])
    return seen


def _pace(studies: Path, folder: Path) -> bool:
    """Seconds a sample in MONAI's engines as we set them up, and in a bare loop, in turn; the first pair warms up."""
    store, ours, bare = jlabel.LocalDatastore(studies), [], []
    options = {"max_epochs": EPOCHS, "val_split": 0.0, "pretrained": False, "checkpoint_seconds": 3600.0}
    for turn in range(PAIRS + 1):
        kept: list[jlabel.Context] = []

        class Task(SegmentationTrainTask):
            def network(self, context: jlabel.Context, kept: list[jlabel.Context] = kept) -> torch.nn.Module:
                kept.append(context)
                return super().network(context)

        run = Quiet(folder / f"run-{turn}")
        request = {"name": "pace", "labels": LABELS, "run": run, **options}
        found = Task()(request, store)
        samples = EPOCHS * int(kept[0].request["samples_per_epoch"])
        ours.append(found["seconds"] / samples * 1e3)
        bare.append(_bare_loop(Task(), kept[0]) / samples * 1e3)
    store.close()
    return emit_pairs("training.sample", ours[1:], bare[1:], "ms", PACE_BAR)


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


if __name__ == "__main__":
    sys.exit(main())
