"""Five rounds of ten polyps through CVAT, chosen by the model and at random: ``python -m bench.bench_cvat_loop``.

For each seed and each of two strategies, ``epistemic`` and ``random``, the loop sends five rounds of ten pictures
(Kvasir-SEG, Jha et al. 2020) to the server that the tests use, whose people draw the polyps as the set has them; after
each round ``segmentation`` learns for ``JLABEL_BENCH_SECONDS`` (60) seconds on all cores. The figure is the Dice of the
last version on 60 pictures that are never sent. It has no bar: whether choosing helps is what is measured.

It takes about 7 minutes a seed and strategy, and the folder that JLABEL_TEST_DATA names; ``1 2`` are the seeds.
"""

from __future__ import annotations

import os
import random
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import jlabel
from bench.bench_pictures import CASES, _truth
from bench.report import emit
from jlabel.active_learning import AnnotationLoop, LoopSettings
from jlabel.manager import AppManager
from jlabel.simulation import dice
from tests.cvat.annotators import Annotators
from tests.cvat.server import ContractServer

ROUNDS, PER_ROUND, POOL, ASIDE = 5, 10, 120, 60
STRATEGIES = ("epistemic", "random")
CASE = next(case for case in CASES if case.folder == "kvasir_polyp")
SECONDS = float(os.environ.get("JLABEL_BENCH_SECONDS", "60"))


def main(seeds: Sequence[int] = (0, 1, 2)) -> int:
    data = Path(os.environ.get("JLABEL_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    data /= CASE.folder
    if not data.is_dir():
        sys.stderr.write(f"cvat_loop: left out, since there is no {data}; set JLABEL_TEST_DATA\n")
        return 0
    found: dict[str, list[float]] = {strategy: [] for strategy in STRATEGIES}
    for seed in seeds:
        for strategy in STRATEGIES:
            with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder:
                curve = learn(data, Path(folder), strategy, seed)
            found[strategy].append(curve[-1])
            emit(f"cvat_loop.{strategy}", curve[-1], "Dice", seed=seed, rounds=curve, seconds=SECONDS)
    for strategy, values in found.items():
        emit(f"cvat_loop.{strategy}.mean", statistics.fmean(values), "Dice", seeds=len(values))
    return 0


def learn(data: Path, studies: Path, strategy: str, seed: int) -> list[float]:
    """The Dice on the pictures aside after each round."""
    pictures = sorted((data / "images").iterdir())
    aside = random.Random("aside").sample(pictures, ASIDE)
    pool = random.Random(seed).sample([one for one in pictures if one not in aside], POOL)
    for picture in pool:
        shutil.copy(picture, studies / picture.name)
    truth = {picture.stem: _truth(data, picture, CASE) > 0 for picture in (*pool, *aside)}
    manager = AppManager(jlabel.EndoscopyApp(studies, labels=["polyp"]), device="cpu")
    curve: list[float] = []
    with ContractServer() as server:
        cvat = jlabel.Cvat(server.url, username="ann", password="ann-pass")
        options = {"max_seconds": SECONDS, "max_epochs": 10_000}
        settings = LoopSettings(
            "polyps", strategy=strategy, top_k=PER_ROUND, rounds=ROUNDS, train_options=options, poll=(0.5, 1.0)
        )

        def look(status: jlabel.LoopStatus) -> None:
            if len(status.curve) > len(curve):
                curve.append(round(_judged(manager, aside, truth), 4))

        with Annotators(server, lambda name, _: truth[Path(Path(name).stem).stem]):
            AnnotationLoop(manager, cvat, settings).run(tell=look)
        cvat.close()
    # What still runs writes into the folder that goes.
    for job in manager.jobs():
        job.cancel()
        job.wait(60)
    manager.close()
    return curve


def _judged(manager: AppManager, aside: Sequence[Path], truth: dict[str, np.ndarray]) -> float:
    task = manager.app.infers["segmentation"]
    found = []
    for picture in aside:
        request = jlabel.InferRequest(jlabel.read_image(picture), picture.stem, labels={"polyp": 1})
        found.append(dice(truth[picture.stem], np.asarray(task(request).mask) > 0))
    return statistics.fmean(found)


if __name__ == "__main__":
    sys.exit(main(tuple(map(int, sys.argv[1:])) or (0, 1, 2)))
