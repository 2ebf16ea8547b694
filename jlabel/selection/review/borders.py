"""The border of a structure: how large it is, and what the image shows across it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from jlabel.imaging.image import Image
from jlabel.types import LabelMap, Mask

#: Where the change of intensity is measured: so many voxels inside of the border, at it, and outside of it.
DEPTHS = (-2, 0, 2)
#: Values of a region that its range is taken from, at most.
_SAMPLES = 1_000_000


@dataclass(frozen=True)
class Range:
    """The range of the intensities around a label.

    Attributes:
        middle: Their median.
        width: From the 5th to the 95th percentile; NaN where all are the same.
    """

    middle: float
    width: float


def intensity_range(values: NDArray[Any]) -> Range:
    """The range of the intensities of a region, of any shape; voxels that are no number are left out."""
    step = max(1, round((values.size / _SAMPLES) ** (1 / values.ndim)))
    sample = values[(slice(None, None, step),) * values.ndim].astype(np.float64).ravel()
    sample = sample[np.isfinite(sample)]
    if not sample.size:
        return Range(np.nan, np.nan)
    low, middle, high = np.percentile(sample, [5, 50, 95])
    return Range(float(middle), float(high - low) if high > low else np.nan)


def body_axes(image: Image) -> list[tuple[int, bool]]:
    """For each axis of the array, the axis of the patient that it runs along (0 to the right, 1 to anterior, 2 to
    superior), and whether it runs against it; the array's own axes for an image that is in no patient."""
    own = [(axis, False) for axis in range(image.ndim)]
    if not image.oriented:
        return own
    found = nib.orientations.io_orientation(image.affine)[: image.ndim]
    if not np.isfinite(found).all():
        return own
    return [(int(axis), direction < 0) for axis, direction in found]


def surface(mask: Mask, spacing: Sequence[float]) -> float:
    """The area of the faces between a mask and what is outside of it.

    Args:
        mask: With a rim that is outside.
        spacing: Of the voxels along each axis.
    """
    total = 0.0
    for axis in range(mask.ndim):
        total += np.count_nonzero(np.diff(mask, axis=axis)) * _face(spacing, axis)
    return total


def _face(spacing: Sequence[float], axis: int) -> float:
    return float(np.prod([step for other, step in enumerate(spacing) if other != axis]))


def contact(mask: Mask, values: LabelMap, spacing: Sequence[float]) -> float:
    """The area of the faces between a mask and other labels.

    Args:
        mask: The structure.
        values: The label values at the same place.
        spacing: As for :func:`surface`.
    """
    other = (values > 0) & ~mask
    total = 0.0
    for axis in range(mask.ndim):
        low, high = _part(mask, axis, 0, -1), _part(mask, axis, 1, None)
        others_low, others_high = _part(other, axis, 0, -1), _part(other, axis, 1, None)
        faces = np.count_nonzero((low & others_high) | (high & others_low))
        total += faces * _face(spacing, axis)
    return total


def side_contrasts(mask: Mask, values: NDArray[Any], axes: Sequence[tuple[int, bool]]) -> list[float]:
    """How the intensity changes outwards on each of the six sides of a structure: inside, at its border, and outside.

    A structure that is moved or grown has its steps elsewhere than at its border.

    Args:
        mask: The structure.
        values: The intensities at the same place, of the mask's shape.
        axes: See :func:`body_axes`.

    Returns:
        In the order of :attr:`StructureMeasures.contrast`, in the unit of the image; NaN where there is no face.
    """
    found = [[np.nan] * len(DEPTHS)] * 6
    for axis, (body, reverse) in enumerate(axes):
        low, high = _part(mask, axis, 0, -1), _part(mask, axis, 1, None)
        towards_low = np.nonzero(high & ~low)
        towards_high = np.nonzero(low & ~high)
        sides = (
            [-_mean_step(values, towards_low, axis, -depth) for depth in DEPTHS],
            [_mean_step(values, towards_high, axis, depth) for depth in DEPTHS],
        )
        found[2 * body], found[2 * body + 1] = sides[::-1] if reverse else sides
    return [step for side in found for step in side]


def _part(array: NDArray[Any], axis: int, start: int, stop: int | None) -> NDArray[Any]:
    return array[tuple(slice(start, stop) if one == axis else slice(None) for one in range(array.ndim))]


def _mean_step(values: NDArray[Any], faces: tuple[NDArray[Any], ...], axis: int, by: int) -> float:
    """The mean change along an axis from each place to the next one, so many voxels away from the faces."""
    at = faces[axis] + by
    there = (at >= 0) & (at < values.shape[axis] - 1)
    before = [index[there] for index in faces[:axis]], at[there], [index[there] for index in faces[axis + 1 :]]
    from_ = values[(*before[0], before[1], *before[2])]
    steps = values[(*before[0], before[1] + 1, *before[2])].astype(np.float64) - from_
    steps = steps[np.isfinite(steps)]
    return float(steps.mean()) if steps.size else np.nan
