"""A change of the draft, made ready: held to the rules, cut to what is really another, and packed for undo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.annotation.paint_rules import PaintRules
from jlabel.annotation.undo_history import Patch
from jlabel.imaging.codec.voxels import encode_voxels
from jlabel.imaging.region import Region, bounding_region
from jlabel.progress import NO_PROGRESS, Progress

# Voxels that are compared and packed in one go. A patch holds no more, so that it fits in a message as it is, and what
# a long thin stroke costs is what it touched, and not the box around it.
_MOST_VOXELS = 1_000_000


@dataclass(frozen=True, eq=False)
class MaskChange:
    """What a region of the mask will be.

    Attributes:
        region: Where anything changes; all that was looked at where nothing does.
        patches: What changes, for undo: boxes that do not overlap.
        touched: The label values that lose or get a voxel.
        voxels: How many voxels change.
        kept: How many more were wanted, but the rules keep them as they are.
        guard: The rules.
    """

    region: Region
    patches: tuple[Patch, ...]
    touched: frozenset[int]
    voxels: int
    kept: int
    guard: PaintRules
    _at: Region
    _after: NDArray[Any]

    def values(self, patch: Patch) -> NDArray[Any]:
        """The label values that the mask will have in a patch."""
        after: NDArray[Any] = self._after[patch.region.inside(self._at).slices]
        return after


def prepare_change(
    mask: NDArray[Any], guard: PaintRules, region: Region, after: NDArray[Any], progress: Progress = NO_PROGRESS
) -> MaskChange:
    """Make a change ready.

    Args:
        mask: The draft's mask, which is not changed.
        guard: The rules.
        region: Where.
        after: The values wanted, of the mask's type; changed in place where the rules keep a voxel.
        progress: Asked whether to go on.
    """
    patches: list[Patch] = []
    touched = np.zeros(int(np.iinfo(mask.dtype).max) + 1, bool)
    voxels = kept = 0
    for box in region.boxes(_MOST_VOXELS):
        progress.check()
        before, new = mask[box.slices], after[box.inside(region).slices]
        held = guard.kept(before, new)
        if held is not None:
            np.copyto(new, before, where=held)
            kept += int(np.count_nonzero(held))
        changed = before != new
        part = bounding_region(changed)
        if part is None:
            continue
        old, new, changed = before[part.slices], new[part.slices], changed[part.slices]
        touched[old[changed]] = touched[new[changed]] = True
        voxels += int(np.count_nonzero(changed))
        patches.append(Patch(part.moved(box.lower), encode_voxels(old), encode_voxels(new), mask.dtype.name))
    whole = region
    if patches:
        whole = patches[0].region
        for patch in patches[1:]:
            whole = whole.union(patch.region)
    return MaskChange(
        region=whole,
        patches=tuple(patches),
        touched=frozenset(np.flatnonzero(touched).tolist()),
        voxels=voxels,
        kept=kept,
        guard=guard,
        _at=region,
        _after=after,
    )
