"""What ``segmentation`` learns of pictures on a CPU: polyps in endoscopy, and nuclei one by one in microscopy.

The figures are 1 - the mean Dice of the polyps (Kvasir-SEG, Jha et al. 2020) and 1 - the mean aggregated Jaccard index
of the nuclei (2018 Data Science Bowl), over pictures that no training has seen, so that smaller is better. The time is
that of two processor cores with nobody who labels beside it: ``cpu_seconds`` says what the training had of them, and on
a machine that others use JLABEL_BENCH_SLOWER=2 gives it twice the time on the clock.

``python -m bench.bench_pictures``; it takes 17 minutes, and the folder that JLABEL_TEST_DATA names.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import jlabel
from bench.report import emit
from jlabel.metrics import aggregated_jaccard_index, panoptic_quality
from jlabel.simulation import dice

_THREADS = 2  # as the bar has it
Measure = Callable[[NDArray[Any], NDArray[Any]], float]


class Case(NamedTuple):
    """A folder of the test data, and what is learnt of it.

    Attributes:
        folder: Of the test data.
        label: The name of the structure.
        instances: Whether each of its objects has a value of its own.
        labelled: How many pictures are learnt from.
        aside: How many others are judged by.
        seconds: Of the training.
        unit: Of the figure.
        bar: Of the figure.
    """

    folder: str
    label: str
    instances: bool
    labelled: int
    aside: int
    seconds: float
    unit: str
    bar: float


CASES = (
    Case("kvasir_polyp", "polyp", False, 100, 60, 600.0, "1 - Dice", 0.30),
    Case("nuclei_dsb2018", "nucleus", True, 60, 40, 300.0, "1 - AJI", 0.40),
)


class Learner(jlabel.RadiologyApp):
    """An app whose segmentation tells objects apart where the case wants it."""

    def __init__(self, studies: Path, case: Case) -> None:
        self._case = case
        super().__init__(studies, labels=[case.label])

    def init_trainers(self) -> dict[str, jlabel.TrainTask]:
        """Segmentation alone."""
        instances = self._case.label if self._case.instances else None
        return {"segmentation": jlabel.SegmentationTrainTask(instances=instances)}


def main(wanted: Sequence[str] = ()) -> int:
    data = Path(os.environ.get("JLABEL_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    good = True
    for case in CASES:
        if wanted and case.folder not in wanted:
            continue
        if not (data / case.folder).is_dir():
            sys.stderr.write(f"pictures: left out, since there is no {data / case.folder}; set JLABEL_TEST_DATA\n")
            continue
        with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder:
            figures = learn(data / case.folder, Path(folder), case)
        measured = figures.pop("figure")
        name = case.folder.partition("_")[0]
        good &= emit(f"pictures.{name}", 1 - measured, case.unit, bar=case.bar, seconds=case.seconds, **figures)
    return 0 if good else 1


def learn(data: Path, studies: Path, case: Case) -> dict[str, Any]:
    """Train on some pictures and judge by others."""
    pictures = _drawn(data, case)
    for picture in pictures:
        shutil.copy(picture, studies / picture.name)
    manager = jlabel.AppManager(Learner(studies, case))
    for picture in pictures[: case.labelled]:
        manager.save_label(picture.stem, _truth(data, picture, case))
    slower = float(os.environ.get("JLABEL_BENCH_SLOWER", "1"))
    before = os.times()
    options = {"max_seconds": case.seconds * slower, "max_epochs": 10_000}
    job = manager.train("segmentation", device="cpu", threads=_THREADS, **options)
    job.wait()
    if job.state != "done":
        raise RuntimeError(job.error)
    # The time of a process counts once somebody has taken note of its end.
    for thread in threading.enumerate():
        if thread.name.startswith("jlabel-job-"):
            thread.join()
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    found = {"epochs": int(job.result["epochs"]), "cpu_seconds": round(used), "validation": job.result["best_metric"]}
    answers = [
        (_truth(data, picture, case), np.asarray(manager.infer("segmentation", picture.stem).mask))
        for picture in pictures[case.labelled :]
    ]
    manager.close()
    means = {name: float(np.mean([measure(*pair) for pair in answers])) for name, measure in _measures(case).items()}
    return {"figure": next(iter(means.values())), **{name: round(mean, 4) for name, mean in means.items()}, **found}


def _drawn(data: Path, case: Case) -> list[Path]:
    """Pictures drawn at random, always the same: the names of a folder may go by the kind of the pictures."""
    pictures = sorted((data / "images").iterdir())
    return random.Random(case.folder).sample(pictures, case.labelled + case.aside)


def _measures(case: Case) -> Mapping[str, Measure]:
    """What is measured of truth and answer, the figure first."""
    if not case.instances:
        return {"dice": lambda truth, mask: dice(truth > 0, mask > 0)}
    return {
        "aji": aggregated_jaccard_index,
        "pq": lambda truth, mask: panoptic_quality(truth, mask).quality,
        "dice": lambda truth, mask: dice(truth > 0, mask > 0),
    }


def _truth(data: Path, picture: Path, case: Case) -> NDArray[np.uint16]:
    """The picture's label in the order of its pixels in jlabel."""
    (file,) = (data / "labels").glob(f"{picture.stem}.*")
    image = jlabel.read_image(picture)
    values = jlabel.read_label(file, image).astype(np.uint16)
    return values if case.instances else (values > 0).astype(np.uint16)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
