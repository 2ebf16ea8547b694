"""How soon a review finds labels with an error: hippocampus MRI of the Medical Segmentation Decathlon.

10 % of the labels are corrupted (``bench.corruptions``). The figure is the share of these that is not in the first 20 %
of the queue, so that smaller is better; by the labels alone, and with a model that has learnt two minutes from other
images, a tenth of whose labels are corrupted as well. ``python -m bench.bench_review``; it takes five minutes, and the
folder that JLABEL_TEST_DATA names.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

import jlabel
from bench.corruptions import CORRUPTIONS
from bench.report import emit
from jlabel.imaging import Image, read_image, read_label
from jlabel.manager.review_work import compare
from jlabel.selection.review import LabelMeasures, Prediction, compare_labels, measure_label
from jlabel.tasks.request import InferResult
from jlabel.types import LabelMap

LABELS = {"anterior": 1, "posterior": 2}
NAMES = {value: name for name, value in LABELS.items()}
#: Cases to learn from, cases to review, of these corrupted, the part of the queue that counts, sets made anew.
LEARNT, REVIEWED, CORRUPTED, FIRST, SEEDS = 30, 100, 10, 0.2, 10
SECONDS = float(os.environ.get("JLABEL_BENCH_SECONDS", 120))
BAR = 0.2


def main() -> int:
    data = Path(os.environ.get("JLABEL_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    data /= "hippocampus_msd"
    if not data.is_dir():
        sys.stderr.write(f"review: left out, since there is no {data}; set JLABEL_TEST_DATA\n")
        return 0
    names = sorted(path.name for path in (data / "images").glob("*.nii.gz"))[: LEARNT + REVIEWED]
    images = {name: read_image(data / "images" / name) for name in names}
    truths = {name: read_label(data / "labels" / name, image) for name, image in images.items()}
    reviewed = names[LEARNT:]
    sets = [corrupted(reviewed, truths, seed) for seed in range(SEEDS)]
    good = tell("review.labels_alone", sets, [found(labels, images) for labels, _ in sets])
    with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder:
        answers = predicted(data, Path(folder), names, truths)
    with_model = [found(labels, images, answers) for labels, _ in sets]
    return 0 if tell("review.with_model", sets, with_model, seconds=SECONDS) and good else 1


Set = tuple[dict[str, LabelMap], dict[str, str]]


def corrupted(names: Sequence[str], truths: Mapping[str, LabelMap], seed: int) -> Set:
    """Labels of these cases, a tenth of them corrupted, each kind as often; and which of them, and how."""
    rng = np.random.default_rng(seed)
    kinds = [list(CORRUPTIONS)[number % len(CORRUPTIONS)] for number in range(round(len(names) * CORRUPTED / REVIEWED))]
    wrong = {str(name): kind for name, kind in zip(rng.permutation(names), kinds, strict=False)}
    labels = {name: CORRUPTIONS[wrong[name]](truths[name], rng) if name in wrong else truths[name] for name in names}
    return labels, wrong


def found(
    labels: Mapping[str, LabelMap], images: Mapping[str, Image], answers: Mapping[str, InferResult] | None = None
) -> list[str]:
    """The cases that a review puts first."""
    measures: list[LabelMeasures] = [measure_label(label, images[name], NAMES) for name, label in labels.items()]
    predictions = (
        [Prediction("segmentation", 1, False, *compare(label, answers[name])) for name, label in labels.items()]
        if answers is not None
        else ()
    )
    ranks = {
        name: finding.rank for name, finding in zip(labels, compare_labels(measures, NAMES, predictions), strict=True)
    }
    return sorted(ranks, key=lambda name: -ranks[name])[: round(FIRST * len(ranks))]


def predicted(
    data: Path, studies: Path, names: Sequence[str], truths: Mapping[str, LabelMap]
) -> dict[str, InferResult]:
    """What a model makes of the images to review, that has learnt from the others."""
    for name in names:
        shutil.copy(data / "images" / name, studies / name)
    manager = jlabel.AppManager(jlabel.RadiologyApp(studies, labels=LABELS), device="cpu")
    labels, _ = corrupted(names[:LEARNT], truths, seed=SEEDS)
    for name, label in labels.items():
        manager.save_label(_case(name), label)
    job = manager.train("segmentation", device="cpu", max_seconds=SECONDS, max_epochs=10_000)
    job.wait()
    if job.state != "done":
        raise RuntimeError(job.error)
    answers = {name: manager.infer("segmentation", _case(name), probabilities=True) for name in names[LEARNT:]}
    manager.close()
    return answers


def tell(name: str, sets: Sequence[Set], first: Sequence[Sequence[str]], **more: object) -> bool:
    """One line: the share of the corrupted labels that is missed over all sets, by kind, and in the worst set."""
    missed = [
        [(kind, case not in cases) for case, kind in wrong.items()]
        for (_, wrong), cases in zip(sets, first, strict=True)
    ]
    all_missed = [miss for one in missed for _, miss in one]
    by_kind = {
        kind: round(float(np.mean([miss for one in missed for k, miss in one if k == kind])), 3) for kind in CORRUPTIONS
    }
    worst = max(float(np.mean([miss for _, miss in one])) for one in missed)
    facts = {"labels": REVIEWED, "corrupted": CORRUPTED, "first": FIRST, "sets": len(sets)}
    value = float(np.mean(all_missed))
    return emit(name, value, "share missed", bar=BAR, worst=round(worst, 3), missed=by_kind, **facts, **more)


def _case(name: str) -> str:
    return name.removesuffix(".nii.gz")


if __name__ == "__main__":
    sys.exit(main())
