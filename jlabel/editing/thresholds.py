"""A label from a range of intensities."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.editing.edit import Edit, Labels
from jlabel.errors import EditError
from jlabel.imaging import Region
from jlabel.progress import NO_PROGRESS, Progress

_SLAB = 16


def threshold(
    mask: Labels,
    image: NDArray[Any],
    value: int,
    low: float,
    high: float,
    region: Region | None = None,
    progress: Progress = NO_PROGRESS,
) -> Edit:
    """Give a label every voxel whose intensity lies between two, both included.

    Args:
        mask: Label values, shape (i, j) or (i, j, k).
        image: Intensities, of the same shape.
        value: The label.
        low: Lowest intensity, in the image's units.
        high: Highest intensity.
        region: Where; everywhere if not given.
        progress: Who waits.

    Raises:
        EditError: The range is empty, or the image has colours.
        Cancelled: Nobody waits any more.
    """
    if image.shape != mask.shape:
        raise EditError("a threshold needs an image with one intensity for each voxel; this one has colours")
    if np.isnan([low, high]).any() or low > high:
        raise EditError(f"the lowest intensity ({low:g}) must not be above the highest ({high:g})")
    box = region if region is not None else Region.whole(mask.shape)
    after = mask[box.slices].copy(order="F")
    intensity = image[box.slices]
    for start in range(0, after.shape[-1], _SLAB):
        progress.step(start, after.shape[-1])
        part = intensity[..., start : start + _SLAB]
        after[..., start : start + _SLAB][(part >= low) & (part <= high)] = value
    return Edit(box, after)
