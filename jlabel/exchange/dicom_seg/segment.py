"""The segments of a DICOM segmentation or structure set: what they are called, and their voxels in an image."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from jlabel.types import Mask


@dataclass(frozen=True)
class Segment:
    """A segment (SEG) or region of interest (RTSTRUCT).

    Attributes:
        number: SegmentNumber or ROINumber.
        name: SegmentLabel or ROIName.
        color: ``#rrggbb``, or "" where the file gives none.
        category: The code of what kind of thing it is, such as ``("123037004", "SCT", "Anatomical Structure")``.
        type: The code of what it is, such as ``("10200004", "SCT", "Liver")``.
    """

    number: int
    name: str
    color: str = ""
    category: tuple[str, str, str] | None = None
    type: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class Block:
    """A box of an image's voxels.

    Attributes:
        lower: The index of its first voxel; outside of the image where the box goes beyond it.
        mask: Its voxels, ``(i, j, k)``.
    """

    lower: tuple[int, int, int]
    mask: Mask


@dataclass
class SegmentVoxels:
    """A segment in the grid of an image.

    Attributes:
        segment: What it is.
        block: The smallest box with all of its voxels within the image.
        left_out: How many of its voxels lie outside of the image.
    """

    segment: Segment
    block: Block
    left_out: int = 0

    @property
    def count(self) -> int:
        """How many of its voxels lie within the image."""
        return int(np.count_nonzero(self.block.mask))


@dataclass
class ReadSegments:
    """What was read of a file.

    Attributes:
        segments: Its segments, in the order of their numbers.
        notes: What is unusual about it, by topic.
    """

    segments: list[SegmentVoxels]
    notes: dict[str, str] = field(default_factory=dict)


def cropped(block: Block, shape: Sequence[int]) -> tuple[Block, int]:
    """The smallest box with the voxels of a block that lie within a grid, and how many do not."""
    lower, mask = np.array(block.lower), block.mask
    start = np.clip(-lower, 0, mask.shape)
    end = np.clip(np.array(shape) - lower, start, mask.shape)
    inside = mask[tuple(map(slice, start, end))]
    left_out = int(np.count_nonzero(mask)) - int(np.count_nonzero(inside)) if inside.size < mask.size else 0
    for axis in range(3):
        used = np.flatnonzero(inside.any(axis=tuple(other for other in range(3) if other != axis)))
        if not used.size:
            return Block((0, 0, 0), np.zeros((0, 0, 0), bool)), left_out
        inside = inside[(slice(None),) * axis + (slice(used[0], used[-1] + 1),)]
        start[axis] += used[0]
    i, j, k = (int(one) for one in lower + start)
    return Block((i, j, k), inside), left_out


def joined(blocks: Iterable[Block]) -> Block:
    """One box with the voxels of several."""
    used = [block for block in blocks if block.mask.size]
    if not used:
        return Block((0, 0, 0), np.zeros((0, 0, 0), bool))
    lower = np.min([block.lower for block in used], axis=0)
    upper = np.max([np.add(block.lower, block.mask.shape) for block in used], axis=0)
    mask = np.zeros(upper - lower, bool, order="F")
    for block in used:
        start = np.subtract(block.lower, lower)
        mask[tuple(map(slice, start, start + block.mask.shape))] |= block.mask
    i, j, k = (int(one) for one in lower)
    return Block((i, j, k), mask)
