"""Labels in and out over a plain copy: ``python -m bench.bench_exchange``.

``exchange.import`` imports 1,000 pairs of a training set, images and labels, into an empty studies folder; its floor is
``shutil.copytree`` of the same files. ``exchange.export`` writes 1,000 labelled images for nnU-Net; its floor is a copy
of those images and labels, file by file. Each label is read to its last byte, and the disk is waited for before the
import is said to be done, which the floor does not do. ``exchange.import.again`` and ``exchange.export.again`` find
nothing that has changed. The ``small`` ones are volumes of 40 × 50 × 35 voxels, where the catalogue costs more than
the bytes: they have no bar.
"""

from __future__ import annotations

import gzip
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np

import jlabel
from bench.report import emit, emit_pairs
from jlabel.progress import NO_PROGRESS

PAIRS, ROUNDS, BAR = 1000, 3, 1.3
# Files of about 1 MB, as of a prostate or a heart, and of 0.1 MB, as of a crop of the hippocampus.
LARGE, SMALL = (96, 96, 64), (40, 50, 35)


def main() -> int:
    good = True
    for name, shape, bar in (("", LARGE, BAR), (".small", SMALL, None)):
        with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder:
            source = _training_set(Path(folder) / "source", shape)
            good &= _rounds(name, Path(folder), source, bar)
    return 0 if good else 1


def _rounds(name: str, folder: Path, source: Path, bar: float | None) -> bool:
    times: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for key, seconds in _round(folder, source).items():
            times.setdefault(key, []).append(seconds)
    good = emit_pairs(f"exchange.import{name}", times["in"], times["in floor"], "s", bar, files=2 * PAIRS)
    good &= emit_pairs(f"exchange.export{name}", times["out"], times["out floor"], "s", bar, files=2 * PAIRS)
    good &= emit(f"exchange.import.again{name}", times["in again"], "s")
    return good & emit(f"exchange.export.again{name}", times["out again"], "s")


def _round(folder: Path, source: Path) -> dict[str, float]:
    studies, exported, floor = folder / "studies", folder / "exported", folder / "floor"
    times = {"in floor": _seconds(lambda: shutil.copytree(source, floor))}
    shutil.rmtree(floor)
    studies.mkdir()
    manager = jlabel.AppManager(jlabel.LabelApp(studies, labels=["organ", "tumour"]), device="cpu")
    for key in ("in", "in again"):
        times[key] = _seconds(lambda: manager.import_labels(source, images=True, progress=NO_PROGRESS))
    assert manager.datastore.count_labeled() == PAIRS
    times["out floor"] = _seconds(lambda: _copy_pairs(studies, floor))
    for key in ("out", "out again"):
        times[key] = _seconds(lambda: manager.export("nnunet", exported, progress=NO_PROGRESS))
    assert len(list((exported / "labelsTr").iterdir())) == PAIRS
    manager.close()
    for used in (studies, exported, floor):
        shutil.rmtree(used)
    return times


def _training_set(folder: Path, shape: tuple[int, int, int]) -> Path:
    """A set in the layout of the Medical Segmentation Decathlon: a few volumes under many names."""
    rng = np.random.default_rng(0)
    images, labels = folder / "imagesTr", folder / "labelsTr"
    images.mkdir(parents=True)
    labels.mkdir()
    affine = np.diag([1.0, 1.0, 2.0, 1.0])
    contents = []
    for _ in range(4):
        voxels = rng.integers(0, 4096, shape, dtype=np.int16)
        label = np.zeros(shape, np.uint8)
        middle = tuple(slice(n // 3, 2 * n // 3) for n in shape)
        label[middle] = rng.random(label[middle].shape) < 0.02
        label[middle] += 1
        contents.append(tuple(gzip.compress(nib.Nifti1Image(one, affine).to_bytes(), 1) for one in (voxels, label)))
    for number in range(PAIRS):
        for top, content in zip((images, labels), contents[number % len(contents)], strict=True):
            (top / f"case_{number:04}.nii.gz").write_bytes(content)
    (folder / "dataset.json").write_text('{"labels": {"0": "background", "1": "organ", "2": "tumour"}}')
    return folder


def _copy_pairs(studies: Path, target: Path) -> None:
    for source, name in ((studies, "imagesTr"), (studies / "labels" / "final", "labelsTr")):
        (target / name).mkdir(parents=True)
        for file in source.glob("*.nii.gz"):
            shutil.copyfile(file, target / name / file.name)


def _seconds(work: Callable[[], object]) -> float:
    # What was written before is on the disk: else it is waited for in the time of whatever comes next.
    os.sync()
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
