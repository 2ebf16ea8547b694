"""Small volumes, and a model of two structures whose versions are planted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch
from monai.inferers import SimpleInferer
from monai.transforms import AsDiscreted, EnsureChannelFirstd, LoadImaged
from safetensors.torch import save_file

from jlabel.datastores import LocalDatastore
from jlabel.errors import Cancelled
from jlabel.registry import ModelStore, ModelVersion, PublishedModel
from jlabel.tasks import InferTask

SHAPE = (20, 16, 12)
LABELS = {"large": 1, "bright": 2}


class Contrast(torch.nn.Module):
    """Three classes by intensity; ``sharpness`` is how sure it is. It has dropout on its way."""

    def __init__(self, dropout: float = 0.2) -> None:
        super().__init__()
        self.sharpness = torch.nn.Parameter(torch.tensor(4.0))
        self.level = torch.nn.Parameter(torch.tensor(0.5))
        self.before, self.drop = torch.nn.Identity(), torch.nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.before(x)
        logits = torch.cat([torch.zeros_like(x), x - self.level, 2 * (x - 1.5)], dim=1)
        return self.drop(logits * self.sharpness)


class ContrastTask(InferTask):
    """Segments by intensity."""

    def pre_transforms(self, data):
        return [LoadImaged("image"), EnsureChannelFirstd("image")]

    def inferer(self, data):
        return SimpleInferer()

    def post_transforms(self, data):
        return [AsDiscreted(keys="pred", argmax=True)]


class ScoringListener:
    """What a job's run is to a scoring method, without a job."""

    device = "cpu"
    threads = 0

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.fractions: list[float] = []
        self.cancelled = False

    def check_cancelled(self) -> None:
        if self.cancelled:
            raise Cancelled("the job was cancelled")

    def progress(self, fraction: float, left: float | None = None) -> None:
        self.fractions.append(fraction)

    def note(self, text: str) -> None:
        self.notes.append(text)


def volume(number: int, noise: float = 0.05) -> np.ndarray:
    """A large block and a bright one on it; the noise is less at each further number."""
    array = np.random.default_rng(number).normal(0, noise, SHAPE)
    array[4:14, 4:12, 3:9] += 1
    array[6:9, 6:9, 4:7] += 2
    return array.astype(np.float32)


@pytest.fixture
def listener() -> ScoringListener:
    return ScoringListener()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LocalDatastore]:
    """Five volumes; nothing is labelled."""
    folder = tmp_path / "studies"
    folder.mkdir()
    for number in range(5):
        nib.save(nib.Nifti1Image(volume(number), np.eye(4)), folder / f"case_{number}.nii.gz")
    store = LocalDatastore(folder)
    yield store
    store.close()


@pytest.fixture
def models(store: LocalDatastore) -> ModelStore:
    folder = store.workspace.models_folder()
    assert folder is not None
    return ModelStore(folder)


def publish(models: ModelStore, sharpness: float = 4.0, level: float = 0.5, **row) -> ModelVersion:
    """A version that is in use from now on."""
    models.folder.mkdir(parents=True, exist_ok=True)
    weights = models.folder / "new.safetensors"
    save_file({"sharpness": torch.tensor(sharpness), "level": torch.tensor(level)}, weights)
    version = models.publish(ModelVersion("contrast", 0, **{"labels": LABELS, **row}), weights)
    return models.use("contrast", version.number)


@pytest.fixture
def task(models: ModelStore) -> ContrastTask:
    """Nothing is published yet."""
    return ContrastTask(network=Contrast(), labels=LABELS, published=PublishedModel(models, "contrast"))


def final(store: LocalDatastore, *numbers: int) -> None:
    for number in numbers:
        store.save_label(f"case_{number}", np.ones(SHAPE, np.uint8), info={"labels": LABELS})
