"""What a training job takes of the machine's memory: ``python -m bench.bench_training_memory``.

Trainings of the shipped network on 40 volumes of 256×256×128 and on half as many, each as a job. The floor is the same
training of eight tiny volumes; the growth is the peak of the larger set over that of the smaller one.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import jlabel
from bench.report import emit
from bench.trainings import LABELS, App, make_studies

TINY, LARGE = (36, 50, 35), (256, 256, 128)
COUNTS = (20, 40)
SECONDS = 10.0
BAR_MB, GROWTH_BAR = 4000.0, 1.1


def main() -> int:
    good, peaks = True, []
    floor, _ = peak_mb(TINY, 8)
    for count in COUNTS:
        peak, epochs = peak_mb(LARGE, count)
        good &= emit(f"training_memory.{count}", peak, "MB", floor, BAR_MB, epochs=epochs)
        peaks.append(peak)
    unit = f"x from {COUNTS[0]} to {COUNTS[1]} volumes"
    good &= emit("training_memory.growth", peaks[1] / peaks[0], unit, bar=GROWTH_BAR)
    return 0 if good else 1


def peak_mb(shape: tuple[int, ...], count: int) -> tuple[float, int]:
    """The most that the job's process ever held, and the number of epochs that it came to."""
    with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder:
        manager = jlabel.AppManager(App(make_studies(Path(folder) / "studies", shape, count), labels=LABELS))
        job = manager.train("segmentation", device="cpu", max_seconds=SECONDS, max_epochs=1000)
        job.wait()
        if job.state != "done":
            raise RuntimeError(job.error)
        manager.close()
        return job.result["peak"] / 1e6, int(job.result["epochs"])


if __name__ == "__main__":
    sys.exit(main())
