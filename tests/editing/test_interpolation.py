"""Interpolation between painted slices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from jlabel.editing import interpolate
from jlabel.errors import Cancelled, EditError
from jlabel.progress import Progress
from tests.editing.shapes import LABEL, apply, ball, masks


def volume(**slices: Any) -> Any:
    """A mask of 11 slices; ``s3=shape`` paints slice 3."""
    mask = np.zeros((60, 60, 11), np.uint8, order="F")
    for name, shape in slices.items():
        mask[..., int(name[1:])][shape] = LABEL
    return mask


def disc(x: float, y: float, radius: float) -> Any:
    return ball((60, 60), (x, y), radius)


def filled(mask: Any, spacing: Any = (1, 1, 1), axis: int = 2) -> Any:
    return apply(mask, interpolate(mask, LABEL, spacing, axis)) == LABEL


def overlap(a: Any, b: Any) -> float:
    return float(2 * np.count_nonzero(a & b) / (np.count_nonzero(a) + np.count_nonzero(b)))


def test_a_cone_is_cut_halfway_with_half_the_radius() -> None:
    after = filled(volume(s0=disc(30, 30, 20), s10=disc(30, 30, 10)))
    for k in range(11):
        assert overlap(after[..., k], disc(30, 30, 20 - k)) > 0.97


def test_what_shifts_keeps_its_size_on_the_way() -> None:
    """An oblique tube, of which the two slices do not even overlap."""
    after = filled(volume(s0=disc(12, 12, 8), s10=disc(47, 42, 8)))
    for k in range(11):
        assert overlap(after[..., k], disc(12 + 3.5 * k, 12 + 3 * k, 8)) > 0.9


def test_two_tubes_that_cross_nothing_are_followed_each_on_its_own() -> None:
    start = disc(15, 15, 6) | disc(45, 15, 6)
    after = filled(volume(s0=start, s10=disc(21, 15, 6) | disc(39, 15, 6)))
    assert overlap(after[..., 5], disc(18, 15, 6) | disc(42, 15, 6)) > 0.93


def test_what_splits_becomes_two_on_the_way() -> None:
    ends = disc(30, 16, 9) | disc(30, 44, 9)
    after = filled(volume(s0=disc(30, 30, 20), s10=ends))
    counts = [ndimage.label(after[..., k])[1] for k in range(11)]
    assert counts[0] == 1
    assert counts[-1] == 2
    assert counts == sorted(counts)


def test_branches_that_do_not_overlap_the_stem_both_start_at_it() -> None:
    after = filled(volume(s0=disc(30, 30, 6), s10=disc(30, 12, 6) | disc(30, 48, 6)))
    assert overlap(after[..., 5], disc(30, 21, 6) | disc(30, 39, 6)) > 0.9
    assert ndimage.label(after)[1] == 1


def test_a_part_without_a_counterpart_ends_on_the_way() -> None:
    after = filled(volume(s0=disc(15, 30, 8) | disc(45, 30, 8), s10=disc(15, 30, 8)))
    area = [int(np.count_nonzero(after[30:, :, k])) for k in range(11)]
    assert area == sorted(area, reverse=True)
    assert area[5] > 20
    assert area[10] == 0


def test_the_distance_is_in_millimetres() -> None:
    """In an anisotropic slice a disc in mm stays one."""
    spacing = (1.0, 2.0)
    first, last = (ball((60, 60), (30, 30), r, spacing) for r in (26.0, 10.0))
    after = filled(volume(s0=first, s10=last), (*spacing, 3.0))
    assert overlap(after[..., 5], ball((60, 60), (30, 30), 18.0, spacing)) > 0.96


@given(st.data())
def test_painted_slices_and_what_lies_outside_stay_as_they_are(data: st.DataObject) -> None:
    mask = data.draw(masks())
    axis = data.draw(st.integers(0, 2))
    painted = np.flatnonzero((mask == LABEL).any(axis=tuple(a for a in range(3) if a != axis)))
    if len(painted) < 2 or len(painted) == painted[-1] - painted[0] + 1:
        with pytest.raises(EditError, match=r"two slices or more|no empty slice"):
            interpolate(mask, LABEL, (1, 1, 1), axis)
        return
    after = apply(mask, interpolate(mask, LABEL, (1, 1, 1), axis))
    assert (after[after != mask] == LABEL).all()
    changed = np.flatnonzero((after != mask).any(axis=tuple(a for a in range(3) if a != axis)))
    gaps = set(range(painted[0], painted[-1] + 1)) - set(painted)
    assert set(changed) <= gaps


@given(st.integers(2, 12), st.integers(2, 12), st.integers(3, 20), st.integers(0, 2))
def test_every_gap_between_boxes_is_filled(a: int, b: int, apart: int, axis: int) -> None:
    mask = np.zeros((24, 24, 24), np.uint8, order="F")
    slices = np.moveaxis(mask, axis, 0)
    slices[1][2 : 2 + a, 2 : 2 + a] = slices[1 + apart][10 : 10 + b, 9 : 9 + b] = LABEL
    after = np.moveaxis(filled(mask, axis=axis), axis, 0)
    assert after[1 : 2 + apart].any(axis=(1, 2)).all()


def test_a_label_that_fills_the_whole_slice_is_filled_through() -> None:
    mask = np.zeros((5, 5, 3), np.uint8, order="F")
    mask[..., 0] = mask[..., 2] = LABEL
    assert filled(mask).all()


def test_many_specks_are_taken_as_one_shape() -> None:
    specks = np.zeros((60, 60), bool)
    specks[::4, ::4] = True
    after = filled(volume(s0=specks, s2=specks))
    np.testing.assert_array_equal(after[..., 1], specks)


def test_one_slice_is_not_enough() -> None:
    with pytest.raises(EditError, match="paint the label in two slices or more first"):
        interpolate(volume(s3=disc(30, 30, 5)), LABEL, (1, 1, 1), 2)


def test_it_tells_how_far_it_is_and_can_be_given_up() -> None:
    parts: list[float] = []

    def stop() -> None:
        if len(parts) == 4:
            raise Cancelled("given up")

    with pytest.raises(Cancelled):
        interpolate(volume(s0=disc(30, 30, 5), s10=disc(30, 30, 5)), LABEL, (1, 1, 1), 2, Progress(parts.append, stop))
    assert parts == [0, 1 / 9, 2 / 9, 3 / 9]
