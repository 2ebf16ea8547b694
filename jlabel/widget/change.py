"""A change of the draft, made ready: held to the rules, cut to what is really another, and packed for undo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging.patch import encode_voxels
from jlabel.imaging.region import Region, bounding_region
from jlabel.widget.guard import Guard


@dataclass(frozen=True, eq=False)
class Change:
    """What a region of the mask will be.

    Attributes:
        region: Where.
        after: The label values there.
        packed_before: The voxels there now, as :func:`jlabel.imaging.encode_voxels` gives them.
        packed_after: The new ones.
        touched: The label values that lose or get a voxel.
        voxels: How many voxels change.
        kept: How many more were wanted, but the rules keep them as they are.
        guard: The rules.
    """

    region: Region
    after: NDArray[Any]
    packed_before: bytes
    packed_after: bytes
    touched: frozenset[int]
    voxels: int
    kept: int
    guard: Guard


def prepared(mask: NDArray[Any], guard: Guard, region: Region, after: NDArray[Any]) -> Change:
    """Make a change ready.

    Args:
        mask: The draft's mask, which is not changed.
        guard: The rules.
        region: Where.
        after: The values wanted, of the mask's type; changed in place where the rules keep a voxel.
    """
    before = mask[region.slices]
    kept = guard.kept(before, after)
    if kept is not None:
        np.copyto(after, before, where=kept)
    changed = before != after
    touched = np.zeros(int(np.iinfo(mask.dtype).max) + 1, bool)
    touched[before[changed]] = touched[after[changed]] = True
    part = bounding_region(changed) or Region.whole(region.shape)
    new = after[part.slices]
    return Change(
        region=part.moved(region.lower),
        after=new,
        packed_before=encode_voxels(before[part.slices]),
        packed_after=encode_voxels(new),
        touched=frozenset(np.flatnonzero(touched).tolist()),
        voxels=int(np.count_nonzero(changed)),
        kept=int(np.count_nonzero(kept)) if kept is not None else 0,
        guard=guard,
    )
