from __future__ import annotations

import numpy as np
import pytest

from jlabel.selection.review.forgotten_slices import largest_gap
from tests.selection.review.synthetic import case


@pytest.fixture
def ball() -> np.ndarray:
    return np.linalg.norm(np.moveaxis(np.indices((20, 20, 20)), 0, -1) - 9.5, axis=-1) < 8


def test_a_whole_structure_has_no_gap(ball: np.ndarray) -> None:
    assert largest_gap(ball).figure < 0.1
    assert max(largest_gap(case(seed)[1] == 1).figure for seed in range(5)) < 0.3


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_an_empty_slice_is_found_along_any_axis(ball: np.ndarray, axis: int) -> None:
    np.moveaxis(ball, axis, 0)[7] = False
    gap = largest_gap(ball)
    assert (gap.axis, gap.first, gap.last, gap.empty) == (axis, 7, 7, True)
    assert gap.figure > 0.8


def test_a_slice_that_is_much_smaller_than_its_neighbours_is_no_empty_one(ball: np.ndarray) -> None:
    ball[:, :10, 11] = False
    ball[:10, :, 11] = False
    gap = largest_gap(ball)
    assert (gap.axis, gap.first, gap.empty) == (2, 11, False)
    assert gap.figure > 0.4


def test_several_empty_slices_are_one_gap(ball: np.ndarray) -> None:
    ball[:, 8:11] = False
    gap = largest_gap(ball)
    assert (gap.axis, gap.first, gap.last, gap.empty) == (1, 8, 10, True)


def test_a_structure_of_two_parts_far_apart_has_no_gap(ball: np.ndarray) -> None:
    ball[:, 5:15] = False
    assert largest_gap(ball).figure < 0.1


@pytest.mark.parametrize("shape", [(9, 9), (1, 9, 9), (2, 2, 2), (0, 3, 3)])
def test_pictures_and_thin_volumes_have_none(shape: tuple[int, ...]) -> None:
    assert largest_gap(np.ones(shape, bool)).figure == 0
