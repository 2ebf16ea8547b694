"""Growing and shrinking by millimetres."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from jlabel.editing import EVERYWHERE, Edit, Extent, grow, shrink
from jlabel.editing.nearness import near
from jlabel.errors import Cancelled, EditError
from jlabel.progress import Progress
from tests.editing.shapes import LABEL, SPACING, apply, ball, extents, masks


def grown(mask: Any, millimetres: float, extent: Extent = EVERYWHERE) -> Any:
    return apply(mask, grow(mask, LABEL, SPACING, millimetres, extent))


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (0.5, 1.0, 2.5)])
def test_a_voxel_grows_to_a_ball_in_millimetres(spacing: tuple[float, ...]) -> None:
    mask = np.zeros((21, 21, 21), np.uint8, order="F")
    mask[10, 10, 10] = LABEL
    after = apply(mask, grow(mask, LABEL, spacing, 4.0))
    np.testing.assert_array_equal(after == LABEL, ball(mask.shape, (10, 10, 10), 4.0, spacing))


def test_shrinking_takes_what_is_near_the_border_but_not_from_beyond_the_image() -> None:
    mask = np.zeros((10, 10), np.uint8, order="F")
    mask[4:] = LABEL
    after = apply(mask, shrink(mask, LABEL, (1.0, 1.0), 2.0))
    assert after[6:].all()
    assert not after[:6].any()


def test_tiles_leave_no_seams() -> None:
    mask = np.zeros((150, 140, 130), np.uint8, order="F")
    mask[ball(mask.shape, (75, 70, 65), 55)] = LABEL
    mask[ball(mask.shape, (75, 70, 65), 4)] = 0
    after = apply(mask, grow(mask, LABEL, (1, 1, 1), 6.0))
    np.testing.assert_array_equal(after == LABEL, ball(mask.shape, (75, 70, 65), 61) & (after == LABEL))
    assert after[75, 70, 65] == LABEL
    back = apply(after, shrink(after, LABEL, (1, 1, 1), 6.0))
    assert np.count_nonzero((back == LABEL) != (ball(mask.shape, (75, 70, 65), 55))) < 2000


@given(st.data())
def test_growing_then_shrinking_gives_back_all_of_the_label(data: st.DataObject) -> None:
    mask = data.draw(masks())
    extent = data.draw(st.sampled_from([Extent(), Extent(0), Extent(1), Extent(2)]))
    millimetres = data.draw(st.sampled_from([1.0, 2.5, 3.3]))
    once = apply(mask, grow(mask, LABEL, SPACING, millimetres, extent))
    back = apply(once, shrink(once, LABEL, SPACING, millimetres, extent))
    assert (back[mask == LABEL] == LABEL).all()


@given(st.data())
def test_growing_adds_only_the_label_and_only_where_asked(data: st.DataObject) -> None:
    mask = data.draw(masks())
    extent = data.draw(extents(mask.shape))
    place = extent.region(mask.shape)
    if not (mask[place.slices] == LABEL).any():
        with pytest.raises(EditError, match="not painted"):
            grow(mask, LABEL, SPACING, 3.0, extent)
        return
    after = grown(mask, 3.0, extent)
    assert (after[after != mask] == LABEL).all()
    outside = np.ones(mask.shape, bool)
    outside[place.slices] = False
    np.testing.assert_array_equal(after[outside], mask[outside])


@given(masks(side=7), st.sampled_from([1.0, 2.5, 4.0]))
def test_growing_is_the_distance_from_the_label(mask: Any, millimetres: float) -> None:
    from_label = np.argwhere(mask == LABEL) * SPACING
    every = np.argwhere(np.ones(mask.shape)) * SPACING
    near = np.linalg.norm(every[:, None] - from_label[None], axis=2).min(axis=1) <= millimetres
    np.testing.assert_array_equal((grown(mask, millimetres) == LABEL).ravel(), near)


@given(
    masks(side=8),
    st.sampled_from([(1.0, 0.5, 2.5), (0.9765625, 0.9765625, 3.0)]),
    st.sampled_from([1.0, 2.5, 4.0, 9.0]),
)
def test_nearness_is_that_of_the_distance_transform(mask: Any, spacing: tuple[float, ...], radius: float) -> None:
    distance = ndimage.distance_transform_edt(mask != LABEL, sampling=spacing)
    np.testing.assert_array_equal(near(mask == LABEL, spacing, radius), distance <= radius)


def test_the_distance_of_a_neighbour_reaches_it_however_it_is_rounded() -> None:
    mask = np.zeros((9, 9), np.uint8, order="F")
    mask[4, 4] = LABEL
    third = float(np.float32(0.3))
    after = apply(mask, grow(mask, LABEL, (third, third), 0.9))
    assert (after[4] == LABEL).sum() == 7


@pytest.mark.parametrize(("millimetres", "words"), [(0.4, "less than one voxel"), (0, "above 0"), (np.nan, "above 0")])
def test_a_distance_that_does_nothing_is_refused(millimetres: float, words: str) -> None:
    mask = np.ones((4, 4, 4), np.uint8, order="F")
    with pytest.raises(EditError, match=words):
        grow(mask, LABEL, SPACING, millimetres)


def test_shrinking_to_nothing_is_refused() -> None:
    mask = np.zeros((9, 9), np.uint8, order="F")
    mask[3:6, 3:6] = LABEL
    with pytest.raises(EditError, match="nothing of the label would be left"):
        shrink(mask, LABEL, (1, 1), 3)


def test_a_long_one_tells_how_far_it_is_and_can_be_given_up() -> None:
    mask = np.ones((130, 130, 70), np.uint8, order="F")
    parts: list[float] = []

    def stop() -> None:
        if len(parts) == 3:
            raise Cancelled("given up")

    with pytest.raises(Cancelled):
        grow(mask, LABEL, (1, 1, 1), 2, progress=Progress(parts.append, stop))
    assert parts == sorted(parts)
    assert 0 <= parts[0] < parts[-1] < 1


def test_an_edit_can_be_of_a_mask_with_more_than_255_labels() -> None:
    mask = np.zeros((5, 5), np.uint16, order="F")
    mask[2, 2] = 1000
    edit: Edit = grow(mask, 1000, (1, 1), 1)
    assert edit.after.dtype == np.uint16
    assert np.count_nonzero(edit.after == 1000) == 5
