from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jlabel.imaging.overlap import Overlap, OverlapCount


@given(
    seed=st.integers(0, 10_000),
    shape=st.tuples(*[st.integers(1, 6)] * 3),
    top=st.sampled_from([2, 5, 300]),
    order=st.sampled_from(["C", "F"]),
)
def test_it_is_what_numpy_counts_however_it_is_cut(seed, shape, top, order):
    rng = np.random.default_rng(seed)
    first, second = (rng.integers(0, top, shape).astype(np.uint16) for _ in "ab")
    count = OverlapCount()
    for k in range(shape[2]):
        count.add(first[..., k], np.asarray(second, order=order)[..., k])
    assert count.values == sorted({*np.unique(first), *np.unique(second)} - {0})
    for value in range(top):
        a, b = first == value, second == value
        found = count.of(value)
        assert found == Overlap(int(a.sum()), int(b.sum()), int((a & b).sum()))
        if a.any() or b.any():
            assert found.dice == pytest.approx(2 * (a & b).sum() / (a.sum() + b.sum()))
        else:
            assert found.dice is None


def test_nothing_in_both_has_no_dice():
    assert OverlapCount().of(3).dice is None
    assert OverlapCount().of(70_000) == Overlap(0, 0, 0)
    assert Overlap(4, 4, 4).dice == 1.0
    assert Overlap(4, 0, 0).dice == 0.0


def test_parts_of_other_shapes_are_refused():
    with pytest.raises(ValueError, match="shapes"):
        OverlapCount().add(np.zeros((2, 3), np.uint8), np.zeros((3, 2), np.uint8))
