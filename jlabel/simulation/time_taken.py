"""How many seconds a simulated session would take a person: by a model of seconds, see :class:`SecondsModel`.

Each prompt is a decision and a pointing movement from the prompt before, at first from the middle of the image, to an
error as wide as the largest ball in it; the slices between two prompts are looked at on the way. What a model takes to
answer is left out: it differs from machine to machine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.effort import SecondsModel
from jlabel.prompts.prompt import Box, Click, Position, Prompt, Scribble
from jlabel.simulation.session import Session


def session_seconds(session: Session, spacing: Sequence[float], model: SecondsModel) -> float:
    """Seconds of all prompts of a session.

    Args:
        session: The session.
        spacing: mm along each axis of the image.
        model: How long what is done takes.
    """
    across = slice_axis(spacing)
    at: Position = tuple(n // 2 for n in session.mask.shape)
    seconds = 0.0
    for prompt in session.first:
        begun, ended, drawing = _drawn(prompt, spacing, model)
        seconds += _move(at, begun, 1.0, across, model) + drawing
        at = ended
    for step in session.steps:
        seconds += _move(at, step.click.position, step.width, across, model)
        at = step.click.position
    return seconds


def by_hand_seconds(
    mask: NDArray[np.bool_], truth: NDArray[np.bool_], spacing: Sequence[float], model: SecondsModel
) -> float:
    """Seconds to draw the outline of a structure anew in each slice in which a mask of it is wrong.

    Args:
        mask: What is there, of shape ``(i, j, k)`` or ``(i, j)``.
        truth: What is right.
        spacing: mm along each axis.
        model: How long what is done takes.
    """
    across = slice_axis(spacing)
    in_plane = [step for axis, step in enumerate(spacing) if axis != across]
    pairs = (
        [(mask, truth)]
        if across is None
        else list(zip(np.moveaxis(mask, across, 0), np.moveaxis(truth, across, 0), strict=True))
    )
    seconds = 0.0
    for found, wanted in pairs:
        if not np.array_equal(found, wanted):
            outline = int(np.count_nonzero(wanted & ~ndimage.binary_erosion(wanted))) * float(np.mean(in_plane))
            seconds += model.action() + model.slice + outline * model.drawing
    return seconds


def looking_seconds(labels: NDArray[np.integer], spacing: Sequence[float], model: SecondsModel) -> float:
    """Seconds to look at the slices that hold something once, and to verify the label before it is saved."""
    across = slice_axis(spacing)
    others = () if across is None else tuple(axis for axis in range(labels.ndim) if axis != across)
    slices = 1 if across is None else int(np.count_nonzero(np.any(labels != 0, axis=others)))
    return model.predict(slices=max(1, slices))


def slice_axis(spacing: Sequence[float]) -> int | None:
    """The axis across the slices that a person looks at: that of the largest spacing; None in a picture."""
    if len(spacing) < 3:
        return None
    return max(range(len(spacing)), key=lambda axis: (round(spacing[axis], 3), axis))


def _move(at: Position, to: Position, width: float, across: int | None, model: SecondsModel) -> float:
    away = math.dist(*([i for axis, i in enumerate(place) if axis != across] for place in (at, to)))
    slices = 0 if across is None else abs(at[across] - to[across])
    return model.action(away, width) + model.slice * slices


def _drawn(prompt: Prompt, spacing: Sequence[float], model: SecondsModel) -> tuple[Position, Position, float]:
    """Where a prompt begins and ends, and the seconds between."""
    if isinstance(prompt, Box):
        return prompt.lower, prompt.upper, model.pointing(math.dist(prompt.lower, prompt.upper), 1.0)
    if isinstance(prompt, Scribble):
        # Its voxels are in no order: as many as they are, so long is the path.
        length = len(prompt.positions) * float(np.mean(spacing))
        return prompt.positions[0], prompt.positions[-1], length * model.drawing
    place = prompt.position if isinstance(prompt, Click) else (0,) * len(spacing)
    return place, place, 0.0
