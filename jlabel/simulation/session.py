"""Sessions: an annotator clicks until the clicks are used up, and every mask on the way is judged."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.annotators.annotator import Annotator, FirstPrompts, Robot, StoppingAnnotator
from jlabel.annotators.challenge import Cvpr25
from jlabel.annotators.error_regions import ErrorRegion, ErrorRegions
from jlabel.errors import PromptError
from jlabel.imaging.image import Image
from jlabel.metrics import surface_dice
from jlabel.metrics.dice import dice
from jlabel.prompts.prompt import Click, InitialMask, Prompt
from jlabel.tasks.infer import InferTask
from jlabel.tasks.request import InferRequest

#: From all prompts so far to a mask of the image's shape, not 0 inside.
Ask = Callable[[tuple[Prompt, ...]], NDArray[Any]]
#: From the truth, a mask and their Dice to a score of their surfaces.
JudgeSurface = Callable[[NDArray[np.bool_], NDArray[np.bool_], float], float]
#: Clicks of the CVPR 2025 challenge, its tolerance in mm, and the Dice up to which it takes the surfaces for wrong.
CVPR25_CLICKS, _TOLERANCE, _HOPELESS = 5, 2.0, 0.2


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
        width: The diameter of the largest ball in the error that was clicked, in voxels; 1 for a click in no error.
    """

    click: Click
    correct: bool
    fixed: float | None
    before: float
    after: float
    seconds: float
    width: float = 1.0


@dataclass(frozen=True, eq=False)
class Session:
    """What came of a session.

    Attributes:
        scores: The Dice before the first click and after each; the last one repeated where fewer clicks were made.
        steps: The clicks that were made.
        mask: The last mask, bool.
        first: What the annotator began with instead of a click, such as a box; ``scores`` begin after it.
        surface_scores: The normalised surface distance as ``scores``, where it was asked for; else empty.
        content: Whether it ended because the annotator was content, and not because no click was left.
    """

    scores: tuple[float, ...]
    steps: tuple[Step, ...]
    mask: NDArray[np.bool_]
    first: tuple[Prompt, ...] = ()
    surface_scores: tuple[float, ...] = ()
    content: bool = False

    @property
    def clicks(self) -> tuple[Click, ...]:
        """The clicks alone."""
        return tuple(step.click for step in self.steps)

    @property
    def final(self) -> float:
        """The Dice at the end."""
        return self.scores[-1]

    @property
    def area(self) -> float:
        """The area under the Dice over the clicks, from the first click on: 4 at most with five clicks."""
        return _area(self.scores)

    @property
    def final_surface(self) -> float:
        """The normalised surface distance at the end; NaN where it was not asked for."""
        return self.surface_scores[-1] if self.surface_scores else float("nan")

    @property
    def surface_area(self) -> float:
        """As ``area``, under the normalised surface distance; NaN where it was not asked for."""
        return _area(self.surface_scores) if self.surface_scores else float("nan")


def run_session(
    ask: Ask,
    image: Image,
    truth: NDArray[Any],
    annotator: Annotator,
    clicks: int,
    start: NDArray[Any] | None = None,
    enough: float | None = None,
    surface: JudgeSurface | None = None,
) -> Session:
    """Let an annotator click.

    Prompts that the tool refuses (:class:`jlabel.PromptError`, such as a first click with the wrong sign) leave the
    mask as it was, and are given again with the next click, as in the labeler.

    Args:
        ask: The tool.
        image: What is clicked at.
        truth: The structure, not 0 inside, of the image's shape.
        annotator: Who clicks. One with ``first_prompts`` begins with these where there is no ``start``, and one with
            ``content`` says itself when it is content.
        clicks: How many clicks at most.
        start: A mask to correct; it is the first prompt. None to begin with nothing.
        enough: A Dice with which the annotator is content.
        surface: Judges each mask by its surface too, for ``surface_scores``.

    Raises:
        ValueError: The tool answers with a mask of another shape.
    """
    wanted = np.asarray(truth, dtype=bool)
    mask = np.zeros_like(wanted) if start is None else np.asarray(start, dtype=bool)
    prompts: tuple[Prompt, ...] = () if start is None else (InitialMask(mask),)
    first = annotator.first_prompts(wanted) if start is None and isinstance(annotator, FirstPrompts) else ()
    if first:
        prompts, mask = first, _answer(ask, first, mask)
    scores, steps, masks = [dice(wanted, mask)], list[Step](), [mask]
    while not (content := _content(annotator, scores[-1], enough)) and len(steps) < clicks:
        click = annotator.next_click(wanted, mask, image.spacing)
        if click is None:
            content = True
            break
        prompts = (*prompts, click)
        begun = time.perf_counter()
        answer = _answer(ask, prompts, mask)
        seconds = time.perf_counter() - begun
        scores.append(dice(wanted, answer))
        region = _error_at(wanted, mask, click)
        fixed = None if region is None else _fixed(region, answer, click)
        width = 1.0 if region is None else region.width()
        steps.append(Step(click, fixed is not None, fixed, scores[-2], scores[-1], seconds, width))
        mask = answer
        masks += [mask] if surface is not None else []
    surfaces = [] if surface is None else [surface(wanted, each, of) for each, of in zip(masks, scores, strict=True)]
    return Session(_filled(scores, clicks), tuple(steps), mask, first, _filled(surfaces, clicks), content)


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


def cvpr25(
    ask: Ask, image: Image, truth: NDArray[Any], *, box: bool = False, seed: int = 42, axis: int = -1
) -> Session:
    """A session as the CVPR 2025 challenge on interactive 3D segmentation evaluates a structure.

    Five clicks of :class:`Cvpr25`, after a box if wanted; ``final``, ``area``, ``final_surface`` and ``surface_area``
    of the session are the challenge's DSC_Final, DSC_AUC, NSD_Final and NSD_AUC (at 2 mm; 0 for a mask whose Dice is
    0.2 or less). There all structures of an image get a click before the tool is asked again, and an image's figures
    are the means over its structures.

    Args:
        ask: The tool.
        image: What is clicked at.
        truth: The structure, not 0 inside, of the image's shape.
        box: Whether the session begins with a box.
        seed: See :class:`Cvpr25`.
        axis: Likewise.

    Raises:
        ValueError: The tool answers with a mask of another shape.

    Examples:
        >>> from jlabel.simulation import cvpr25
        >>> image = jlabel.read_image(studies / "case_0.nii.gz")
        >>> truth = image.array > 70
        >>> session = cvpr25(lambda prompts: truth, image, truth)
        >>> session.final, session.area, session.final_surface, session.surface_area
        (1.0, 4.0, 1.0, 4.0)
    """

    def surface(wanted: NDArray[np.bool_], mask: NDArray[np.bool_], score: float) -> float:
        return surface_dice(wanted, mask, image.spacing, _TOLERANCE) if score > _HOPELESS else 0.0

    return run_session(ask, image, truth, Cvpr25(seed, box=box, axis=axis), CVPR25_CLICKS, surface=surface)


def _answer(ask: Ask, prompts: tuple[Prompt, ...], before: NDArray[np.bool_]) -> NDArray[np.bool_]:
    try:
        answer = np.asarray(ask(prompts), dtype=bool)
    except PromptError:
        return before
    if answer.shape != before.shape:
        raise ValueError(f"the tool answered with a mask of shape {answer.shape} for an image of shape {before.shape}")
    return answer


def _content(annotator: Annotator, score: float, enough: float | None) -> bool:
    if isinstance(annotator, StoppingAnnotator):
        return annotator.content(score, enough)
    return enough is not None and score >= enough


def _area(scores: tuple[float, ...]) -> float:
    """By trapezoids, with clicks as steps; the score before the first click has no part in it."""
    after = scores[1:]
    return sum((one + other) / 2 for one, other in itertools.pairwise(after))


def _filled(scores: list[float], clicks: int) -> tuple[float, ...]:
    """A score for the beginning and for each click: the last one again for the clicks that were not made."""
    return tuple(scores + scores[-1:] * (clicks + 1 - len(scores)))


def _fixed(region: ErrorRegion, after: NDArray[np.bool_], click: Click) -> float:
    """The part of the error at a click that was fixed."""
    return float(np.mean(after[region.box.slices][region.inside] == click.positive))


def _error_at(wanted: NDArray[np.bool_], mask: NDArray[np.bool_], click: Click) -> ErrorRegion | None:
    if wanted[click.position] != click.positive or mask[click.position] == click.positive:
        return None
    return ErrorRegions((wanted != mask) & (wanted == click.positive)).at(click.position)
