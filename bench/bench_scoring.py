"""What scoring images costs beside running the network: ``python -m bench.bench_scoring``.

The floor of a score is the bare network on the same input, in the same process and its only thread; both are measured
in turn, by the time that the processor takes for them.
``scoring.entropy.windows`` is of an image of several windows, and its floor the network on those windows. The memory is
that of a process which scores one volume of 512×512×300 voxels with 20 labels, all of it: libraries, image and network.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import torch
from monai.inferers import SlidingWindowInferer
from monai.networks.nets import UNet
from monai.transforms import AsDiscreted, EnsureChannelFirstd, LoadImaged

import jlabel
from bench.report import emit, emit_pairs
from jlabel.imaging import Image
from jlabel.selection.scoring import BALDScoring, EntropyScoring, EpistemicScoring, ModelScoring
from jlabel.selection.scoring.answers import Asked
from jlabel.selection.scoring.bottleneck import Bottleneck
from jlabel.selection.scoring.passes import OnePass
from jlabel.selection.scoring.streaming import stream
from jlabel.tasks import pipeline
from jlabel.tasks.scoring import AloneRun

SHAPE, WINDOW, LARGER = (64, 64, 32), (64, 64, 32), (96, 96, 48)
PASSES, PAIRS = 5, 12
VOLUME, LABELS = (512, 512, 300), 20
BARS = {"entropy": 1.10, "windows": 1.10, "bald": 0.85, "epistemic": 0.85, "memory": 2000.0}
MB = 1e6


class Windows(jlabel.InferTask):
    """A network whose window slides over an image that comes as it is."""

    window: tuple[int, ...] = WINDOW

    def pre_transforms(self, data: dict[str, Any]) -> list[Any]:
        return [LoadImaged("image"), EnsureChannelFirstd("image")]

    def inferer(self, data: dict[str, Any]) -> Any:
        return SlidingWindowInferer(self.window, overlap=0.25)

    def post_transforms(self, data: dict[str, Any]) -> list[Any]:
        return [AsDiscreted("pred", argmax=True)]


def main() -> int:
    torch.set_num_threads(1)
    good = True
    methods: tuple[tuple[type[ModelScoring], int], ...] = (
        (EntropyScoring, 1),
        (BALDScoring, PASSES),
        (EpistemicScoring, PASSES),
    )
    for kind, passes in methods:
        values, floors = _in_turn(kind, SHAPE, passes)
        good &= emit_pairs(f"scoring.{kind.name}", values, floors, "ms", BARS[kind.name], passes=passes)
    values, floors = _in_turn(EntropyScoring, LARGER, 1)
    good &= emit_pairs("scoring.entropy.windows", values, floors, "ms", BARS["windows"])
    figures = _memory()
    bar, more = BARS["memory"], {"idle": round(figures["idle"]), "seconds": round(figures["seconds"])}
    good &= emit("scoring.memory.512x512x300", figures["peak"], "MB", bar=bar, labels=LABELS, **more)
    return 0 if good else 1


class Seeing(torch.nn.Module):
    """A U-Net that was never trained, and yet takes what is bright for a structure, so that its answer has a shape."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.unet = unet(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        bright = torch.nn.functional.avg_pool3d(x, 5, stride=1, padding=2)
        logits: torch.Tensor = self.unet(x)
        logits[:, 1:] += 4 * (bright - 1)
        return logits


def unet(dropout: float) -> torch.nn.Module:
    """A U-Net of four stages, with dropout from the second one on."""
    network = UNet(3, 1, 3, channels=(16, 32, 64, 128), strides=(2, 2, 2), num_res_units=2, dropout=dropout)
    for ends in (network.model[0], network.model[2]):
        for module in ends.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
    return network.eval()


def _in_turn(kind: type[ModelScoring], shape: tuple[int, ...], passes: int) -> tuple[list[float], list[float]]:
    """Milliseconds of a score and of as many bare forwards, in turn."""
    torch.manual_seed(0)
    task = Windows(network=Seeing(0.2 if passes > 1 else 0.0).eval(), labels=["one", "two"])
    assert task.network is not None
    image = Image(_blob(shape), np.eye(4))
    given = pipeline.prepare(task, jlabel.InferRequest(image, "case"), None)
    method = kind({"task": task})
    asked = Asked(task, None, task.network, "cpu", {"passes": passes}, AloneRun(), Bottleneck(task.network))
    bare = _bare(task, given, passes)
    method.score(asked, given), bare()
    values, floors = [], []
    for _ in range(PAIRS):
        values.append(_ms(lambda: method.score(asked, given)))
        floors.append(_ms(bare))
    return values, floors


def _bare(task: Windows, given: pipeline.NetworkInput, passes: int) -> Callable[[], None]:
    """As many forwards of the network over each of the windows."""
    network, parts = task.network, []
    assert network is not None

    class Parts(OnePass):
        def over(self, batch: torch.Tensor, number: int) -> Any:
            parts.append(batch.clone())
            return iter(())

    for _, outputs in stream(task, given, Parts(network), "cpu", lambda: None):
        list(outputs)

    def run() -> None:
        with torch.inference_mode():
            for _ in range(passes):
                for part in parts:
                    network(part)

    return run


def _blob(shape: tuple[int, ...]) -> np.ndarray:
    """Noise with something bright in the middle."""
    voxels = np.random.default_rng(0).normal(0, 1, shape).astype(np.float32)
    voxels[tuple(slice(size // 3, 2 * size // 3) for size in shape)] += 2
    return voxels


def _ms(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def _memory() -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder:
        plane = np.add.outer(np.arange(VOLUME[0]), np.arange(VOLUME[1])).astype(np.int16) // 16
        volume = np.repeat(plane[:, :, None], VOLUME[2], axis=2)
        nib.save(nib.Nifti1Image(volume, np.eye(4)), Path(folder) / "volume.nii")
        nib.save(nib.Nifti1Image(volume[:64, :64, :64], np.eye(4)), Path(folder) / "tiny.nii")
        command = [sys.executable, "-m", "bench.bench_scoring", folder]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=1200)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def measure_memory(studies: Path) -> dict[str, float]:
    """Score the small volume, which warms up, and the large one."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    layers = (torch.nn.Conv3d(1, 8, 3, padding=1), torch.nn.ReLU(), torch.nn.Conv3d(8, LABELS + 1, 1))
    task = Windows(network=torch.nn.Sequential(*layers), labels=[f"label {n}" for n in range(1, LABELS + 1)])
    task.window = (64, 64, 64)
    store = jlabel.LocalDatastore(studies)
    method = EntropyScoring({"task": task})
    method({"images": ["tiny"]}, store)
    idle, start = _peak(), time.monotonic()
    found = method({"images": ["volume"]}, store)
    if found["done"] != 1:
        raise RuntimeError(f"the volume was not scored: {found}")
    return {"idle": idle, "peak": _peak(), "seconds": time.monotonic() - start}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB


if __name__ == "__main__":
    if len(sys.argv) == 2:
        sys.stdout.write(json.dumps(measure_memory(Path(sys.argv[1]))) + "\n")
    else:
        sys.exit(main())
