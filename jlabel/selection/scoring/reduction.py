"""From the uncertainty of each voxel to the score of the image and of each label.

The mean over all voxels says mostly how large the background is: it is as low as the image is large. So the mean is
taken where the model draws something and in a band around that, where borders are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage

BAND = 2
"""Voxels around the predicted foreground that count; a diagonal step counts as one."""

TOP = 0.01
"""The share of voxels, the least sure ones, whose mean is the other score of an image."""

_SLAB = 1 << 24  # voxels at once, where numbers of 8 bytes are made of them


@dataclass(frozen=True)
class ImageScore:
    """What the uncertainty of an image comes to.

    Attributes:
        mean: The mean over the predicted foreground and the band around it; where nothing is predicted as foreground,
            the same as ``top``.
        top: The mean of the least sure hundredth of all voxels, at least of one.
        by_class: The mean over each class's own predicted voxels and the band around them; classes that are not
            predicted anywhere are not in it.
        foreground: The share of voxels that are predicted as foreground.
    """

    mean: float
    top: float
    by_class: Mapping[int, float]
    foreground: float


def image_score(uncertainty: NDArray[np.float16], predicted: NDArray[np.unsignedinteger]) -> ImageScore:
    """The scores of an image.

    Args:
        uncertainty: Of each voxel, not negative.
        predicted: The predicted class of each voxel, 0 for the background; the same shape.
    """
    top = top_mean(uncertainty)
    inside = predicted > 0
    count = int(np.count_nonzero(inside))
    mean = _mean(uncertainty, widened(inside)) if count else top
    return ImageScore(mean, top, _by_class(uncertainty, predicted), count / max(1, predicted.size))


def widened(inside: NDArray[np.bool_], by: int = BAND) -> NDArray[np.bool_]:
    """The voxels that are at most so many steps from one that is inside, diagonal steps too; axis by axis."""
    for axis in range(inside.ndim):
        source, inside = np.moveaxis(inside, axis, 0), inside.copy()
        target = np.moveaxis(inside, axis, 0)
        for step in range(1, by + 1):
            target[step:] |= source[:-step]
            target[:-step] |= source[step:]
    return inside


def top_mean(uncertainty: NDArray[np.float16], share: float = TOP) -> float:
    """The mean of the largest values, a share of all of them; NaN where one is.

    Args:
        uncertainty: Not negative: the bits of such numbers are in their order, so that counting takes no sorting.
        share: How many, at least one.
    """
    counts = np.zeros(1 << 16, np.int64)
    bits = np.ascontiguousarray(uncertainty, np.float16).reshape(-1).view(np.uint16)
    for start in range(0, bits.size, _SLAB):
        counts += np.bincount(bits[start : start + _SLAB], minlength=1 << 16)
    values = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float64)
    if counts[np.isnan(values)].any():
        return float("nan")
    # What is left of the share after all larger values have had theirs.
    wanted = max(1, int(share * bits.size))
    ordered, there = values[::-1], counts[::-1]
    taken = np.clip(wanted - (np.cumsum(there) - there), 0, there)
    used = taken > 0
    return float((ordered[used] * taken[used]).sum() / wanted)


def _by_class(uncertainty: NDArray[np.float16], predicted: NDArray[np.unsignedinteger]) -> dict[int, float]:
    found = {}
    for number, box in enumerate(ndimage.find_objects(predicted), start=1):
        if box is None:
            continue
        around = tuple(
            slice(max(0, side.start - BAND), min(size, side.stop + BAND))
            for side, size in zip(box, predicted.shape, strict=True)
        )
        found[number] = _mean(uncertainty[around], widened(predicted[around] == number))
    return found


def _mean(uncertainty: NDArray[np.float16], where: NDArray[np.bool_]) -> float:
    # torch turns numbers in half precision into others many times as quickly as numpy, and a product takes the same
    # time however scattered the voxels are.
    values, inside = torch.from_numpy(uncertainty), torch.from_numpy(where)
    rows = max(1, _SLAB // max(1, uncertainty[0].size))
    parts = ((values[start : start + rows], inside[start : start + rows]) for start in range(0, len(values), rows))
    total = sum(float((some.float() * near).sum()) for some, near in parts)
    return total / max(1, int(np.count_nonzero(where)))
