"""A whole project with and without a model that learns along: ``python -m bench.bench_project``; see ``--help``.

Thirty hippocampus MRI of the Medical Segmentation Decathlon. Simulated people (``jlabel.simulation``) click until both
structures of a case have a Dice of 0.85, at most 15 times each; what is not good enough then they finish by hand. With
the loop, trainings begin when the labeler would begin them and take as long as there, the newest version makes first
masks, and the click tool, which learns along, corrects them; without it the training-free tool begins with nothing. As
``jlabel.simulation.run`` does it for one hand, but here both label every case with the same versions, which spares half
of the trainings: these learn from what the human-like one saved, which is not the truth. They wait for a training that
has begun: a person would go on meanwhile. The figures are the clicks with the loop over those without, and the seconds
that both would take by the model of seconds. It needs the folder that JLABEL_TEST_DATA names.
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
from jlabel.effort import SecondsModel
from jlabel.imaging import read_label
from jlabel.simulation import HumanLikeParameters
from jlabel.simulation.labeling import Way, label_image
from jlabel.training.schedule import due_at, seconds_for

LABELS = {"anterior": 1, "posterior": 2}
#: Trainers whose first masks another task makes.
FIRST_MASKS_BY = {"deepedit": "deepedit_auto"}
#: What answers the clicks of a person without the loop: it learns nothing.
ALONE = "click_classic"
ENOUGH, MOST_CLICKS = 0.85, 15
BAR, GOAL = 0.5, 0.25
_TOLD = ("clicks", "by_hand", "first_dice", "final_dice", "seconds")


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
            project.label(name.removesuffix(".nii.gz"), read_label(data / "labels" / name, image), number)
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
        rows: For each hand and each case what it has cost with the loop and without.
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

    def label(self, image_id: str, truth: NDArray[Any], number: int) -> None:
        """Label one case with both hands, with the loop and without, and train where it is time to."""
        for hand in HANDS:
            ways = {"with": self._way(hand, number, self.tool, True), "without": self._way(hand, number, ALONE, False)}
            made = {name: label_image(self.manager, image_id, truth, way, LABELS) for name, way in ways.items()}
            row = {name: each.row for name, each in made.items()}
            self.rows[hand].append(row)
            told = {name: {key: each[key] for key in _TOLD} for name, each in row.items()}
            sys.stderr.write(f"{image_id} {hand}: {told}\n")
        # That of the last hand, the human-like one.
        self.manager.save_label(image_id, made["with"].label)
        self._train_if_due(number + 1)

    def _way(self, hand: str, number: int, tool: str, loop: bool) -> Way:
        first = FIRST_MASKS_BY.get(self.trainer, self.trainer) if loop else ""
        return Way(annotator(hand, number), tool, first, ENOUGH, MOST_CLICKS, SecondsModel())

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
        more: dict[str, Any] = {f"clicks_{way}": _mean(rows, way, "clicks") for way in ("with", "without")}
        more |= {f"by_hand_{way}": sum(row[way]["by_hand"] for row in rows) for way in ("with", "without")}
        more |= {f"minutes_{way}": round(_mean(rows, way, "seconds") / 60, 2) for way in ("with", "without")}
        later = [row for row in rows if row["with"]["first_dice"] is not None]
        if later:
            more["first_dice"] = _mean(later, "with", "first_dice")
            more["ratio_once_trained"] = round(_ratio(later, "clicks"), 3)
        more |= {"ratio_seconds": round(_ratio(rows, "seconds"), 3), "cases": len(rows), "goal": GOAL}
        if hand == "human":
            more["hand"] = HumanLikeParameters().as_dict()
        good &= emit(f"project.{hand}", _ratio(rows, "clicks"), "clicks with / without", bar=BAR, **more)
    spent = sum(training["seconds"] for training in project.trainings)
    emit("project.trainings", spent, "s", trainer=project.trainer, tool=project.tool, trainings=project.trainings)
    return good


def _ratio(rows: Sequence[dict[str, Any]], what: str) -> float:
    return sum(row["with"][what] for row in rows) / max(1, sum(row["without"][what] for row in rows))


def _mean(rows: Sequence[dict[str, Any]], way: str, what: str) -> float:
    return round(float(np.mean([row[way][what] for row in rows])), 3)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
