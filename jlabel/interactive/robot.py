"""A simulated annotator: clicks where a mask is most wrong, as interactive methods are compared in the literature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging.image import Image
from jlabel.interactive.error_regions import largest_region
from jlabel.tasks.infer import InferTask
from jlabel.tasks.prompts import Click
from jlabel.tasks.request import InferRequest


def dice(truth: NDArray[Any], mask: NDArray[Any]) -> float:
    """Overlap of two masks of one shape, 0 to 1: twice the common voxels over the sum of both, 1 if both are empty."""
    a, b = np.asarray(truth, dtype=bool), np.asarray(mask, dtype=bool)
    total = int(a.sum()) + int(b.sum())
    return 2.0 * int((a & b).sum()) / total if total else 1.0


def next_click(truth: NDArray[Any], mask: NDArray[Any], spacing: Sequence[float] | None = None) -> Click | None:
    """The click that a person would make next: in the middle of the largest error.

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


def simulate(
    task: InferTask, image: Image, truth: NDArray[Any], clicks: int = 5, request: InferRequest | None = None
) -> list[float]:
    """The Dice of a task after 1, 2, … clicks of the simulated annotator.

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
    mask: NDArray[Any] = np.zeros(image.shape, dtype=np.uint8)
    made: list[Click] = []
    scores: list[float] = []
    for _ in range(clicks):
        click = next_click(truth, mask, image.spacing)
        if click is None:
            break
        made.append(click)
        mask = task(replace(asked, image=image, prompts=tuple(made))).mask
        scores.append(dice(truth, mask))
    return scores + [scores[-1] if scores else 1.0] * (clicks - len(scores))
