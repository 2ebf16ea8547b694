"""Where in an image a person is needed: the places at which a model is least sure, and differs from the draft."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging import Region, bounding_region

# A place as large as this is looked at as one, in mm.
SMOOTHING_MM = 5.0
# What is surer than this share of the least sure place is not worth a look, nor is an image without an unsure voxel.
_LEAST_SHARE = 0.2
_UNSURE = 0.1
# Full width at half maximum of a Gaussian, in its standard deviations.
_FWHM = 2.355


@dataclass(frozen=True)
class UncertainPlace:
    """A place in an image.

    Attributes:
        position: Its voxel.
        weight: How unsure it is: the smoothed uncertainty, up to twice as much where model and draft differ.
        value: The label whose border runs there, the model's before the draft's; 0 where neither has one near.
    """

    position: tuple[int, ...]
    weight: float
    value: int


def _go_on() -> None:
    return None


def uncertain_places(
    uncertainty: NDArray[Any],
    answer: NDArray[Any],
    draft: NDArray[Any],
    spacing: Sequence[float],
    smoothing: float = SMOOTHING_MM,
    most: int = 20,
    check: Callable[[], None] = _go_on,
) -> list[UncertainPlace]:
    """The places to look at, the least sure first: maxima of the smoothed uncertainty, no two near each other.

    Args:
        uncertainty: How unsure the model is of each voxel, 0 to 1.
        answer: The model's labels, of the same shape.
        draft: The person's, of the same shape.
        spacing: Size of a voxel along each axis, in mm.
        smoothing: Over how many mm the uncertainty is smoothed (full width at half maximum); places are at least twice
            as far apart.
        most: How many places at most.
        check: Called now and then; raises to give up.
    """
    # NaN is as good as sure: nothing is known there.
    unsure = uncertainty > _UNSURE
    region = bounding_region(unsure)
    if region is None:
        return []
    # A voxel that has no size along an axis counts as 1 mm.
    size = np.array([float(v) if v > 0 else 1.0 for v in spacing])
    sigma = smoothing / _FWHM / size
    region = region.grow([int(np.ceil(3 * s)) for s in sigma], uncertainty.shape)
    check()
    weight = _weights(uncertainty, answer, draft, region, sigma, check)
    check()
    found = _peaks(weight, [int(np.ceil(smoothing / s)) for s in size])
    kept = _apart(found, weight, size, 2 * smoothing, most)
    reach = [max(1, round(smoothing / s)) for s in size]
    places = []
    for at in kept:
        position = tuple(int(v) + low for v, low in zip(at, region.lower, strict=True))
        value = _label_at(position, reach, answer) or _label_at(position, reach, draft)
        places.append(UncertainPlace(position, float(weight[tuple(at)]), value))
    return places


def _weights(
    uncertainty: NDArray[Any],
    answer: NDArray[Any],
    draft: NDArray[Any],
    region: Region,
    sigma: NDArray[np.float64],
    check: Callable[[], None],
) -> NDArray[np.float32]:
    from scipy import ndimage

    here = region.slices
    weight = np.nan_to_num(uncertainty[here].astype(np.float32))
    ndimage.gaussian_filter(weight, sigma, output=weight, mode="constant", truncate=3.0)
    check()
    differ = answer[here] != draft[here]
    if differ.any():
        share = differ.astype(np.float32)
        ndimage.gaussian_filter(share, sigma, output=share, mode="constant", truncate=3.0)
        share += 1
        weight *= share
    return weight


def _peaks(weight: NDArray[np.float32], reach: Sequence[int]) -> NDArray[np.intp]:
    """Voxels than which none around is less sure, the least sure first, then by their place."""
    from scipy import ndimage

    enough = _LEAST_SHARE * float(weight.max(initial=0))
    top = ndimage.maximum_filter(weight, size=[2 * r + 1 for r in reach], mode="constant")
    found = np.argwhere((weight >= top) & (weight >= enough))
    order = np.argsort(-weight[tuple(found.T)], kind="stable")
    return found[order]


def _apart(
    found: NDArray[np.intp], weight: NDArray[np.float32], size: NDArray[np.float64], distance: float, most: int
) -> list[NDArray[np.intp]]:
    """Those that lie at least so many mm from every one before them."""
    kept: list[NDArray[np.intp]] = []
    left = found
    while len(left) and len(kept) < most:
        first = _middle_of_plateau(left, weight, size, distance)
        kept.append(first)
        left = left[np.linalg.norm((left - first) * size, axis=1) >= distance]
    return kept


def _middle_of_plateau(
    left: NDArray[np.intp], weight: NDArray[np.float32], size: NDArray[np.float64], distance: float
) -> NDArray[np.intp]:
    """Of voxels that are equally unsure and near the first, the one that is nearest to their middle."""
    same = left[weight[tuple(left.T)] == weight[tuple(left[0])]]
    same = same[np.linalg.norm((same - left[0]) * size, axis=1) < distance]
    offsets = np.linalg.norm((same - same.mean(axis=0)) * size, axis=1)
    middle: NDArray[np.intp] = same[int(np.argmin(offsets))]
    return middle


def _label_at(position: tuple[int, ...], reach: Sequence[int], mask: NDArray[Any]) -> int:
    """The label with most voxels around a position; 0 where there is none."""
    lower = tuple(p - r for p, r in zip(position, reach, strict=True))
    upper = tuple(p + r + 1 for p, r in zip(position, reach, strict=True))
    values, counts = np.unique(mask[Region(lower, upper).clip(mask.shape).slices], return_counts=True)
    labelled = values != 0
    return int(values[labelled][np.argmax(counts[labelled])]) if labelled.any() else 0
