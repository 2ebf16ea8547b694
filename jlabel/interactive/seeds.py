"""From prompts to seeds: voxels that are surely inside or outside the structure, and where it may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.draw import polygon

from jlabel.tasks.prompts import Box, Click, InitialMask, Lasso, Prompt, Scribble

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Seeds:
    """What the prompts say about the voxels of a crop; all arrays have its shape.

    Attributes:
        foreground: Surely inside: positive clicks and scribbles, the core of positive lassos.
        background: Surely outside: negative clicks and scribbles, the inside of negative lassos.
        allowed: Where the structure may be: inside the boxes; everywhere where there are none.
        prior: About the structure, from boxes, lassos and initial masks; None where there are none.
        marked: Whether a person pointed at the inside (a click, scribble or lasso), so that only parts that hold such a
            point are kept.
        corrected: Whether the prior is a mask to be kept but for what the clicks change.
    """

    foreground: Mask
    background: Mask
    allowed: Mask
    prior: Mask | None
    marked: bool
    corrected: bool


def make_seeds(prompts: Sequence[Prompt], shape: Sequence[int]) -> Seeds:
    """The seeds of prompts given in voxel indices of an array of that shape.

    Where prompts contradict each other, the later click or scribble wins; a click always wins against a box, a lasso
    and an initial mask.
    """
    foreground, background = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    boxes, prior = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for prompt in prompts:
        if isinstance(prompt, Box):
            inside = tuple(slice(lo, up + 1) for lo, up in zip(prompt.lower, prompt.upper, strict=True))
            boxes[inside] = True
        elif isinstance(prompt, InitialMask):
            prior |= np.asarray(prompt.mask) != 0
        elif isinstance(prompt, Lasso):
            inside_lasso = lasso_interior(prompt, shape)
            if prompt.positive:
                prior |= inside_lasso
                foreground |= _core(inside_lasso)
            else:
                background |= inside_lasso
                prior &= ~inside_lasso
    for prompt in prompts:
        if isinstance(prompt, Click | Scribble):
            positions = [prompt.position] if isinstance(prompt, Click) else list(prompt.positions)
            where = tuple(np.asarray(positions).T)
            foreground[where] = prompt.positive
            background[where] = not prompt.positive
    foreground &= ~background
    boxed = any(isinstance(prompt, Box) for prompt in prompts)
    if boxed:
        prior |= _inscribed(boxes)
        boxes |= foreground
    masked = any(isinstance(prompt, InitialMask) for prompt in prompts) and bool(prior.any())
    return Seeds(
        foreground=foreground,
        background=background,
        allowed=boxes if boxed else np.ones(shape, dtype=bool),
        prior=prior if prior.any() else None,
        marked=bool(foreground.any()),
        corrected=masked,
    )


def lasso_interior(lasso: Lasso, shape: Sequence[int]) -> Mask:
    """The voxels on and inside a lasso's outline, in its own slice."""
    inside = np.zeros(shape, dtype=bool)
    points = np.asarray(lasso.points)
    inside[tuple(points.T)] = True
    axes = [axis for axis in range(len(shape)) if len(shape) == 2 or axis != lasso.plane]
    rows, columns = polygon(points[:, axes[0]], points[:, axes[1]], shape=[shape[axis] for axis in axes])
    where: list[NDArray[np.intp] | int] = [0] * len(shape)
    where[axes[0]], where[axes[1]] = rows, columns
    if len(shape) == 3:
        where[lasso.plane] = int(points[0, lasso.plane])
    inside[tuple(where)] = True
    return inside


def _core(mask: Mask) -> Mask:
    """The half of a mask that lies deepest, within its own slice."""
    # The slice is one voxel thick: without a huge step across it every voxel would be at the edge.
    thin = [1e6 if n_inside == 1 else 1.0 for n_inside in _extent(mask)]
    depth = ndimage.distance_transform_edt(np.pad(mask, 1), sampling=thin)[(slice(1, -1),) * mask.ndim]
    core: Mask = depth > 0.5 * depth.max()
    return core & mask


def _extent(mask: Mask) -> list[int]:
    return [int(np.ptp(found)) + 1 if (found := np.nonzero(mask)[axis]).size else 0 for axis in range(mask.ndim)]


def _inscribed(boxes: Mask) -> Mask:
    """The ellipsoid in the box around all boxes: a structure rarely fills the corners."""
    inside = np.zeros(boxes.shape, dtype=bool)
    part = tuple(slice(int(found.min()), int(found.max()) + 1) for found in np.nonzero(boxes))
    axes = [
        np.linspace(-1, 1, s.stop - s.start) * (1 - 1e-6) if s.stop - s.start > 2 else np.zeros(s.stop - s.start)
        for s in part
    ]
    inside[part] = sum(grid**2 for grid in np.meshgrid(*axes, indexing="ij", sparse=True)) <= 1.0
    return inside & boxes
