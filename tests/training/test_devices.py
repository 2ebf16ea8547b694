"""Training on several devices at once: real jobs with several processes, here on the CPU over Gloo."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from monai.transforms import Compose
from torch.utils.data import TensorDataset

from jlabel.datastores import LocalDatastore
from jlabel.jobs import Job, Jobs
from jlabel.manager.train_work import TrainWork
from jlabel.tasks.transforms import offer
from jlabel.training.labelled_images import labelled_images
from jlabel.training.process_group import World
from jlabel.training.reader import StudiesReader
from jlabel.training.sampling import make_sampler
from tests.training.conftest import label_all
from tests.training.ranked import RankedDeepEdit, RankedTask, SilentTask, SpoiltTask
from tests.training.tasks import small_network

TWO = ["cpu", "cpu"]


@pytest.fixture
def jobs(tmp_path: Path, own_locks: Path) -> Iterator[Jobs]:
    """What still runs at the end is ended."""
    jobs = Jobs(tmp_path / "jobs")
    yield jobs
    for job in jobs.list():
        job.cancel()
    for job in jobs.list():
        assert job.wait(60), job


@pytest.fixture
def labelled(store: LocalDatastore) -> LocalDatastore:
    """Four images to learn from, and ``case_4`` to judge by."""
    label_all(store, {"ball": 1})
    for number in range(5):
        store.update_image_info(f"case_{number}", {"split": "validation" if number == 4 else "training"})
    return store


def begin(jobs: Jobs, task: RankedTask, store: LocalDatastore, device=TWO, **options) -> Job:
    options = {"checkpoint_seconds": 0.0, **options}
    return jobs.start("train", "ball", TrainWork("ball", task, store, {"ball": 1}, options), device=device, nice=0)


def until(condition, seconds: float = 240.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def seen(signs: Path, rank: int) -> list[dict]:
    file = signs / f"seen-{rank}"
    # The last line of a process that was killed may be torn.
    return [json.loads(line) for line in file.read_text().split("\n")[:-1]] if file.exists() else []


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def pids(signs: Path) -> list[int]:
    return [int((signs / f"pid-{rank}").read_text()) for rank in (0, 1)]


def wait_for_both(job: Job, signs: Path, count: int = 3) -> None:
    # An epoch has two iterations for each of them: with the third, one epoch is over, told and kept.
    until(lambda: job.record().ended or min(len(seen(signs, 0)), len(seen(signs, 1))) >= count)
    assert job.state == "running", job


@pytest.mark.new_process
def test_two_processes_learn_as_one(jobs: Jobs, labelled: LocalDatastore, signs: Path) -> None:
    job = begin(jobs, RankedTask(signs), labelled, max_epochs=3)
    assert job.wait(240)
    assert job.state == "done", job
    first, second = seen(signs, 0), seen(signs, 1)
    # Each image once in an epoch, over both.
    for epoch in (1, 2, 3):
        ids = [image for line in (*first, *second) if line["epoch"] == epoch for image in line["ids"]]
        assert sorted(ids) == ["case_0", "case_1", "case_2", "case_3"]
    # The shares change with the epoch.
    assert (
        len({frozenset(i for line in first if line["epoch"] == epoch for i in line["ids"]) for epoch in range(4)}) > 2
    )
    # Both have the same weights in the end, and they are those that were published for one process to load.
    assert (signs / "weights-0").read_text() == (signs / "weights-1").read_text()
    assert job.result["version"] == 1
    assert job.result["val_images"] == 1
    assert [row["epoch"] for row in job.metrics] == [1, 2, 3]
    assert all(row["val_mean_dice"] is not None for row in job.metrics)
    assert len(job.notes) == 1
    # The first step's gradient is that of both images in one batch on one process.
    ids = [*first[0]["ids"], *second[0]["ids"]]
    for rank in (first, second):
        for found, expected in zip(rank[0]["gradient"], whole_gradient(labelled, signs, ids), strict=True):
            torch.testing.assert_close(torch.tensor(found), expected, rtol=1e-4, atol=1e-6)


def whole_gradient(store: LocalDatastore, signs: Path, ids: list[str]) -> list[torch.Tensor]:
    images = labelled_images(store, {"ball": 1}, {"ball": 1}, None, print)
    task = RankedTask(signs)
    steps = task.val_pre_transforms(None)
    offer(steps, StudiesReader(images))
    items = [Compose(steps)(next(i for i in images if i.id == image_id).item()) for image_id in ids]
    torch.manual_seed(0)
    network = small_network()
    pred, label = network(torch.stack([item["image"] for item in items])), torch.stack([i["label"] for i in items])
    task.loss_function(None)(pred, label).backward()
    return [p.grad.as_subclass(torch.Tensor).flatten() for p in network.parameters()]


@pytest.mark.timeout(900)
def test_killed_cancelled_and_gone_on_with_on_one_device(jobs: Jobs, labelled: LocalDatastore, signs: Path) -> None:
    broken = Path(labelled.get_image_uri("case_2"))
    broken.write_bytes(broken.read_bytes()[:500])
    job = begin(jobs, RankedTask(signs, pause=0.02), labelled, max_epochs=100_000, early_stop_patience=0)
    wait_for_both(job, signs)
    assert job.device == "cpu,cpu"
    until(lambda: job.notes)
    killed = pids(signs)
    os.kill(killed[1], signal.SIGKILL)
    assert job.wait(120)
    assert job.state == "failed"
    assert job.error.startswith("rank 1 of 2 on cpu: its process was ended from outside by SIGKILL")
    assert sum("case_2" in note for note in job.notes) == 1
    until(lambda: not any(map(alive, killed)), 30)

    resume(jobs, job, signs, TWO)
    killed = pids(signs)
    job.cancel()
    assert job.wait(120)
    assert job.state == "cancelled", job
    assert seen(signs, 0)[-1]["iteration"] == seen(signs, 1)[-1]["iteration"]
    until(lambda: not any(map(alive, killed)), 30)

    resume(jobs, job, signs, TWO)
    killed = pids(signs)
    # Together with the process that would have ended the others.
    killed.append(parent(killed[0]))
    os.kill(killed[2], signal.SIGKILL)
    os.kill(killed[0], signal.SIGKILL)
    assert job.wait(120)
    assert job.state == "failed"
    assert "killed from outside" in job.error
    until(lambda: not any(map(alive, killed)), 30)
    epochs = max(row["epoch"] for row in job.metrics)

    (signs / "end").touch()
    jobs.resume(job, device="cpu")
    assert job.wait(240)
    assert job.state == "done", job
    assert job.device == job.request.device == "cpu"
    # It went on, and lost one epoch at the most.
    assert job.result["epochs"] >= epochs
    assert list(job.result["left_out"]) == ["case_2"]


def resume(jobs: Jobs, job: Job, signs: Path, device) -> None:
    for file in signs.iterdir():
        file.unlink()
    jobs.resume(job, device=device)
    wait_for_both(job, signs)


def test_one_that_does_not_answer_is_named(jobs: Jobs, labelled: LocalDatastore, signs: Path) -> None:
    job = begin(jobs, SilentTask(signs), labelled, max_epochs=3, peer_timeout=5.0)
    assert job.wait(240)
    assert job.state == "failed"
    assert "did not answer for 5 s" in job.error


def test_what_ends_one_ends_all_in_its_words(jobs: Jobs, labelled: LocalDatastore, signs: Path) -> None:
    job = begin(jobs, SpoiltTask(signs), labelled, max_epochs=3)
    assert job.wait(240)
    assert job.state == "failed"
    assert job.error.startswith("rank 1 of 2 on cpu: the loss became nan in epoch 1 on case_")


def test_simulated_clicks_differ_between_processes_and_the_weights_do_not(
    jobs: Jobs, labelled: LocalDatastore, signs: Path
) -> None:
    options = {"max_epochs": 2, "samples_per_epoch": 8, "train_batch_size": 1, "interactions": 2}
    job = begin(jobs, RankedDeepEdit(signs), labelled, **options)
    assert job.wait(240)
    assert job.state == "done", job
    # Eight patches an epoch of four images, shared by two.
    assert [len(seen(signs, rank)) for rank in (0, 1)] == [8, 8]
    assert (signs / "weights-0").read_text() == (signs / "weights-1").read_text()
    first, second = ([line["clicks"] for line in seen(signs, rank)] for rank in (0, 1))
    assert first != second
    assert {"val_dice_automatic", "val_dice_clicked"} <= set(job.metrics[-1])


@pytest.mark.parametrize(
    ("count", "wanted", "shares"),
    [(4, None, (2, 2)), (5, None, (3, 3)), (1, None, (1, 1)), (6, 4, (2, 2)), (3, 8, (4, 4)), (3, 7, (4, 4))],
)
def test_every_process_has_a_share_of_the_same_size(count: int, wanted: int | None, shares: tuple[int, int]) -> None:
    data = TensorDataset(torch.arange(count))
    samplers = [make_sampler(data, wanted, 0, World(rank, 2)) for rank in (0, 1)]
    drawn = [list(sampler) for sampler in samplers]
    assert tuple(map(len, drawn)) == tuple(map(len, samplers)) == shares
    everything = [index for share in drawn for index in share]
    assert set(everything) <= set(range(count))
    if wanted is None:
        assert set(everything) == set(range(count))
    if wanted is not None and wanted <= count:
        assert len(set(everything)) == wanted
    if wanted is None or wanted <= count:
        assert [list(make_sampler(data, wanted, 0, World(rank, 2))) for rank in (0, 1)] == drawn


def test_one_process_agrees_with_itself() -> None:
    alone = World()
    network = small_network()
    assert alone.broadcast(3.0) == 3.0
    assert alone.all_reduce(1.0, 2.0) == [1.0, 2.0]
    assert alone.wrap(network) is network
    alone.explain(RuntimeError("Timed out waiting"))
