"""Who clicks next, and the annotator with which interactive methods are compared in the literature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from jlabel.annotators.error_regions import largest_region
from jlabel.prompts.prompt import Click, Prompt


class Annotator(Protocol):
    """Somebody who knows a structure and corrects masks of it."""

    def next_click(
        self, truth: NDArray[Any], mask: NDArray[Any], spacing: Sequence[float] | None = None
    ) -> Click | None:
        """The click to make next.

        Args:
            truth: The structure, not 0 inside.
            mask: What was found, of the same shape.
            spacing: mm along each axis; 1 where not given.

        Returns:
            The click, without a label name, or None where there is nothing to correct.
        """
        ...


@runtime_checkable
class FirstPrompts(Protocol):
    """An annotator who begins with other prompts than clicks, such as a box, where there is no mask to correct yet."""

    def first_prompts(self, truth: NDArray[Any]) -> tuple[Prompt, ...]:
        """The prompts to begin with; none to begin with a click.

        Args:
            truth: The structure, not 0 inside.
        """
        ...


@runtime_checkable
class StoppingAnnotator(Protocol):
    """An annotator who judges masks with an eye that errs, and so ends too early or too late."""

    def content(self, score: float, enough: float | None) -> bool:
        """Whether the mask is good enough to end here.

        Args:
            score: Its Dice.
            enough: The Dice to reach, where whoever runs the session gives one.
        """
        ...


class Robot:
    """Clicks in the middle of the largest error, always: see :func:`next_click`."""

    def next_click(
        self, truth: NDArray[Any], mask: NDArray[Any], spacing: Sequence[float] | None = None
    ) -> Click | None:
        """As :func:`next_click`."""
        return next_click(truth, mask, spacing)

    def __repr__(self) -> str:
        return "Robot()"


def next_click(truth: NDArray[Any], mask: NDArray[Any], spacing: Sequence[float] | None = None) -> Click | None:
    """The click in the middle of the largest error.

    The errors (missed and wrongly added voxels) fall into connected components; the click goes to the voxel of the
    largest one that is furthest from its edge, positive where the structure was missed.

    Args:
        truth: The structure, not 0 inside.
        mask: What the method found, of the same shape.
        spacing: mm along each axis; 1 where not given.

    Returns:
        The click, without a label name, or None where the mask is right everywhere.
    """
    wanted, found = np.asarray(truth, dtype=bool), np.asarray(mask, dtype=bool)
    missed, added = largest_region(wanted & ~found), largest_region(found & ~wanted)
    if missed is not None and (added is None or missed.size >= added.size):
        return Click(missed.innermost(spacing))
    return None if added is None else Click(added.innermost(spacing), False)
