"""How long a correction of the click tool takes, beside a job too, and its network's first answer in a new process."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.report import emit
from jlabel.click import ClickSegment
from jlabel.imaging.image import Image
from jlabel.jobs import JobRun, Jobs
from jlabel.prompts.prompt import Click
from jlabel.tasks.request import InferRequest

ROUNDS = 20
FRESH = 5
# Where there are two cores the job has one of them.
BESIDE_BAR = 2.5

# A correction of a mask that is there: no other answer comes before it. Prints seconds: of the package's import, of all
# that comes after it, and of its parts.
_FRESH = """
import json, time
start = time.perf_counter()
import jlabel
from jlabel import AppManager, LabelApp
package = time.perf_counter()
import numpy as np
from jlabel.click import ClickSegment
from jlabel.click.network import shipped_network
from jlabel.imaging.image import Image
from jlabel.prompts.prompt import Click, InitialMask
from jlabel.tasks.request import InferRequest
grid = np.indices((256, 256)) - 128
disc = (grid**2).sum(axis=0) < 60**2
values = 100 * disc + np.random.default_rng(0).normal(0, 20, disc.shape)
image = Image(values.astype(np.float32), np.eye(4))
request = InferRequest(image, "made", (InitialMask(disc & (grid[0] < 0)), Click((160, 128))))
made = time.perf_counter()
import torch
torch_in = time.perf_counter()
shipped_network(2)
loaded = time.perf_counter()
ClickSegment()(request)
answered = time.perf_counter()
print(json.dumps({"total": answered - package, "jlabel": package - start, "torch": torch_in - made,
                  "weights": loaded - torch_in, "correction": answered - loaded}))
"""


class NetworkEverywhere(ClickSegment):
    """As slow as the tool is once the project has a network of its own: asked everywhere, here the shipped one."""

    def _answers(self, request: InferRequest, dropped: int | None) -> bool:
        return True


def measured() -> bool:
    """All figures, as JSON lines; whether every bar was held."""
    good = correction(ClickSegment, (256, 256), "interactive.correction.256x256", (0.25, 0.5))
    good &= correction(ClickSegment, (96, 96, 96), "interactive.correction.96x96x96", (0.4, 0.8))
    correction(NetworkEverywhere, (96, 96, 96), "interactive.network_correction.96x96x96", None)
    good &= beside_a_job()
    return first_answer() and good


def noisy_ball(shape: tuple[int, ...]) -> Image:
    """A ball of a third of the image in noise, at a spacing at which the first region is the whole image."""
    grid = np.indices(shape) - np.array(shape).reshape(-1, *(1,) * len(shape)) / 2
    ball = (grid**2).sum(axis=0) < (shape[0] / 3) ** 2
    noisy = (100 * ball + np.random.default_rng(0).normal(0, 20, shape)).astype(np.int16)
    return Image(noisy, np.diag([96.0 / shape[0]] * len(shape) + [1.0] * (4 - len(shape))))


def correction(
    make: Callable[[], ClickSegment], shape: tuple[int, ...], name: str, bars: tuple[float, float] | None
) -> bool:
    """A click that says otherwise than the answer to the first one: median and 95th percentile.

    Args:
        make: The tool.
        shape: Of the image.
        name: Of the figure.
        bars: Seconds that median and percentile must not be above.
    """
    timed = _timed(make, shape)
    median, slow = bars or (None, None)
    return emit(name, timed, "s", bar=median, p95_bar=slow, rounds=len(timed))


def _timed(make: Callable[[], ClickSegment], shape: tuple[int, ...]) -> list[float]:
    image, middle = noisy_ball(shape), tuple(n // 2 for n in shape)
    figures = []
    for number in range(ROUNDS):
        task = make()
        task(InferRequest(image, "made", (Click(middle),)))
        request = InferRequest(image, "made", (Click(middle), _otherwise(shape, number)))
        start = time.perf_counter()
        task(request)
        figures.append(time.perf_counter() - start)
    # The first round waits for the network's weights too: first_answer() says for how long.
    return figures[1:]


def beside_a_job() -> bool:
    """A correction while a job computes on all cores but one, as a training does; its floor is an idle machine."""
    shape = (256, 256)
    with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder:
        before = _timed(ClickSegment, shape)
        job = Jobs(Path(folder)).start("compute", "beside", compute, device="cpu")
        while not job.notes:
            time.sleep(0.1)
        busy = _timed(ClickSegment, shape)
        job.cancel()
        job.wait(60)
        idle = [*before, *_timed(ClickSegment, shape)]
    return emit("interactive.correction_beside_a_job.256x256", busy, "s", idle, bar_over_floor=BESIDE_BAR)


def compute(run: JobRun) -> dict[str, float]:
    """Multiply matrices until the end of the job is asked for."""
    import torch

    torch.set_num_threads(run.threads)
    values = torch.ones(256, 256)
    run.note("it computes")
    while True:
        run.check_cancelled()
        for _ in range(20):
            values = values @ values.T / 256


def _otherwise(shape: tuple[int, ...], number: int) -> Click:
    """In turn a positive click beyond the ball and a negative one within it, each round in another direction."""
    angle, positive = 2.4 * number, number % 2 == 0
    away = shape[0] * (0.38 if positive else 0.27)
    place = [n // 2 for n in shape]
    place[0] += round(away * np.cos(angle))
    place[1] += round(away * np.sin(angle))
    return Click(tuple(place), positive)


def first_answer() -> bool:
    """Seconds to the first answer of the network in a process that has done nothing but import the package.

    ``jlabel`` is what that import takes, which the figure is without; ``torch``, ``weights`` and ``correction`` are its
    parts.
    """
    runs = [json.loads(subprocess.check_output([sys.executable, "-c", _FRESH], text=True)) for _ in range(FRESH)]
    totals = [run.pop("total") for run in runs]
    parts = {key: round(statistics.median(run[key] for run in runs), 3) for key in runs[0]}
    return emit("interactive.first_network_answer.256x256", totals, "s", bar=1.5, **parts)
