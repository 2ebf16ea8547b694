"""A local filter of a structure in tiles: little memory, and only where the structure has a border."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.editing.edit import Bools
from jlabel.imaging import Region
from jlabel.progress import Progress

_EDGE = {2: 256, 3: 64}


def filter_in_tiles(
    inside: Bools,
    reach: Sequence[int],
    dtype: Any,
    full: int,
    work: Callable[[Bools], NDArray[Any]],
    progress: Progress,
) -> NDArray[Any]:
    """Filter a structure tile by tile.

    Args:
        inside: The structure, 2D or 3D.
        reach: Voxels along each axis that the filter looks to either side.
        dtype: Type of the result.
        full: The filter's value where all that it sees is structure; where nothing is, it is 0.
        work: The filter; takes a tile with its surroundings and gives an array of the same shape.
        progress: Who waits; asked at every tile.
    """
    result = np.zeros(inside.shape, dtype, order="F")
    regions = list(_tiles(inside.shape, [max(_EDGE[inside.ndim], 2 * r) for r in reach]))
    for at, tile in enumerate(regions):
        progress.step(at, len(regions))
        seen = tile.grow(list(reach), inside.shape)
        part = inside[seen.slices]
        if part.all():
            result[tile.slices] = full
        elif part.any():
            result[tile.slices] = work(part)[tile.inside(seen).slices]
    return result


def _tiles(shape: Sequence[int], edges: Sequence[int]) -> Iterator[Region]:
    for lower in itertools.product(*(range(0, n, edge) for n, edge in zip(shape, edges, strict=True))):
        yield Region(lower, tuple(lo + edge for lo, edge in zip(lower, edges, strict=True))).clip(shape)
