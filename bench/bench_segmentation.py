"""What ``segmentation`` learns in minutes on a CPU: hippocampus MRI of the Medical Segmentation Decathlon.

The figure is 1 - the mean Dice of both structures over images that no training has seen, so that smaller is better.
``python -m bench.bench_segmentation``; it takes 13 minutes, and the folder that JLABEL_TEST_DATA names.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import nibabel as nib
import numpy as np

import jlabel
from bench.report import emit

LABELS = {"anterior": 1, "posterior": 2}
#: Name, labelled cases, cases kept aside, seconds, bar.
RUNS = (("5", 5, 10, 180.0, 0.40), ("30", 30, 30, 600.0, 0.20))


def main() -> int:
    data = Path(os.environ.get("JLABEL_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    data /= "hippocampus_msd"
    if not data.is_dir():
        sys.stderr.write(f"segmentation: left out, since there is no {data}; set JLABEL_TEST_DATA\n")
        return 0
    good = True
    for name, labelled, aside, seconds, bar in RUNS:
        with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder:
            dice, epochs = learn(data, Path(folder), labelled, aside, seconds)
        more = {"epochs": epochs, "seconds": seconds, "dice": round(dice, 4)}
        good &= emit(f"segmentation.{name}", 1 - dice, "1 - Dice", bar=bar, **more)
    return 0 if good else 1


def learn(data: Path, studies: Path, labelled: int, aside: int, seconds: float) -> tuple[float, int]:
    """Train on the first cases and judge by those after them; returns the mean Dice and the number of epochs."""
    names = sorted(path.name for path in (data / "images").glob("*.nii.gz"))[: labelled + aside]
    for name in names:
        shutil.copy(data / "images" / name, studies / name)
    manager = jlabel.AppManager(jlabel.RadiologyApp(studies, labels=LABELS))
    for name in names[:labelled]:
        manager.save_label(name.removesuffix(".nii.gz"), _truth(data, name))
    job = manager.train("segmentation", device="cpu", max_seconds=seconds, max_epochs=10_000)
    job.wait()
    if job.state != "done":
        raise RuntimeError(job.error)
    scores = []
    for name in names[labelled:]:
        mask, truth = manager.infer("segmentation", name.removesuffix(".nii.gz")).mask, _truth(data, name)
        scores += [_dice(mask == value, truth == value) for value in LABELS.values()]
    manager.close()
    return float(np.mean(scores)), int(job.result["epochs"])


def _truth(data: Path, name: str) -> np.ndarray:
    return np.asarray(nib.load(data / "labels" / name).dataobj).astype(np.uint8)


def _dice(one: np.ndarray, other: np.ndarray) -> float:
    return 2 * float((one & other).sum()) / max(1, int(one.sum() + other.sum()))


if __name__ == "__main__":
    sys.exit(main())
