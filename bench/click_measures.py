"""What is measured at one structure: sessions of simulated annotators, boxes, and clicks in another order."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.click_cases import TASKS, Case
from jlabel.imaging import Image
from jlabel.imaging.region import Region, bounding_region
from jlabel.prompts.prompt import Box, Click, Prompt
from jlabel.simulation import FIRST_MASKS, Annotator, HumanLike, Robot, Session, dice, run_session
from jlabel.tasks.infer import InferTask
from jlabel.tasks.request import InferRequest

WHAT = ("from_nothing", "first_masks", "box", "order")
HANDS = ("robot", "human")
_CORRECTIONS = 5
_ORDERS = 3

Row = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What is measured, with which task and hands, and after how many clicks."""

    task: str
    clicks: int
    hands: tuple[str, ...]
    what: tuple[str, ...]


def measured(case: Case, plan: Plan) -> Row:
    """The figures of one structure: for each of ``plan.what`` what its function below returns."""
    image, truth = case.load()
    row: Row = {"set": case.name, "image": case.image.name, "value": case.value, "voxels": int(truth.sum())}
    begun = time.perf_counter()
    robot: Session | None = None
    for hand in plan.hands if "from_nothing" in plan.what else ():
        session = run_session(_asking(plan, image), image, truth, annotator(hand, case.number), plan.clicks)
        row[f"from_nothing.{hand}"] = told(session)
        robot = session if hand == "robot" else robot
    if "first_masks" in plan.what:
        row["first_masks"] = {kind: from_first_mask(kind, plan, image, truth) for kind in FIRST_MASKS}
    if "box" in plan.what:
        row["box"] = box(plan, image, truth)
    if "order" in plan.what:
        clicks = robot.clicks if robot else run_session(_asking(plan, image), image, truth, Robot(), 5).clicks
        row["order"] = orders(plan, image, clicks[:5], case.number)
    return row | {"took": round(time.perf_counter() - begun, 2)}


def annotator(hand: str, seed: int) -> Annotator:
    return Robot() if hand == "robot" else HumanLike(seed)


def told(session: Session) -> Row:
    """Scores, and of each click how the Dice changed, which part of the error it fixed (None: not a correct click)."""
    return {
        "scores": [round(score, 4) for score in session.scores],
        "steps": [
            {
                "position": step.click.position,
                "positive": step.click.positive,
                "fixed": None if step.fixed is None else round(step.fixed, 4),
                "change": round(step.after - step.before, 4),
                "seconds": round(step.seconds, 4),
            }
            for step in session.steps
        ],
    }


def from_first_mask(kind: str, plan: Plan, image: Image, truth: NDArray[np.bool_]) -> Row:
    """As :func:`told`, of five clicks into a wrong first mask."""
    start = FIRST_MASKS[kind](truth)
    return told(run_session(_asking(plan, image), image, truth, Robot(), _CORRECTIONS, start))


def box(plan: Plan, image: Image, truth: NDArray[np.bool_]) -> dict[str, float]:
    """Dice of the answer to the box around the structure, and of the ellipse or ellipsoid in that box."""
    around = bounding_region(truth)
    assert around is not None
    prompt = Box(around.lower, tuple(n - 1 for n in around.upper))
    begun = time.perf_counter()
    mask = _asking(plan, image)((prompt,))
    seconds = time.perf_counter() - begun
    scores = {"task": dice(truth, mask), "ellipse": dice(truth[around.slices], ellipse(around))}
    return {key: round(score, 4) for key, score in scores.items()} | {"seconds": round(seconds, 4)}


def ellipse(box: Region) -> NDArray[np.bool_]:
    """The one that touches every side of the box, in the box; pixels whose centre lies inside."""
    grid = np.ogrid[tuple(slice(0, n) for n in box.shape)]
    return sum(((2 * g + 1 - n) / n) ** 2 for g, n in zip(grid, box.shape, strict=True)) <= 1


def orders(plan: Plan, image: Image, clicks: tuple[Click, ...], seed: int) -> dict[str, float]:
    """The least and the mean Dice between the masks of the clicks as they were made and in three random orders."""
    random = np.random.default_rng(seed)
    tried = [clicks, *([clicks[i] for i in random.permutation(len(clicks))] for _ in range(_ORDERS))]
    masks = [_asking(plan, image)(tuple(order)) for order in tried]
    pairs = [dice(one, other) for one, other in itertools.combinations(masks, 2)]
    return {"least": round(min(pairs), 4), "mean": round(float(np.mean(pairs)), 4)}


def _asking(plan: Plan, image: Image) -> Any:
    return partial(_ask, TASKS[plan.task](), image)


def _ask(task: InferTask, image: Image, prompts: tuple[Prompt, ...]) -> NDArray[np.bool_]:
    return task(InferRequest(image, "real", prompts)).mask > 0
