"""First masks for many images: ``python -m bench.bench_batch``.

The floor, in the same process and image by image in turn with ours, is a bare MONAI loop: the network loaded, the same
reading transforms and sliding window, and the mask saved as NIfTI.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import torch
from monai.data import MetaTensor
from monai.inferers import SlidingWindowInferer
from monai.networks.nets import UNet
from monai.transforms import (
    AsDiscreted,
    Compose,
    EnsureChannelFirstd,
    LoadImaged,
    NormalizeIntensityd,
    SaveImaged,
    Transform,
)

import jlabel
from bench.report import emit_pairs
from jlabel.manager.batch_work import BatchInferWork

SHAPE, COUNT, ROUNDS, BAR = (128, 128, 64), 4, 5, 1.1


def make_network() -> torch.nn.Module:
    torch.manual_seed(0)
    return UNet(3, 1, 2, channels=(8, 16, 32), strides=(2, 2))


class Task(jlabel.InferTask):
    """The network, in a sliding window."""

    def pre_transforms(self, data: dict[str, Any]) -> Sequence[Transform]:
        return [LoadImaged(keys="image"), EnsureChannelFirstd(keys="image"), NormalizeIntensityd(keys="image")]

    def inferer(self, data: dict[str, Any]) -> Any:
        return SlidingWindowInferer(roi_size=(64, 64, 32), sw_batch_size=4, overlap=0.25)

    def post_transforms(self, data: dict[str, Any]) -> Sequence[Transform]:
        return [AsDiscreted(keys="pred", argmax=True)]


class Listener:
    """A run that nobody listens to."""

    device = "cpu"
    cancelled = False

    def __init__(self, folder: Path) -> None:
        self.checkpoints = folder
        self.threads = torch.get_num_threads()
        folder.mkdir()

    def check_cancelled(self) -> None:
        """Nobody wants it to stop."""

    def progress(self, fraction: float, left: float | None = None) -> None:
        """Not told to anybody."""

    def note(self, text: str) -> None:
        """Told to whoever runs the benchmark."""
        sys.stderr.write(f"{text}\n")


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as name:
        folder = Path(name)
        studies = folder / "studies"
        studies.mkdir()
        rng = np.random.default_rng(0)
        for number in range(COUNT):
            voxels = rng.normal(0, 200, SHAPE).astype(np.int16)
            nib.save(nib.Nifti1Image(voxels, np.eye(4)), studies / f"case_{number}.nii.gz")
        torch.save(make_network().state_dict(), folder / "weights.pt")
        store, ours, bare = jlabel.LocalDatastore(studies), [], []
        for turn in range(ROUNDS + 1):
            for image_id in store.list_images():
                ours.append(_batch(store, folder, image_id, f"run-{turn}-{image_id}"))
                bare.append(_bare_loop(folder, studies / f"{image_id}.nii.gz"))
        store.close()
    # The first round warms up.
    return 0 if emit_pairs("batch.image", ours[COUNT:], bare[COUNT:], "ms", BAR) else 1


def _batch(store: jlabel.LocalDatastore, folder: Path, image_id: str, run: str) -> float:
    task = Task(path=folder / "weights.pt", network=make_network(), labels=["organ"])
    work = BatchInferWork("unet", task, store, {"organ": 1}, [image_id], "original", {})
    start = time.perf_counter()
    found = work(Listener(folder / run))  # type: ignore[arg-type]
    milliseconds = (time.perf_counter() - start) * 1e3
    if found["done"] != 1:
        raise RuntimeError(str(found["left_out"]))
    return milliseconds


def _bare_loop(folder: Path, file: Path) -> float:
    task = Task(path=folder / "weights.pt", network=make_network(), labels=["organ"])
    prepare, inferer = Compose(task.pre_transforms({})), task.inferer({})
    save = SaveImaged(keys="pred", output_dir=folder / "bare", output_dtype=np.uint8, print_log=False, resample=False)
    finish = Compose([*task.post_transforms({}), save])
    network = make_network().eval()
    start = time.perf_counter()
    network.load_state_dict(torch.load(folder / "weights.pt", weights_only=True))
    with torch.inference_mode():
        image = prepare({"image": str(file)})["image"]
        pred = inferer(image.as_tensor()[None], network)[0]
        finish({"pred": MetaTensor(pred, affine=image.affine, meta=image.meta)})
    return (time.perf_counter() - start) * 1e3


if __name__ == "__main__":
    sys.exit(main())
