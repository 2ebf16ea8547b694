"""A long day in one kernel: many images, many labelers, a cell that runs again and again.

What must not grow is measured after a warm-up and at the end: memory, threads and open files. The images are 500 in one
labeler and its cache is full long before; 100 labelers are opened and closed; the labeler's cell runs 100 times in a
real kernel, from the fifth run on. ``python -m bench.bench_endurance``.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import nibabel as nib
import numpy as np

from bench.bench_memory import resident_mb
from bench.report import emit

SHAPE = (96, 96, 48)
IMAGES, OPENED, LABELERS, RUNS = 60, 500, 100, 100
CACHE_MB = 40
# What allocators keep back and a garbage collection has not reached yet; of a cell also the picture that it showed,
# which IPython keeps for each run.
BAR_MB = 60.0
# Connections to the catalogue that are kept at hand, three files each.
DESCRIPTORS_BAR = 18
_DESCRIPTORS = Path("/proc/self/fd")
_CELL = """
import jlabel
manager = jlabel.AppManager(jlabel.RadiologyApp({!r}, labels=["organ"]), device="cpu")
labeler = manager.labeler("case_0")
changed = labeler.edit("threshold", low=0, high=500)
labeler
"""


class Held(NamedTuple):
    """What a process holds."""

    memory_mb: float
    threads: int
    descriptors: int


def main() -> int:
    if not _DESCRIPTORS.exists():
        sys.stderr.write("endurance: left out, since this system has no /proc to read the figures from\n")
        return 0
    good = True
    with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as name:
        studies = make_studies(Path(name))
        for what, times in (("images", OPENED), ("labelers", LABELERS), ("cell", RUNS)):
            command = [sys.executable, "-m", "bench.bench_endurance", what, str(studies)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=1200)
            before, after = (Held(*held) for held in json.loads(done.stdout.splitlines()[-1]))
            grown = after.memory_mb - before.memory_mb
            good &= emit(f"endurance.{what}.memory", grown, "MB more", before.memory_mb, BAR_MB, times=times)
            good &= emit(f"endurance.{what}.threads", after.threads - before.threads, "threads more", bar=0)
            more = after.descriptors - before.descriptors
            good &= emit(f"endurance.{what}.descriptors", more, "open files more", bar=DESCRIPTORS_BAR)
    return 0 if good else 1


def make_studies(studies: Path) -> Path:
    rng = np.random.default_rng(0)
    for number in range(IMAGES):
        voxels = rng.integers(0, 1000, SHAPE, dtype=np.int16)
        nib.save(nib.Nifti1Image(voxels, np.eye(4)), studies / f"case_{number}.nii")
    return studies


def held() -> Held:
    """What this process holds, once what nobody refers to is gone."""
    for _ in range(3):
        gc.collect()
        time.sleep(0.3)
    return Held(resident_mb(), threading.active_count(), len(list(_DESCRIPTORS.iterdir())))


def images(studies: Path) -> tuple[Held, Held]:
    """One labeler goes through the images again and again, with a stroke in each."""
    from jlabel import AppManager, RadiologyApp

    manager = AppManager(RadiologyApp(studies, labels=["organ"]), device="cpu", cache_bytes=CACHE_MB * 1_000_000)
    labeler = manager.labeler("case_0")

    def step(number: int) -> None:
        labeler.open(f"case_{number % IMAGES}", discard=True)
        labeler.edit("threshold", low=0, high=500)

    return _repeated(step, OPENED, 2 * IMAGES)


def labelers(studies: Path) -> tuple[Held, Held]:
    """A labeler is made, used and closed."""
    from jlabel import AppManager, RadiologyApp

    manager = AppManager(RadiologyApp(studies, labels=["organ"]), device="cpu", cache_bytes=CACHE_MB * 1_000_000)

    def step(number: int) -> None:
        with manager.labeler(f"case_{number % IMAGES}") as labeler:
            labeler.edit("threshold", low=0, high=500)
            labeler.save()

    return _repeated(step, LABELERS + IMAGES, IMAGES)


def _repeated(step: Callable[[int], None], times: int, warm_up: int) -> tuple[Held, Held]:
    before = held()
    for number in range(times):
        if number == warm_up:
            before = held()
        step(number)
    return before, held()


def cell(studies: Path) -> tuple[Held, Held]:
    """A notebook's cell runs again and again, in a kernel without a front end."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    measure = "from bench.bench_endurance import held; import json; print(json.dumps(held()))"
    try:
        before = Held(0, 0, 0)
        for number in range(RUNS):
            _output(client, _CELL.format(str(studies)))
            if number == 4:
                before = Held(*json.loads(_output(client, measure)))
        return before, Held(*json.loads(_output(client, measure)))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _output(client: object, code: str) -> str:
    texts: list[str] = []

    def hook(message: dict[str, object]) -> None:
        content = message["content"]
        if message["msg_type"] == "stream":
            texts.append(content["text"])  # type: ignore[index]
        if message["msg_type"] == "error":
            raise RuntimeError("\n".join(content["traceback"]))  # type: ignore[index]

    client.execute_interactive(code, output_hook=hook, timeout=300)  # type: ignore[attr-defined]
    return "".join(texts).strip()


if __name__ == "__main__":
    if len(sys.argv) == 3:
        figures = {"images": images, "labelers": labelers, "cell": cell}[sys.argv[1]](Path(sys.argv[2]))
        sys.stdout.write(json.dumps(figures) + "\n")
    else:
        sys.exit(main())
