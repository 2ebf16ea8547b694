"""Which segment gets a voxel of several."""

from __future__ import annotations

import numpy as np
import pytest

from jlabel.errors import LabelError
from jlabel.exchange.dicom_seg.overlap import Overlap, painted
from jlabel.exchange.dicom_seg.segment import Block, Segment, SegmentVoxels


def segment(number: int, lower: int, upper: int) -> SegmentVoxels:
    mask = np.ones((upper - lower, 1, 1), bool)
    return SegmentVoxels(Segment(number, f"s{number}"), Block((lower, 0, 0), mask))


SMALL, LARGE = segment(1, 2, 4), segment(2, 0, 7)


@pytest.mark.parametrize(
    ("rule", "expected", "overlap"),
    [
        ("smallest", [2, 2, 1, 1, 2, 2, 2, 0], Overlap("s1", "s2", 2)),
        ("first", [2, 2, 1, 1, 2, 2, 2, 0], Overlap("s1", "s2", 2)),
        ("last", [2, 2, 2, 2, 2, 2, 2, 0], Overlap("s2", "s1", 2)),
    ],
)
def test_the_rule_decides_and_the_voxels_are_counted(rule: str, expected: list[int], overlap: Overlap) -> None:
    label, overlaps = painted((8, 1), [SMALL, LARGE], {1: 1, 2: 2}, rule)
    assert label[:, 0].tolist() == expected
    assert overlaps == [overlap]


def test_segments_of_one_label_do_not_overlap() -> None:
    label, overlaps = painted((8, 1), [SMALL, LARGE], {1: 300, 2: 300}, "refuse")
    assert label.dtype == np.uint16
    assert (label.sum(), overlaps) == (7 * 300, [])


def test_an_overlap_can_be_refused() -> None:
    with pytest.raises(LabelError, match=r"segments overlap.*'s1' with 's2' \(2 voxels\)"):
        painted((8, 1), [SMALL, LARGE], {1: 1, 2: 2}, "refuse")
    with pytest.raises(LabelError, match="overlap is one of 'smallest'"):
        painted((8, 1), [SMALL], {1: 1}, "biggest")
