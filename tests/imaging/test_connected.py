"""The connected parts of a mask."""

from __future__ import annotations

import numpy as np

from jlabel.imaging.connected import connected_to


def test_the_parts_that_hold_a_mark_are_kept_and_corners_connect():
    mask = np.zeros((8, 8), dtype=bool)
    mask[1, 1] = mask[2, 2] = mask[6, 6] = True
    marks = np.zeros_like(mask)
    marks[1, 1] = marks[4, 4] = True
    assert np.argwhere(connected_to(mask, marks)).tolist() == [[1, 1], [2, 2]]


def test_nothing_is_kept_without_a_mark_on_the_mask():
    mask = np.ones((3, 4, 5), dtype=bool)
    assert not connected_to(mask, np.zeros_like(mask)).any()
