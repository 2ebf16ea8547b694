"""How large the error may be that a prompt points at, by where it lies to a mask's border."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.interactive.grid import WorkingGrid

Mask = NDArray[np.bool_]

# A change goes no further than so many times the prompt's depth, and the mask's inner radius more.
_DEPTHS = 4.0
_THIN = 8.0  # a thin error is not taken to be wider than so many times its depth
# A part that is missed is taken for no thicker than this part of the mask's inner radius says, however far it lies.
_MISSED = 0.8
_MOST = 1 / 4  # of the mask's volume
# Of the crop's shortest edge: the depth in a crop that the mask fills.
_FILLED = 1 / 16
_BUDGET = 30_000
# A mask is far too large for a negative prompt if it holds so many times what a compact structure would, and the ball
# around the prompt that lies in it is so large a part of it.
_FAR_TOO_LARGE, _CORE = 1.25, 0.06


@dataclass(frozen=True)
class Scale:
    """Lengths in mm, and a volume.

    Attributes:
        depth: Of the prompt behind the mask's border: half the error's thickness.
        size: The mask's inner radius, less where the error is thin.
        most: Voxels that change at most.
    """

    depth: float
    size: float
    most: int

    @property
    def cap(self) -> float:
        """How far from the prompt a change goes at most."""
        return _DEPTHS * self.depth + self.size


def scale_of(mask: Mask, prompt: Mask, positive: bool, spacing: Sequence[float]) -> Scale:
    """The scale of the error at a prompt's voxels, all of them outside of the mask if ``positive``, else inside."""
    least = 0.5 * min(spacing)
    depth = max(_nearest(prompt, mask if positive else ~mask, spacing) - least, least)
    size = max(_inner_radius(mask, spacing), 2 * least)
    depth = min(depth, max(_MISSED * size, 2 * least)) if positive else depth
    ball = (np.pi * depth**2 if mask.ndim == 2 else 4 / 3 * np.pi * depth**3) / float(np.prod(spacing))
    most = max(_MOST * np.count_nonzero(mask), 2 * ball if positive else 0.0)
    return Scale(depth, min(size, _THIN * depth), int(most) + 1)


def far_too_large(mask: Mask, negative: Mask, positives: Mask, spacing: Sequence[float]) -> bool:
    """Whether a negative prompt says that the mask's core is wrong, not only its border.

    It does where the ball around it that just fits into the mask is a fair part of the mask, and the mask holds more
    than the ball around it that reaches to all positive prompts: a compact structure between them holds less.
    """
    wrong = negative & mask
    if not wrong.any() or not positives.any():
        return False
    away = ndimage.distance_transform_edt(~wrong, sampling=spacing)
    if np.count_nonzero(mask) < _FAR_TOO_LARGE * np.count_nonzero(away < away[positives].max()):
        return False
    depth = scale_of(mask, wrong, False, spacing).depth
    return bool(np.count_nonzero(away <= depth) > _CORE * np.count_nonzero(mask))


def _nearest(prompt: Mask, other: Mask, spacing: Sequence[float]) -> float:
    """The median distance of a prompt's voxels from the nearest one of the other side."""
    if not other.any():
        return _filled(prompt.shape, spacing)
    places = np.argwhere(prompt)
    if len(places) > 1:
        return float(np.median(ndimage.distance_transform_edt(~other, sampling=spacing)[prompt]))
    squares = np.zeros(())
    for axis, (n, s) in enumerate(zip(prompt.shape, spacing, strict=True)):
        line = ((np.arange(n) - places[0, axis]) * s) ** 2
        squares = squares + line.reshape([-1 if a == axis else 1 for a in range(prompt.ndim)])
    return float(np.sqrt(squares[other].min()))


def _inner_radius(mask: Mask, spacing: Sequence[float]) -> float:
    """The mask's inner radius in mm: the distance of its deepest voxel from its border."""
    grid = WorkingGrid.fitting(mask.shape, tuple(spacing), _BUDGET)
    unit = min(s * f for s, f in zip(spacing, grid.factors, strict=True))
    blocks = grid.means(mask) > 0.5
    if blocks.all():
        return _filled(mask.shape, spacing)
    return float(ndimage.distance_transform_edt(blocks, sampling=[s * unit for s in grid.steps]).max())


def _filled(shape: Sequence[int], spacing: Sequence[float]) -> float:
    """The depth that a mask without any border in sight is taken to have."""
    return _FILLED * min(n * s for n, s in zip(shape, spacing, strict=True))
