"""Slices in one place: which of them belong together, and what is refused."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

import numpy as np
import pytest

from jlabel.errors import ImageError
from jlabel.imaging.formats.dicom_slices import Slice
from jlabel.imaging.formats.dicom_stacks import Part, stacks

PATH = Path("image")


def part(at: int, height: float, side: float = 0, **marks: Hashable) -> Part:
    place = Slice(f"slice {at}", np.array([side, 0, height]), np.eye(3)[0], np.eye(3)[1], (1, 1))
    return Part(at, 0, place, marks)


def frames(parts: list[Part], notes: dict[str, str] | None = None) -> list[list[int]]:
    found = stacks(PATH, parts, {} if notes is None else notes, one_file=False)
    return [[one.file for one in frame] for frame in found]


def test_the_first_mark_that_tells_them_apart_counts() -> None:
    """The echo is the same for all; the time tells, though the file number would tell too."""
    parts = [part(n, n // 2, echo=1, time=n % 2, number=n) for n in range(6)]
    notes: dict[str, str] = {}
    assert frames(parts, notes) == [[0, 2, 4], [1, 3, 5]]
    assert notes["frames"].endswith("told apart by time")


def test_two_marks_together_may_tell_them_apart() -> None:
    parts = [part(n, n % 2, echo=n // 4, time=n // 2 % 2) for n in range(8)]
    notes: dict[str, str] = {}
    assert frames(parts, notes) == [[0, 1], [2, 3], [4, 5], [6, 7]]
    assert notes["frames"].endswith("told apart by echo and time")


def test_a_moment_that_was_not_finished_is_left_out() -> None:
    parts = [part(n, n % 3, time=n // 3) for n in range(8)]
    notes: dict[str, str] = {}
    assert frames(parts, notes) == [[0, 1, 2], [3, 4, 5]]
    assert notes["frames"].endswith("2 slices that make no whole volume were left out")


def test_places_may_differ_by_less_than_a_tenth_of_their_distance() -> None:
    assert frames([part(0, 0.0), part(1, 5.0), part(2, 0.005), part(3, 5.01)]) == [[0, 1], [2, 3]]


def test_slices_side_by_side_make_no_grid() -> None:
    with pytest.raises(ImageError, match=r"has slices side by side \(slice 0 and slice 2\)"):
        frames([part(0, 0), part(1, 1), part(2, 0, side=50), part(3, 1, side=50)])


def test_uneven_counts_that_nothing_explains_are_refused() -> None:
    with pytest.raises(ImageError, match=r"slices in one place \(slice 1 and slice 2; 1 such pairs\), and not as many"):
        frames([part(0, 0), part(1, 4), part(2, 4), part(3, 8)])


def test_a_gap_within_the_moments_is_named() -> None:
    with pytest.raises(ImageError, match="has missing slices: between slice 1 and slice 2 lie 8 mm"):
        frames([part(n, [0, 4, 12, 16][n % 4], time=n // 4) for n in range(8)])
