"""The part of an image that a click network looks at, resampled to the network's grid, and its answer brought back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as nnf
from numpy.typing import NDArray
from torch import Tensor

from jlabel.click.inputs import normalise
from jlabel.click.network import Design
from jlabel.imaging.region import Region
from jlabel.prompts.prompt import Box, Click, Lasso, Prompt, Scribble

_MULTIPLE = 16  # what the network's sizes must be divisible by
_LINEAR = {2: "bilinear", 3: "trilinear"}
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class View:
    """A box of an image and the grid on which the network sees it.

    Attributes:
        region: The box, in voxels of the array that is segmented (without the axis across a slice).
        grid: Voxels of the network's input that the box fills, along each axis.
        padded: Those of the input: as many, up to the next multiple of 16.
    """

    region: Region
    grid: tuple[int, ...]
    padded: tuple[int, ...]

    @classmethod
    def around(
        cls, centre: Sequence[float], edge: float, spacing: Sequence[float], shape: Sequence[int], size: int
    ) -> View:
        """The cube of ``edge`` mm about a place, cut to the image.

        Args:
            centre: In voxels.
            edge: In mm.
            spacing: mm along each axis.
            shape: Of the image.
            size: Voxels that the network has for the whole edge.
        """
        lower, upper, grid = [], [], []
        for middle, step, n in zip(centre, spacing, shape, strict=True):
            wanted = max(2, round(edge / step))
            low = min(max(0, round(middle - wanted / 2)), max(0, n - wanted))
            high = min(n, low + wanted)
            lower.append(low)
            upper.append(high)
            grid.append(min(size, max(1, round((high - low) * step / edge * size))))
        padded = tuple(-(-n // _MULTIPLE) * _MULTIPLE for n in grid)
        return cls(Region(tuple(lower), tuple(upper)), tuple(grid), padded)

    def image(self, array: NDArray[np.generic], design: Design) -> Tensor:
        """The image's part as the network's: (1, colours, padded), normalised.

        Args:
            array: The whole image or slice, with a last axis of colours or without.
            design: Of the network.
        """
        part = np.array(array[self.region.slices], dtype=np.float32)  # a copy: torch wants to be able to write
        colours = part if part.ndim > len(self.grid) else part[..., None]
        known = np.isfinite(colours).all(axis=-1)
        if not known.all():
            fill = np.median(colours[known]) if known.any() else 0.0
            colours = np.where(np.isfinite(colours), colours, np.float32(fill))
        tensor = torch.from_numpy(np.ascontiguousarray(np.moveaxis(colours, -1, 0)))[None]
        if design.colours != tensor.shape[1]:
            tensor = tensor.mean(dim=1, keepdim=True).repeat(1, design.colours, *[1] * len(self.grid))
        return self._pad(normalise(self._resampled(tensor)))

    def mask(self, mask: Mask) -> Tensor:
        """A mask of the region as the network's: (1, 1, padded), 0 and 1."""
        part = torch.from_numpy(np.ascontiguousarray(mask, dtype=np.float32))[None, None]
        return self._pad((self._resampled(part) > 0.5).float())

    def back(self, logits: Tensor) -> NDArray[np.float32]:
        """Logits (1, 1, padded) in the region's own voxels."""
        inner = logits[(slice(None), slice(None), *(slice(0, n) for n in self.grid))]
        found = nnf.interpolate(inner, size=self.region.shape, mode=_LINEAR[len(self.grid)], align_corners=False)
        return np.asarray(found[0, 0].numpy(), dtype=np.float32)

    def place(self, position: Sequence[float]) -> tuple[float, ...]:
        """Where a voxel of the image lies in the network's grid."""
        return tuple(
            (p - low + 0.5) * m / n - 0.5
            for p, low, m, n in zip(position, self.region.lower, self.grid, self.region.shape, strict=True)
        )

    def _resampled(self, tensor: Tensor) -> Tensor:
        """To the grid: means where it is coarser, linear between voxels where it is finer."""
        fewer = [min(m, n) for m, n in zip(self.grid, tensor.shape[2:], strict=True)]
        if fewer != list(tensor.shape[2:]):
            tensor = nnf.interpolate(tensor, size=fewer, mode="area")
        if fewer != list(self.grid):
            tensor = nnf.interpolate(tensor, size=self.grid, mode=_LINEAR[len(self.grid)], align_corners=False)
        return tensor

    def _pad(self, tensor: Tensor) -> Tensor:
        ends: list[int] = []
        for n, m in reversed(list(zip(self.grid, self.padded, strict=True))):
            ends += [0, m - n]
        return nnf.pad(tensor, ends, mode="replicate") if any(ends) else tensor


def draw_prompts(view: View, prompts: Sequence[Prompt], design: Design) -> tuple[Tensor, Tensor, Tensor]:
    """The prompts in the network's grid: positive, negative and region channels, each (1, 1, padded).

    A later prompt wins over an earlier one where they meet. Prompts outside the view are left out.
    """
    positive, negative, region = (torch.zeros(1, 1, *view.padded) for _ in range(3))
    for prompt in prompts:
        if isinstance(prompt, Click | Scribble):
            positions = [prompt.position] if isinstance(prompt, Click) else list(prompt.positions)
            near = [p for p in positions if view.region.contains(Region.around([p]))]
            radius = design.disc if isinstance(prompt, Click) else 0.6 * design.disc
            mark = _discs([view.place(p) for p in near], view.padded, radius)
            this, other = (positive, negative) if prompt.positive else (negative, positive)
            other[mark] = 0
            this[mark] = 1
        elif isinstance(prompt, Box):
            region[_drawn_box(view, prompt)] = 1
        elif isinstance(prompt, Lasso):
            inside = torch.from_numpy(_lasso(view, prompt))[None, None]
            (region if prompt.positive else negative)[inside] = 1
    return positive, negative, region


def _discs(places: Sequence[Sequence[float]], shape: Sequence[int], radius: float) -> Tensor:
    """Whether each voxel is within the radius of a place: (1, 1, shape)."""
    inside = torch.zeros(1, 1, *shape, dtype=torch.bool)
    reach = int(np.ceil(radius)) + 1
    for place in places:
        box, total = [], torch.zeros(())
        for axis, (middle, n) in enumerate(zip(place, shape, strict=True)):
            low, high = max(0, int(middle) - reach), min(n, int(middle) + reach + 2)
            box.append(slice(low, high))
            line = (torch.arange(low, high) - round(middle)).float() ** 2
            total = total + line.view([-1 if a == axis else 1 for a in range(len(shape))])
        part = inside[0, 0][tuple(box)]
        part |= total <= radius**2
    return inside


def _drawn_box(view: View, box: Box) -> tuple[int | slice, ...]:
    parts: list[int | slice] = [0, 0]
    low, high = view.place([p - 0.5 for p in box.lower]), view.place([p + 0.5 for p in box.upper])
    for first, last, n in zip(low, high, view.padded, strict=True):
        start = min(max(0, int(np.ceil(first - 1e-6))), n - 1)
        parts.append(slice(start, max(start + 1, min(n, int(np.floor(last + 1e-6)) + 1))))
    return tuple(parts)


def _lasso(view: View, lasso: Lasso) -> Mask:
    from skimage.draw import polygon

    inside = np.zeros(view.padded, dtype=bool)
    points = np.array([view.place(point) for point in lasso.points])
    axes = [axis for axis in range(points.shape[1]) if points.shape[1] == 2 or axis != lasso.plane]
    rows, columns = polygon(points[:, axes[0]], points[:, axes[1]], shape=[view.padded[axis] for axis in axes])
    where: list[NDArray[np.intp] | int] = [0] * points.shape[1]
    where[axes[0]], where[axes[1]] = rows, columns
    if points.shape[1] == 3:
        where[lasso.plane] = int(np.clip(round(points[0, lasso.plane]), 0, view.padded[lasso.plane] - 1))
    inside[tuple(where)] = True
    return inside
