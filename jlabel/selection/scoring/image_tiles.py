"""An image in tiles: a window that the network sees, and the core in its middle of which the answer is kept."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

Slices = tuple[slice, ...]


@dataclass(frozen=True)
class Tile:
    """A part of an image.

    Attributes:
        window: What the network sees, along the spatial axes of the image, with its margin where it has one.
        core: What is kept of its answer, in the image; the cores of all tiles make up the image, each voxel once.
        inside: The core within the window.
    """

    window: Slices
    core: Slices
    inside: Slices


def make_tiles(shape: Sequence[int], window: Sequence[int], halo: Sequence[int]) -> list[Tile]:
    """As few tiles as cover an image, evenly spread.

    Args:
        shape: The spatial axes of the image.
        window: How large a tile is. Where the image is smaller, it has to have a margin: half of what is missing before
            it (the smaller half), and the rest after it.
        halo: How far a core keeps from the edges of its window at least, but at the edges of the image.
    """
    axes = [
        _along(size, wide, min(edge, (wide - 1) // 2)) for size, wide, edge in zip(shape, window, halo, strict=True)
    ]
    return [
        Tile(tuple(part[0] for part in parts), tuple(part[1] for part in parts), tuple(part[2] for part in parts))
        for parts in itertools.product(*axes)
    ]


def _along(size: int, window: int, halo: int) -> list[tuple[slice, slice, slice]]:
    """Window, core and core in the window along one axis."""
    if window >= size:
        before = (window - size) // 2
        return [(slice(0, window), slice(0, size), slice(before, before + size))]
    count = 1 + -(-(size - window) // (window - 2 * halo))
    starts = [round(index * (size - window) / (count - 1)) for index in range(count)]
    # Between two windows the border of the cores is in the middle of what both see.
    borders = [0, *((start + window + after) // 2 for start, after in itertools.pairwise(starts)), size]
    return [
        (slice(start, start + window), slice(lower, upper), slice(lower - start, upper - start))
        for start, lower, upper in zip(starts, borders, borders[1:], strict=False)
    ]
