"""From prompts to seeds: voxels that are surely inside or outside the structure, and where it may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.draw import polygon

from jlabel.prompts.prompt import Box, Click, InitialMask, Lasso, Prompt, Scribble

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Seeds:
    """What the prompts say about the voxels of a crop; all arrays have its shape.

    Attributes:
        foreground: Surely inside: positive clicks and scribbles, the core of positive lassos.
        background: Surely outside: negative clicks and scribbles, negative lassos, what lies around positive ones.
        allowed: Where the structure may be: inside the boxes; everywhere where there are none.
        prior: About the structure, from boxes, lassos in a picture and initial masks; None where there are none.
        marked: Whether a person pointed at the inside (a click, scribble or lasso), so that only parts that hold such a
            point are kept.
        corrected: Whether the prior is a mask to be kept but for what the clicks change.
        before: What the prompts but the newest one found; None for the first.
        newest: The seeds of the newest prompt, where there is a ``before``.
    """

    foreground: Mask
    background: Mask
    allowed: Mask
    prior: Mask | None
    marked: bool
    corrected: bool
    before: Mask | None = None
    newest: Mask | None = None


def make_seeds(prompts: Sequence[Prompt], shape: Sequence[int]) -> Seeds:
    """The seeds of prompts given in voxel indices of an array of that shape.

    Where prompts contradict each other, the later click or scribble wins; a click always wins against a box, a lasso
    and an initial mask. A lasso or a flat box in a volume says where the structure is in its own slice: the core of it
    is inside, and what lies clearly outside of it in that slice is outside.
    """
    foreground, background = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    boxes, prior = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    flat: dict[tuple[int, int], Mask] = {}
    masked = False
    for prompt in prompts:
        if isinstance(prompt, InitialMask):
            prior |= np.asarray(prompt.mask) != 0
            masked = bool(prior.any())
        elif isinstance(prompt, Lasso) and not prompt.positive:
            background |= lasso_interior(prompt, shape)
        elif isinstance(prompt, Lasso | Box):
            outlined = lasso_interior(prompt, shape) if isinstance(prompt, Lasso) else _inscribed(prompt, shape)
            slice_at = _slice_of(prompt, shape)
            if slice_at is not None:
                flat[slice_at] = flat.get(slice_at, np.zeros(shape, dtype=bool)) | outlined
            else:
                prior |= outlined
                if isinstance(prompt, Box):
                    boxes[_box_slices(prompt)] = True
    for (axis, index), outlined in flat.items():
        foreground |= _core(outlined, axis)
        background |= _beyond(outlined, axis, index)
    prior &= ~background
    _mark(prompts, foreground, background)
    allowed = boxes | foreground if boxes.any() else np.ones(shape, dtype=bool)
    return Seeds(foreground, background, allowed, prior if prior.any() else None, bool(foreground.any()), masked)


def _mark(prompts: Sequence[Prompt], foreground: Mask, background: Mask) -> None:
    """Add the clicks and scribbles, in place."""
    for prompt in prompts:
        if isinstance(prompt, Click | Scribble):
            positions = [prompt.position] if isinstance(prompt, Click) else list(prompt.positions)
            where = tuple(np.asarray(positions).T)
            foreground[where] = prompt.positive
            background[where] = not prompt.positive
    foreground &= ~background


def lasso_interior(lasso: Lasso, shape: Sequence[int], lower: Sequence[int] | None = None) -> Mask:
    """The voxels inside a lasso's outline and at its corners, in its own slice.

    Args:
        lasso: May reach beyond the array.
        shape: Of the array.
        lower: The position of the array's first voxel; all 0 if not given.
    """
    points = np.asarray(lasso.points) - (0 if lower is None else np.asarray(lower))
    axes = [axis for axis in range(len(shape)) if len(shape) == 2 or axis != lasso.plane]
    inside = np.zeros(shape, dtype=bool)
    index = 0 if len(shape) == 2 else int(points[0, lasso.plane])
    if len(shape) == 3 and not 0 <= index < shape[lasso.plane]:
        return inside
    flat = inside if len(shape) == 2 else np.moveaxis(inside, lasso.plane, 0)[index]
    corners = points[:, axes]
    flat[polygon(corners[:, 0], corners[:, 1], shape=flat.shape)] = True
    flat[tuple(corners[((corners >= 0) & (corners < flat.shape)).all(axis=1)].T)] = True
    return inside


def _slice_of(prompt: Lasso | Box, shape: Sequence[int]) -> tuple[int, int] | None:
    """Axis and index of the slice that a prompt in a volume lies in; None for a picture and for a solid box."""
    if len(shape) == 2:
        return None
    if isinstance(prompt, Lasso):
        return prompt.plane, prompt.points[0][prompt.plane]
    thin = [axis for axis, n in enumerate(shape) if prompt.lower[axis] == prompt.upper[axis] and n > 1]
    return (thin[0], prompt.lower[thin[0]]) if len(thin) == 1 else None


def _box_slices(box: Box) -> tuple[slice, ...]:
    return tuple(slice(lo, up + 1) for lo, up in zip(box.lower, box.upper, strict=True))


def _inscribed(box: Box, shape: Sequence[int]) -> Mask:
    """The ellipsoid in a box: a structure rarely fills the corners."""
    inside = np.zeros(shape, dtype=bool)
    part = inside[_box_slices(box)]
    axes = [np.linspace(-1, 1, n) if n > 2 else np.zeros(n) for n in part.shape]
    part[...] = sum(grid**2 for grid in np.meshgrid(*axes, indexing="ij", sparse=True)) <= 1.0 + 1e-9
    return inside


def _core(mask: Mask, axis: int) -> Mask:
    """The half of a mask that lies deepest; the mask lies in one slice across the axis."""
    # A huge step across the slice: else every voxel of it would be at the edge.
    steps = [1e6 if a == axis else 1.0 for a in range(mask.ndim)]
    depth = ndimage.distance_transform_edt(np.pad(mask, 1), sampling=steps)[(slice(1, -1),) * mask.ndim]
    return np.asarray(mask & (depth > 0.5 * depth.max()))


def _beyond(mask: Mask, axis: int, index: int) -> Mask:
    """What lies two voxels and more outside of a mask in its slice."""
    outside = np.zeros_like(mask)
    where = (slice(None),) * axis + (index,)
    outside[where] = ~ndimage.binary_dilation(mask[where], iterations=2)
    return outside
