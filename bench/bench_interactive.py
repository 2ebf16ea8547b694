"""Interactive segmentation: ``python -m bench.bench_interactive``.

Seconds a click of the training-free tool, seconds a correction of the tool that is in use (``bench.corrections``),
DeepGrow through the manager over a bare forward of its network, and mean Dice after five clicks of a simulated
annotator on the shared sets: each click goes where the training-free tool was most wrong, and scikit-image's random
walker and region growing get the same five clicks. ``JLABEL_TEST_DATA`` is the folder of the sets,
``JLABEL_BENCH_CASES`` how many structures of each set are taken (2).
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import torch
from monai.networks.nets import BasicUNet
from numpy.typing import NDArray

from bench import corrections
from bench.baselines import RandomWalker, RegionGrowing
from bench.corrections import noisy_ball
from bench.report import emit, emit_pairs
from bench.structures import SETS, structures
from jlabel import AppManager, LabelApp
from jlabel.deepgrow import DeepGrow2D, DeepGrow3D
from jlabel.deepgrow.infer import DeepGrow
from jlabel.imaging.image import Image
from jlabel.interactive import ClassicClickSegment
from jlabel.prompts.prompt import Click
from jlabel.simulation import dice, next_click
from jlabel.tasks.infer import InferTask
from jlabel.tasks.request import InferRequest

DATA = Path(os.environ.get("JLABEL_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
CASES = int(os.environ.get("JLABEL_BENCH_CASES", "2"))
ROUNDS = 9
OVER_NETWORK_BAR = 1.15


def main() -> int:
    good = latency((96, 96, 96), "interactive.click.96x96x96", 1.0)
    good &= latency((256, 256), "interactive.click.256x256", 0.25)
    good &= corrections.measured()
    good &= deepgrow()
    return 0 if accuracy() and good else 1


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def latency(shape: tuple[int, ...], name: str, bar: float) -> bool:
    """One click into a noisy ball of a third of the image; the floor is a copy of the region to float32."""
    image = noisy_ball(shape)
    request = InferRequest(image, "made", (Click(tuple(n // 2 for n in shape)),))
    region = ClassicClickSegment()(request).region
    assert region.shape == shape
    # A task keeps its last answers: each round asks one that has none.
    figures = [seconds(lambda: ClassicClickSegment()(request)) for _ in range(ROUNDS)]
    floor = [seconds(lambda: image.array.astype(np.float32)) for _ in range(ROUNDS)]
    return emit(name, figures, "s", floor, bar)


class DeepGrowApp(LabelApp):
    """DeepGrow with networks of no training: only their time counts."""

    def init_infers(self) -> dict[str, InferTask]:
        torch.manual_seed(0)
        nets = [BasicUNet(n, in_channels=3, out_channels=1, features=(32, 32, 64, 128, 256, 32)).eval() for n in (2, 3)]
        return {
            "deepgrow2d": DeepGrow2D(network=nets[0], roi_size=(256, 256)),
            "deepgrow3d": DeepGrow3D(network=nets[1], roi_size=(128, 128, 64)),
        }


def deepgrow() -> bool:
    """A click in 512×512×200 over the network alone on the same region; the two take turns, so load hits both."""
    volume = np.random.default_rng(0).integers(0, 1000, (512, 512, 200), dtype=np.int16)
    clicks = (Click((250, 250, 100)), Click((280, 260, 100), False))
    good = True
    with tempfile.TemporaryDirectory() as studies:
        nib.save(nib.Nifti1Image(volume, np.eye(4)), Path(studies) / "volume.nii")
        app = DeepGrowApp(studies, labels=["organ"])
        manager = AppManager(app, device="cpu", cache_bytes=2**30)
        for name, task in app.infers.items():
            good &= over_network(manager, name, task, clicks)
        manager.close()
    return good


def over_network(manager: AppManager, name: str, task: InferTask, clicks: tuple[Click, ...]) -> bool:
    assert isinstance(task, DeepGrow)
    assert task.network is not None
    network, region = task.network, torch.zeros(1, 3, *task.roi_size)
    image_id = manager.datastore.list_images()[0]

    def bare() -> None:
        with torch.inference_mode():
            network(region)

    def click() -> None:
        manager.infer(name, image_id, clicks)

    bare()
    click()
    pairs = [(seconds(bare), seconds(click)) for _ in range(ROUNDS)]
    floors, figures = (list(column) for column in zip(*pairs, strict=True))
    return emit_pairs(f"interactive.{name}.512x512x200", figures, floors, "s", OVER_NETWORK_BAR)


def accuracy() -> bool:
    """Mean Dice after five clicks for each set and method; good where ours is above both others in every set."""
    behind = 0
    for name in SETS:
        if not (DATA / name).is_dir():
            sys.stderr.write(f"{DATA / name} is not there: no Dice for it\n")
            continue
        rows = [compared(image, truth) for image, truth in structures(DATA, name, CASES)]
        means = {key: round(float(np.mean([row[key] for row in rows])), 3) for key in rows[0]}
        ours = means.pop("click")
        behind += ours <= max(means["random_walker"], means["region_growing"])
        emit(f"interactive.dice_5.{name}", ours, "Dice (more is better)", cases=len(rows), **means)
    return emit("interactive.dice_5.sets_behind_a_baseline", behind, "sets", bar=0)


def compared(image: Image, truth: NDArray[np.bool_]) -> dict[str, float]:
    """Dice after the five clicks for each method, and seconds a click and Dice after one click of the click tool."""
    task, clicks, scores, spent = ClassicClickSegment(), list[Click](), list[float](), 0.0
    found: NDArray[np.generic] = np.zeros(image.shape, np.uint8)
    for _ in range(5):
        click = next_click(truth, found, image.spacing)
        if click is None:
            break
        clicks.append(click)
        start = time.perf_counter()
        found = task(InferRequest(image, "real", tuple(clicks))).mask
        spent += time.perf_counter() - start
        scores.append(dice(truth, found))
    request = InferRequest(image, "real", tuple(clicks))
    return {
        "click": scores[-1],
        "random_walker": dice(truth, RandomWalker()(request).mask),
        "region_growing": dice(truth, RegionGrowing()(request).mask),
        "click_1": scores[0],
        "seconds": spent / len(clicks),
    }


if __name__ == "__main__":
    sys.exit(main())
