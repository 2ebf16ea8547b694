"""One value for each voxel where segments overlap: a rule says which of them gets it, and the voxels are counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import LabelError
from jlabel.exchange.dicom_seg.segment import SegmentVoxels
from jlabel.imaging.label_grid import three_axes
from jlabel.types import LabelMap

OverlapRule = Literal["smallest", "first", "last", "refuse"]
#: What each rule does with a voxel of several segments, as a clause.
RULES: Mapping[str, str] = {
    "smallest": "the segment with the fewest voxels keeps it",
    "first": "the segment with the lowest number keeps it",
    "last": "the segment with the highest number keeps it",
    "refuse": "it is refused",
}


@dataclass(frozen=True)
class Overlap:
    """Voxels that two segments have in common.

    Attributes:
        kept: The name of the segment whose voxels they are in the label.
        lost: The name of the other one.
        voxels: How many there are.
    """

    kept: str
    lost: str
    voxels: int


def check_rule(rule: str) -> None:
    """Refuse what is no rule.

    Raises:
        LabelError: It is none.
    """
    if rule not in RULES:
        raise LabelError(f"overlap is one of {', '.join(map(repr, RULES))}, not {rule!r}")


def painted(
    shape: Sequence[int], segments: Sequence[SegmentVoxels], values: Mapping[int, int], rule: OverlapRule
) -> tuple[LabelMap, list[Overlap]]:
    """Segments as one label.

    Args:
        shape: Of the image, ``(i, j, k)`` or ``(i, j)``.
        segments: Those that go in; two of one value do not overlap.
        values: The value of each, by its number.
        rule: Which segment gets a voxel of several; see :data:`RULES`.

    Raises:
        LabelError: They overlap, and the rule is ``"refuse"``.
    """
    check_rule(rule)
    ordered = sorted(segments, key=lambda one: one.segment.number, reverse=rule == "first")
    if rule == "smallest":
        ordered.sort(key=lambda one: -one.count)
    dtype = np.uint8 if max(values.values(), default=0) <= 255 else np.uint16
    label: NDArray[np.uint8 | np.uint16] = np.zeros(three_axes(tuple(shape)), dtype, order="F")
    names: dict[int, str] = {}
    overlaps: list[Overlap] = []
    for one in ordered:
        value, block = values[one.segment.number], one.block
        box = label[tuple(slice(at, at + n) for at, n in zip(block.lower, block.mask.shape, strict=True))].T
        mask = block.mask.T  # in the order in which both lie in memory
        counts = np.bincount(box[mask], minlength=1)
        for before in np.flatnonzero(counts):
            if before not in (0, value):
                overlaps.append(Overlap(one.segment.name, names[int(before)], int(counts[before])))
        box[mask] = value
        names[value] = one.segment.name
    if overlaps and rule == "refuse":
        raise LabelError(f"segments overlap, and a label has one value for each voxel: {overlaps_said(overlaps)}")
    return label.reshape(tuple(shape), order="A"), overlaps


def overlaps_said(overlaps: Sequence[Overlap]) -> str:
    """The overlaps in words, the largest first."""
    ordered = sorted(overlaps, key=lambda one: -one.voxels)
    parts = [f"{one.lost!r} with {one.kept!r} ({one.voxels} voxels)" for one in ordered[:6]]
    return ", ".join(parts) + (f", and {len(ordered) - 6} more" if len(ordered) > 6 else "")
