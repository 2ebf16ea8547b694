"""A whole project with and without a model that learns along: ``python -m bench.bench_project``; see ``--help``.

Thirty hippocampus MRI of the Medical Segmentation Decathlon. Simulated people (``jlabel.simulation``) click until both
structures of a case have a Dice of 0.85, at most 15 times each. With the loop, trainings begin when the labeler would
begin them and take as long as there, the newest version makes first masks, and the click tool, which learns along,
corrects them; without it the training-free tool begins with nothing. Both hands label every case with the same
versions, and the trainings learn from what the human-like one saved, which is not the truth. They wait for a training
that has begun: a person would go on meanwhile. The figure is the clicks with the loop over those without. It needs the
folder that JLABEL_TEST_DATA names.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import jlabel
from bench.click_measures import HANDS, annotator
from bench.report import emit
from jlabel.imaging import Image, read_label
from jlabel.simulation import HandParameters, Session, run_session
from jlabel.widget.auto_training import due_at, seconds_for

LABELS = {"anterior": 1, "posterior": 2}
#: Trainers whose first masks another task makes.
FIRST_MASKS_BY = {"deepedit": "deepedit_auto"}
#: What answers the clicks of a person without the loop: it learns nothing.
ALONE = "click_classic"
ENOUGH, MOST_CLICKS = 0.85, 15
BAR = 0.5

Mask = NDArray[np.bool_]


def main(arguments: Sequence[str] = ()) -> int:
    chosen = _parser().parse_args(arguments)
    data = Path(os.environ.get("JLABEL_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    data /= "hippocampus_msd"
    if not data.is_dir():
        sys.stderr.write(f"project: left out, since there is no {data}; set JLABEL_TEST_DATA\n")
        return 0
    with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder:
        names = sorted(path.name for path in (data / "images").glob("*.nii.gz"))[: chosen.cases]
        for name in names:
            shutil.copy(data / "images" / name, folder)
        project = Project(Path(folder), chosen.tool, chosen.trainer, chosen.most_seconds)
        for number, name in enumerate(names):
            image = jlabel.read_image(data / "images" / name)
            project.label(name.removesuffix(".nii.gz"), image, read_label(data / "labels" / name, image), number)
        project.manager.close()
    return 0 if tell(project) else 1


def _parser() -> argparse.ArgumentParser:
    most = float(os.environ.get("JLABEL_BENCH_SECONDS", "inf"))
    parser = argparse.ArgumentParser(prog="python -m bench.bench_project")
    parser.add_argument("--cases", type=int, default=30, help="(%(default)s)")
    parser.add_argument("--trainer", default="segmentation", help="what is trained (%(default)s)")
    parser.add_argument("--tool", default="click", help="the app's model that is asked with clicks (%(default)s)")
    parser.add_argument("--most-seconds", type=float, default=most, help="of each training, for a quick try (no limit)")
    return parser


@dataclass
class Project:
    """A folder of images that is labeled from the first to the last.

    Attributes:
        rows: For each hand the figures of each case.
        trainings: What was trained: labels, seconds, and what the training says of itself.
    """

    folder: Path
    tool: str
    trainer: str
    most_seconds: float
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {hand: [] for hand in HANDS})
    trainings: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.manager = jlabel.AppManager(jlabel.RadiologyApp(self.folder, labels=LABELS), device="cpu")
        self.learnt = 0

    def label(self, image_id: str, image: Image, truth: NDArray[Any], number: int) -> None:
        """Label one case with both hands, with the loop and without, and train where it is time to."""
        answer = self._first_answer(image_id)
        made: list[Mask] = []
        for hand in HANDS:
            row: dict[str, Any] = {"with": 0, "without": 0, "reached": 0}
            made = []
            for name, value in LABELS.items():
                wanted, start = truth == value, None if answer is None else answer == value
                seed = number * len(LABELS) + value
                alone = self._clicked(ALONE, image_id, image, wanted, hand, seed, name)
                helped = self._clicked(self.tool, image_id, image, wanted, hand, seed, name, start)
                row["with"] += len(helped.steps)
                row["without"] += len(alone.steps)
                row["reached"] += helped.scores[-1] >= ENOUGH
                row[f"first_{name}"] = None if start is None else round(helped.scores[0], 3)
                made.append(helped.mask)
            self.rows[hand].append(row)
            sys.stderr.write(f"{image_id} {hand}: {row}\n")
        saved = np.zeros(image.shape, np.uint8)
        for value, mask in zip(LABELS.values(), made, strict=True):
            saved[mask & (saved == 0)] = value
        self.manager.save_label(image_id, saved)
        self._train_if_due(number + 1)

    def _clicked(
        self, tool: str, image_id: str, image: Image, wanted: Mask, hand: str, seed: int, name: str, start: Any = None
    ) -> Session:
        def ask(prompts: tuple[jlabel.Prompt, ...]) -> Mask:
            return self.manager.infer(tool, image_id, prompts, label=name).mask > 0

        # A model that found nothing of the structure has made no first mask.
        start = start if start is not None and start.any() else None
        return run_session(ask, image, wanted, annotator(hand, seed), MOST_CLICKS, start, enough=ENOUGH)

    def _first_answer(self, image_id: str) -> NDArray[Any] | None:
        if not self.trainings:
            return None
        return self.manager.infer(FIRST_MASKS_BY.get(self.trainer, self.trainer), image_id).mask

    def _train_if_due(self, labels: int) -> None:
        if labels < due_at(self.learnt):
            return
        self.learnt = labels
        self._train(self.trainer, labels, seconds_for(labels))
        for name, task in self.manager.app.trainers.items():
            if task.trains_along and name != self.trainer:
                self._train(name, labels, float(task.config["max_seconds"]))

    def _train(self, trainer: str, labels: int, seconds: float) -> None:
        limit, begun = min(seconds, self.most_seconds), time.monotonic()
        job = self.manager.train(trainer, device="cpu", max_seconds=limit)
        job.wait()
        if job.state != "done":
            raise RuntimeError(job.error)
        told = {"trainer": trainer, "labels": labels, "limit": limit, "seconds": round(time.monotonic() - begun, 1)}
        self.trainings.append({**told, "epochs": job.result.get("epochs"), "in_use": job.result.get("in_use")})
        sys.stderr.write(f"trained: {self.trainings[-1]}\n")


def tell(project: Project) -> bool:
    good = True
    for hand, rows in project.rows.items():
        clicks = {way: sum(row[way] for row in rows) for way in ("with", "without")}
        more: dict[str, Any] = {f"clicks_{way}": round(count / len(rows), 2) for way, count in clicks.items()}
        later = [row for row in rows if row["first_anterior"] is not None]
        if later:
            more["first_dice"] = round(float(np.mean([row[f"first_{name}"] for row in later for name in LABELS])), 3)
            more["ratio_once_trained"] = round(_ratio(later), 3)
        more |= {"reached": round(sum(row["reached"] for row in rows) / len(rows) / len(LABELS), 3), "cases": len(rows)}
        if hand == "human":
            more["hand"] = HandParameters().as_dict()
        good &= emit(f"project.{hand}", _ratio(rows), "clicks with / without", bar=BAR, **more)
    spent = sum(training["seconds"] for training in project.trainings)
    emit("project.trainings", spent, "s", trainer=project.trainer, tool=project.tool, trainings=project.trainings)
    return good


def _ratio(rows: Sequence[dict[str, Any]]) -> float:
    return sum(row["with"] for row in rows) / max(1, sum(row["without"] for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
