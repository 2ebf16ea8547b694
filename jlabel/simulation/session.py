"""Sessions: an annotator clicks until the clicks are used up, and every mask on the way is judged."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import PromptError
from jlabel.imaging.image import Image
from jlabel.simulation.annotator import Annotator, Robot
from jlabel.simulation.error_regions import ErrorRegion, ErrorRegions
from jlabel.simulation.overlap import dice
from jlabel.tasks.infer import InferTask
from jlabel.tasks.prompts import Click, InitialMask, Prompt
from jlabel.tasks.request import InferRequest

#: From all prompts so far to a mask of the image's shape, not 0 inside.
Ask = Callable[[tuple[Prompt, ...]], NDArray[Any]]


@dataclass(frozen=True)
class Step:
    """One click of a session.

    Attributes:
        click: The click.
        correct: Whether it lay in an error of its sign: a positive one where the structure was missed, a negative one
            where the mask was too much.
        fixed: Of a correct one, the part of the error's connected component that is right afterwards; None otherwise.
        before: The Dice before it.
        after: The Dice after it.
        seconds: How long the answer took.
    """

    click: Click
    correct: bool
    fixed: float | None
    before: float
    after: float
    seconds: float


@dataclass(frozen=True, eq=False)
class Session:
    """What came of a session.

    Attributes:
        scores: The Dice before the first click and after each; the last one repeated where fewer clicks were made.
        steps: The clicks that were made.
        mask: The last mask, bool.
    """

    scores: tuple[float, ...]
    steps: tuple[Step, ...]
    mask: NDArray[np.bool_]

    @property
    def clicks(self) -> tuple[Click, ...]:
        """The clicks alone."""
        return tuple(step.click for step in self.steps)


def run_session(
    ask: Ask,
    image: Image,
    truth: NDArray[Any],
    annotator: Annotator,
    clicks: int,
    start: NDArray[Any] | None = None,
    enough: float | None = None,
) -> Session:
    """Let an annotator click.

    Prompts that the tool refuses (:class:`jlabel.PromptError`, such as a first click with the wrong sign) leave the
    mask as it was, and are given again with the next click, as in the labeler.

    Args:
        ask: The tool.
        image: What is clicked at.
        truth: The structure, not 0 inside, of the image's shape.
        annotator: Who clicks.
        clicks: How many clicks at most.
        start: A mask to correct; it is the first prompt. None to begin with nothing.
        enough: A Dice with which the annotator is content.

    Raises:
        ValueError: The tool answers with a mask of another shape.
    """
    wanted = np.asarray(truth, dtype=bool)
    mask = np.zeros_like(wanted) if start is None else np.asarray(start, dtype=bool)
    prompts: tuple[Prompt, ...] = () if start is None else (InitialMask(mask),)
    scores, steps = [dice(wanted, mask)], list[Step]()
    while len(steps) < clicks and (enough is None or scores[-1] < enough):
        click = annotator.next_click(wanted, mask, image.spacing)
        if click is None:
            break
        prompts = (*prompts, click)
        begun = time.perf_counter()
        answer = _answer(ask, prompts, mask)
        seconds = time.perf_counter() - begun
        scores.append(dice(wanted, answer))
        fixed = _fixed(wanted, mask, answer, click)
        steps.append(Step(click, fixed is not None, fixed, scores[-2], scores[-1], seconds))
        mask = answer
    return Session((*scores, *scores[-1:] * (clicks - len(steps))), tuple(steps), mask)


def simulate(
    task: InferTask, image: Image, truth: NDArray[Any], clicks: int = 5, request: InferRequest | None = None
) -> list[float]:
    """The Dice of a task after 1, 2, … clicks of :class:`Robot`.

    Args:
        task: An interactive task that takes clicks.
        image: The image.
        truth: The structure, not 0 inside, of the image's shape.
        clicks: How many clicks at most.
        request: What to ask with (device, parameters); its image and prompts are replaced.

    Returns:
        ``clicks`` values; once the mask is right everywhere the last value is repeated.
    """
    asked = request or InferRequest(image=image, image_id="simulated")

    def ask(prompts: tuple[Prompt, ...]) -> NDArray[Any]:
        return task(replace(asked, image=image, prompts=prompts)).mask

    return list(run_session(ask, image, truth, Robot(), clicks).scores[1:])


def _answer(ask: Ask, prompts: tuple[Prompt, ...], before: NDArray[np.bool_]) -> NDArray[np.bool_]:
    try:
        answer = np.asarray(ask(prompts), dtype=bool)
    except PromptError:
        return before
    if answer.shape != before.shape:
        raise ValueError(f"the tool answered with a mask of shape {answer.shape} for an image of shape {before.shape}")
    return answer


def _fixed(
    wanted: NDArray[np.bool_], before: NDArray[np.bool_], after: NDArray[np.bool_], click: Click
) -> float | None:
    """The part of the error at a click that was fixed; None where the click lay in no error of its sign."""
    region = _error_at(wanted, before, click)
    if region is None:
        return None
    return float(np.mean(after[region.box.slices][region.inside] == click.positive))


def _error_at(wanted: NDArray[np.bool_], mask: NDArray[np.bool_], click: Click) -> ErrorRegion | None:
    if wanted[click.position] != click.positive or mask[click.position] == click.positive:
        return None
    return ErrorRegions((wanted != mask) & (wanted == click.positive)).at(click.position)
