"""Interactive segmentation: ``python -m bench.bench_interactive``.

Seconds a click, DeepGrow over a bare forward of its network, and mean Dice after five clicks of a simulated annotator
on the shared sets, beside scikit-image's random walker and region growing. ``JLABEL_TEST_DATA`` is
the folder of the sets, ``JLABEL_BENCH_CASES`` how many images of each set are taken (2).
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from monai.networks.nets import BasicUNet
from numpy.typing import NDArray

from bench.baselines import RandomWalker, RegionGrowing
from bench.report import emit
from bench.structures import SETS, structures
from jlabel.imaging.image import Image
from jlabel.interactive import ClickSegment, DeepGrow2D, simulate
from jlabel.tasks.interactive import InteractiveTask
from jlabel.tasks.prompts import Click
from jlabel.tasks.request import InferRequest

DATA = Path(os.environ.get("JLABEL_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
CASES = int(os.environ.get("JLABEL_BENCH_CASES", "2"))
ROUNDS = 9


def main() -> int:
    good = latency((96, 96, 96), "interactive.click.96x96x96", 1.0)
    good &= latency((256, 256), "interactive.click.256x256", 0.25)
    good &= deepgrow()
    return 0 if accuracy() and good else 1


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def latency(shape: tuple[int, ...], name: str, bar: float) -> bool:
    """One click into a noisy ball of a third of the image; the floor is a copy of the region to float32."""
    grid = np.indices(shape) - np.array(shape).reshape(-1, *(1,) * len(shape)) / 2
    ball = (grid**2).sum(axis=0) < (shape[0] / 3) ** 2
    noisy = (100 * ball + np.random.default_rng(0).normal(0, 20, shape)).astype(np.int16)
    # A spacing at which the first region is the whole image.
    image = Image(noisy, np.diag([96.0 / shape[0]] * len(shape) + [1.0] * (4 - len(shape))))
    request = InferRequest(image, "made", (Click(tuple(n // 2 for n in shape)),))
    task = ClickSegment()
    region = task(request).region
    assert region.shape == shape
    figures = [seconds(lambda: task(request)) for _ in range(ROUNDS)]
    floor = statistics.median(seconds(lambda: noisy.astype(np.float32)) for _ in range(ROUNDS))
    return emit(name, statistics.median(figures), "s", floor=floor, bar=bar)


def deepgrow() -> bool:
    """A click in 512×512×200 over the network alone on the same region; the two take turns, so load hits both."""
    torch.manual_seed(0)
    network = BasicUNet(2, in_channels=3, out_channels=1, features=(32, 32, 64, 128, 256, 32)).eval()
    volume = np.random.default_rng(0).integers(0, 1000, (512, 512, 200), dtype=np.int16)
    request = InferRequest(Image(volume, np.eye(4)), "made", (Click((250, 250, 100)), Click((280, 260, 100), False)))
    task = DeepGrow2D(network=network)
    region = torch.zeros(1, 3, *task.roi_size)

    def bare() -> None:
        with torch.inference_mode():
            network(region)

    bare()
    task(request)
    pairs = [(seconds(bare), seconds(lambda: task(request))) for _ in range(ROUNDS)]
    floor, whole = (statistics.median(column) for column in zip(*pairs, strict=True))
    emit("interactive.deepgrow2d.512x512x200", whole, "s", floor=floor)
    return emit("interactive.deepgrow2d.over_network", whole / floor, "ratio", bar=1.15)


def accuracy() -> bool:
    """Mean Dice after five clicks for each set and method; good where ours is above both others in every set."""
    methods: dict[str, InteractiveTask] = {
        "click": ClickSegment(),
        "random_walker": RandomWalker(),
        "region_growing": RegionGrowing(),
    }
    behind = 0
    for name in SETS:
        if not (DATA / name).is_dir():
            sys.stderr.write(f"{DATA / name} is not there: no Dice for it\n")
            continue
        cases = list(structures(DATA, name, CASES))
        means = {method: mean_dice(task, cases) for method, task in methods.items()}
        others = {f"{key}_{what}": value for key in methods for what, value in means[key].items() if key != "click"}
        behind += any(means["click"]["dice"] <= means[key]["dice"] for key in methods if key != "click")
        facts = {"cases": len(cases), "seconds": means["click"]["seconds"], "dice_1": means["click"]["dice_1"]}
        emit(f"interactive.dice_5.{name}", means["click"]["dice"], "Dice (more is better)", **facts, **others)
    return emit("interactive.dice_5.sets_behind_a_baseline", behind, "sets", bar=0)


def mean_dice(task: InteractiveTask, cases: list[tuple[Image, NDArray[np.bool_]]]) -> dict[str, float]:
    """Mean Dice after one and after five clicks, and seconds a click."""
    start = time.perf_counter()
    scores = [simulate(task, image, truth, 5) for image, truth in cases]
    spent = (time.perf_counter() - start) / max(1, 5 * len(cases))
    first, last = (float(np.mean([score[k] for score in scores])) for k in (0, 4))
    return {"dice": round(last, 3), "dice_1": round(first, 3), "seconds": round(spent, 3)}


if __name__ == "__main__":
    sys.exit(main())
