"""What the solvers see of an image: features around the seeds' intensities, and how alike neighbours are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.imaging.finite import filled
from jlabel.interactive.grid import WorkingGrid, lower_upper

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

# Chosen once on the shared sets (see bench_interactive): smoothing in blocks, radius of the samples around a seed, how
# many scales of intensity around the seeds are told apart, and what a geodesic pays for length, strangeness and edges.
_SMOOTH = 0.7
_SAMPLE_RADIUS = 1.5
_WINDOW = 3.0
_LENGTH, _STRANGE, _EDGE = 0.15, 0.2, 0.5
_LEAST_WEIGHT = 0.003


@dataclass(frozen=True, eq=False)
class Appearance:
    """An image on a working grid, in terms of a structure's seeds.

    Attributes:
        features: Shape ``(channel, ...)``: intensity over its scale around the seeds; far-off intensities are cut off.
        likeness: For each axis, 0 to 1 for each pair of neighbours: 1 where they look the same.
        costs: For each axis, what a geodesic from the structure's seeds pays for the step between neighbours.
        rival_costs: The same from the seeds outside of it: looking like those is what comes cheap.
        closer: How much nearer in colour to the seeds inside than to those outside, -3 to 3; None without the latter.
    """

    features: Floats
    likeness: tuple[Floats, ...]
    costs: tuple[Floats, ...]
    rival_costs: tuple[Floats, ...]
    closer: Floats | None


def appearance(channels: Sequence[Floats], samples: Mask, grid: WorkingGrid, rivals: Mask | None = None) -> Appearance:
    """The appearance of an image given as channels on the grid.

    Args:
        channels: Finite values, each of the grid's shape.
        samples: Voxels that look like the structure (its seeds); at least one.
        grid: The working grid.
        rivals: Voxels that look like what surrounds it (the seeds outside).
    """
    ndim = samples.ndim
    smooth = np.stack([ndimage.gaussian_filter(c, [_SMOOTH / s for s in grid.steps]) for c in channels])
    centres = _centres(smooth, samples, grid)
    scale, strange = _strangeness(smooth, centres)
    rival_strange = strange
    if rivals is not None and rivals.any():
        rival_strange = _units(_nearest(smooth, _centres(smooth, rivals, grid)), scale)
    if len(channels) == 1:
        low, high = centres.min() - _WINDOW * scale, centres.max() + _WINDOW * scale
        smooth = np.clip(smooth, low, high)
    features = (smooth - centres[0].reshape((-1,) + (1,) * ndim)) / np.float32(scale)
    jumps = [np.sqrt((np.diff(features, axis=axis + 1) ** 2).sum(axis=0)) for axis in range(ndim)]
    typical = np.float32(_typical(jumps))
    relative = [jump / typical for jump in jumps]
    costs = _costs(relative, strange, grid)
    return Appearance(
        features=features.astype(np.float32),
        likeness=tuple(np.exp(-0.5 * r**2) + np.float32(_LEAST_WEIGHT) for r in relative),
        costs=costs,
        rival_costs=costs if rival_strange is strange else _costs(relative, rival_strange, grid),
        closer=None if rival_strange is strange else rival_strange - strange,
    )


def _costs(jumps: Sequence[Floats], strange: Floats, grid: WorkingGrid) -> tuple[Floats, ...]:
    costs = []
    for axis, jump in enumerate(jumps):
        lower, upper = lower_upper(strange.ndim, axis)
        length = _LENGTH + _STRANGE * np.maximum(strange[lower], strange[upper])
        costs.append((np.float32(grid.steps[axis]) * length + _EDGE * jump).astype(np.float32))
    return tuple(costs)


def finite_channels(array: NDArray[Any], grid: WorkingGrid) -> list[Floats]:
    """The channels of a crop on a grid; NaN becomes the median, infinities the finite extremes."""
    colours = [array] if array.ndim == len(grid.full) else [array[..., k] for k in range(array.shape[-1])]
    return [grid.means(filled(colour, "median")) for colour in colours]


def _centres(smooth: Floats, samples: Mask, grid: WorkingGrid) -> NDArray[np.float64]:
    """The colours of the structure, shape ``(n, channel)``: the mean around each connected group of samples."""
    groups, count = ndimage.label(samples, structure=np.ones((3,) * samples.ndim))
    centres = []
    for index in range(1, min(count, 16) + 1):
        around = grid.ball(groups == index, _SAMPLE_RADIUS)
        centres.append([float(channel[around].mean(dtype=np.float64)) for channel in smooth])
    return np.asarray(centres)


def _strangeness(smooth: Floats, centres: NDArray[np.float64]) -> tuple[float, Floats]:
    """The typical distance from the nearest centre, and each voxel's distance in units of it, at most 3."""
    distance = _nearest(smooth, centres)
    # The upper quartile counts where the structure fills most of the crop, so that the median is only its noise.
    middle, upper = (float(v) for v in np.quantile(distance, (0.5, 0.75)))
    scale = max(middle, upper / 3, 1e-6 * float(np.abs(smooth).max()), 1e-12)
    return scale, _units(distance, scale)


def _units(distance: Floats, scale: float) -> Floats:
    units: Floats = np.minimum(distance / np.float32(scale), np.float32(3.0))
    return units


def _nearest(smooth: Floats, centres: NDArray[np.float64]) -> Floats:
    """Each voxel's distance in colour from the nearest centre."""
    axes = (slice(None),) + (None,) * (smooth.ndim - 1)
    distance = np.full(smooth.shape[1:], np.float32(np.inf))
    for centre in centres.astype(np.float32):
        np.minimum(distance, np.sqrt(((smooth - centre[axes]) ** 2).sum(axis=0)), out=distance)
    return distance


def _typical(jumps: Sequence[Floats]) -> float:
    squares = [np.minimum(jump, 1.5) ** 2 for jump in jumps]
    count = sum(square.size for square in squares)
    total = sum(float(square.sum(dtype=np.float64)) for square in squares)
    return max(float(np.sqrt(total / max(count, 1))), 1e-6)
