"""A folder of small volumes with a bright ball in each, and a run that only listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from jlabel.datastores import LocalDatastore
from jlabel.errors import Cancelled

SHAPE = (16, 16, 12)


class ListeningRun:
    """What a job's run is to a training, without a job."""

    device = "cpu"
    devices = ("cpu",)
    rank = 0
    threads = 1

    def __init__(self, folder: Path) -> None:
        self.folder = self.checkpoints = folder
        folder.mkdir(exist_ok=True)
        self.rows: dict[int, dict[str, float | None]] = {}
        self.notes: list[str] = []
        self.fractions: list[float] = []
        self.cancel_when: Callable[[], bool] = lambda: False

    @property
    def cancelled(self) -> bool:
        return self.cancel_when()

    def check_cancelled(self) -> None:
        if self.cancelled:
            raise Cancelled("the job was cancelled")

    @property
    def meeting(self) -> Path:
        raise AssertionError("one process meets nobody")

    def start_ranks(self, work: object) -> None:
        raise AssertionError("one device needs no further process")

    def join_ranks(self) -> list[dict[str, object]]:
        return []

    def progress(self, fraction: float, left: float | None = None) -> None:
        self.fractions.append(fraction)

    def metrics(self, epoch: int, **values: float | None) -> None:
        self.rows[epoch] = values

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture
def run(tmp_path: Path) -> ListeningRun:
    return ListeningRun(tmp_path / "run")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LocalDatastore]:
    """Five volumes with noise and a ball; nothing is labelled."""
    folder = tmp_path / "studies"
    folder.mkdir()
    for number in range(5):
        noise = np.random.default_rng(number).normal(0, 10, SHAPE)
        nib.save(
            nib.Nifti1Image((noise + 100 * ball(number)).astype(np.int16), np.eye(4)), folder / f"case_{number}.nii.gz"
        )
    store = LocalDatastore(folder)
    yield store
    store.close()


def ball(number: int) -> np.ndarray:
    center = np.array([6 + number % 3, 8, 6])
    return np.linalg.norm(np.moveaxis(np.indices(SHAPE), 0, -1) - center, axis=-1) < 4


def label_all(store: LocalDatastore, labels: dict[str, int], value: int = 1, count: int = 5) -> None:
    for number in range(count):
        store.save_label(f"case_{number}", (ball(number) * value).astype(np.uint8), info={"labels": labels})
