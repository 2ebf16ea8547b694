"""Masks as outlines and run lengths, and back."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from jlabel.exchange.outlines import mask_of_outline, mask_of_runs, outlines_of_mask, run_lengths, unpacked_runs


@pytest.mark.parametrize("seed", range(5))
def test_a_mask_comes_back_from_run_lengths_and_outlines(seed):
    rng = np.random.default_rng(seed)
    mask = ndimage.binary_fill_holes(ndimage.gaussian_filter(rng.random((40, 30)), 3) > 0.5)
    assert np.array_equal(mask_of_runs(run_lengths(mask), mask.shape), mask)
    outlines = outlines_of_mask(mask)
    assert np.array_equal(np.any([mask_of_outline(one, mask.shape) for one in outlines], axis=0), mask)


def test_run_lengths_begin_with_what_is_outside_and_go_by_columns():
    mask = np.zeros((4, 5), bool)
    mask[1:3, 2:5] = mask[0, 0] = True
    assert run_lengths(mask) == [0, 1, 8, 2, 2, 2, 2, 2, 1]
    assert unpacked_runs("0181J000O") == run_lengths(mask)
    with pytest.raises(ValueError, match="run lengths of 20 pixels"):
        mask_of_runs(run_lengths(mask), (4, 6))
    with pytest.raises(ValueError, match="no character of compressed run lengths"):
        unpacked_runs("01 8")
    with pytest.raises(ValueError, match="end in the middle of a number"):
        unpacked_runs("Po")


def test_outlines_cannot_tell_holes():
    mask = np.ones((5, 5), bool)
    mask[2, 2] = False
    assert outlines_of_mask(mask) is None
    assert not mask_of_outline(np.zeros((2, 2)), (3, 3)).any()
