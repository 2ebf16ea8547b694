"""Trainings to measure: studies with labels, a run that nobody listens to, and a train task that says what it took."""

from __future__ import annotations

import resource
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import torch

import jlabel
from jlabel.segmentation import SegmentationTrainTask

LABELS = {"one": 1, "two": 2}
#: Volumes that differ; further ones are copies, which a training cannot know.
DIFFERENT = 8


class Quiet:
    """A run that nobody listens to."""

    device = "cpu"
    devices = ("cpu",)
    rank = 0
    cancelled = False

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self.checkpoints = folder
        self.threads = threads
        folder.mkdir()

    def check_cancelled(self) -> None:
        """Nobody wants it to stop."""

    def join_ranks(self) -> list[dict[str, Any]]:
        """There are none."""
        return []

    def progress(self, fraction: float, left: float | None = None) -> None:
        """Not told to anybody."""

    def metrics(self, epoch: int, **values: float | None) -> None:
        """Not told to anybody."""

    def note(self, text: str) -> None:
        """Told to whoever runs the benchmark."""
        sys.stderr.write(f"{text}\n")


class Remembering(SegmentationTrainTask):
    """Keeps the context of its training, and says how many iterations it made and how much memory it took."""

    def network(self, context: jlabel.Context) -> torch.nn.Module:
        self.context = context
        return super().network(context)

    def __call__(self, request: Mapping[str, Any], datastore: jlabel.Datastore) -> dict[str, Any]:
        found = super().__call__(request, datastore)
        state = self.context.trainer.state
        made = {"iterations": state.iteration, "wanted": state.epoch * state.epoch_length}
        del self.context
        return {**found, **made, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


class App(jlabel.RadiologyApp):
    """Trains that way."""

    def init_trainers(self) -> dict[str, jlabel.TrainTask]:
        return {"segmentation": Remembering()}


def make_studies(studies: Path, shape: tuple[int, ...], count: int) -> Path:
    """Noisy volumes with two labelled boxes each."""
    studies.mkdir()
    rng = np.random.default_rng(0)
    labels = []
    for number in range(count):
        file = studies / f"case_{number:02}.nii"
        if number >= DIFFERENT:
            shutil.copy(studies / f"case_{number % DIFFERENT:02}.nii", file)
            continue
        label = np.zeros(shape, np.uint8)
        lower = [int(rng.integers(n // 4, n // 3)) for n in shape]
        label[tuple(slice(a, a + n // 3) for a, n in zip(lower, shape, strict=True))] = 1
        label[tuple(slice(a + n // 6, a + n // 3) for a, n in zip(lower, shape, strict=True))] = 2
        voxels = (rng.standard_normal(shape, np.float32) * 20 + 60 * label).astype(np.int16)
        nib.save(nib.Nifti1Image(voxels, np.eye(4)), file)
        labels.append(label)
    store = jlabel.LocalDatastore(studies)
    for number, image_id in enumerate(store.list_images()):
        store.save_label(image_id, labels[number % DIFFERENT], info={"labels": LABELS})
    store.close()
    return studies
