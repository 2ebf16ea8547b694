"""Which part of a label in one slice goes on as which part in another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from jlabel.editing.components import components
from jlabel.editing.edit import Bools

# With more parts than this in a slice, they are specks rather than structures, and are taken as one.
_MOST_PARTS = 48


@dataclass
class Matches:
    """The parts of two slices, as masks of the slice.

    Attributes:
        single: One part in each slice.
        many: Parts that overlap parts of the other slice, of which one has several: what splits or merges.
        ending: Parts of the first slice that go on nowhere.
        beginning: Parts of the second slice that come from nowhere.
    """

    single: list[tuple[Bools, Bools]] = field(default_factory=list)
    many: list[tuple[Bools, Bools]] = field(default_factory=list)
    ending: list[Bools] = field(default_factory=list)
    beginning: list[Bools] = field(default_factory=list)


def match(first: Bools, last: Bools, spacing: Sequence[float]) -> Matches:
    """Match the parts of two slices.

    Parts that overlap belong together. One that overlaps nothing goes with the nearest such part of the other slice, by
    centroid; where there is none, it begins or ends.

    Args:
        first: The label in one slice, shape (i, j).
        last: The label in the other one.
        spacing: Distance of neighbouring voxels along both axes, in mm.
    """
    a, count_a = components(first, corners=True)
    b, count_b = components(last, corners=True)
    if max(count_a, count_b) > _MOST_PARTS:
        return Matches(many=[(first, last)])
    found = Matches()
    alone_a, alone_b = [], []
    for of_a, of_b in _overlapping(a, count_a, b, count_b):
        if of_a and of_b:
            kind = found.single if len(of_a) == len(of_b) == 1 else found.many
            kind.append((np.isin(a, of_a), np.isin(b, of_b)))
        else:
            alone_a += of_a
            alone_b += of_b
    if alone_a and alone_b:
        for part_a, part_b in _nearest(a, alone_a, b, alone_b, spacing):
            found.single.append((a == part_a, b == part_b))
    else:
        found.ending = [a == part for part in alone_a]
        found.beginning = [b == part for part in alone_b]
    return found


def _overlapping(
    a: NDArray[np.int32], count_a: int, b: NDArray[np.int32], count_b: int
) -> list[tuple[list[int], list[int]]]:
    """Groups of parts of both slices that hang together by overlap."""
    both = (a > 0) & (b > 0)
    links = np.unique(np.stack([a[both], b[both]]), axis=1)
    n = count_a + count_b
    graph = sparse.coo_array((np.ones(links.shape[1]), (links[0] - 1, links[1] - 1 + count_a)), shape=(n, n))
    groups, group = sparse.csgraph.connected_components(graph, directed=False)
    of_a, of_b = group[:count_a], group[count_a:]
    return [
        ([int(i) + 1 for i in np.flatnonzero(of_a == g)], [int(i) + 1 for i in np.flatnonzero(of_b == g)])
        for g in range(groups)
    ]


def _nearest(
    a: NDArray[np.int32], parts_a: list[int], b: NDArray[np.int32], parts_b: list[int], spacing: Sequence[float]
) -> list[tuple[int, int]]:
    """Each part with the nearest part of the other slice; a pair that is found from both sides counts once."""
    step = np.asarray(spacing)
    at_a = np.array([np.argwhere(a == part).mean(axis=0) * step for part in parts_a])
    at_b = np.array([np.argwhere(b == part).mean(axis=0) * step for part in parts_b])
    distance = np.linalg.norm(at_a[:, None] - at_b[None], axis=2)
    pairs = {(parts_a[i], parts_b[int(j)]) for i, j in enumerate(distance.argmin(axis=1))}
    pairs |= {(parts_a[int(i)], parts_b[j]) for j, i in enumerate(distance.argmin(axis=0))}
    return sorted(pairs)
