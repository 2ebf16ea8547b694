"""Tracks as the shapes of each frame."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jlabel.cvat.masks import encode_mask
from jlabel.cvat.shapes import painted_values, rasterise
from jlabel.cvat.tracks import shapes_of_track
from jlabel.errors import CvatError

SQUARE = [0.0, 0.0, 4.0, 0.0, 4.0, 4.0, 0.0, 4.0]


def key(frame: int, *points: float, kind: str = "rectangle", **more: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "frame": frame,
        "points": list(points),
        "outside": False,
        "z_order": 0,
        "rotation": 0.0,
        **more,
    }


def track_of(*shapes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": 5, "frame": 0, "label_id": 11, "group": 0, "source": "manual", "shapes": list(shapes), **more}


def points_at(track: dict[str, Any], frame: int) -> list[float]:
    return shapes_of_track(track, [frame])[frame]["points"]


def test_a_rectangle_moves_evenly_between_its_keyframes_and_stays_after_the_last():
    track = track_of(key(2, 0, 0, 10, 10), key(6, 8, 4, 10, 30), key(7, 1, 1, 2, 2))
    shapes = shapes_of_track(track, range(0, 10))
    assert list(shapes) == [2, 3, 4, 5, 6, 7, 8, 9]
    assert [shapes[frame]["points"] for frame in (2, 3, 4, 5, 6)] == [
        [0, 0, 10, 10],
        [2, 1, 10, 15],
        [4, 2, 10, 20],
        [6, 3, 10, 25],
        [8, 4, 10, 30],
    ]
    assert shapes[7]["points"] == shapes[8]["points"] == shapes[9]["points"] == [1, 1, 2, 2]
    assert all(shape["frame"] == frame for frame, shape in shapes.items())


def test_only_the_frames_that_are_asked_for_are_answered():
    track = track_of(key(0, 0, 0, 10, 10), key(10, 10, 0, 20, 10))
    assert list(shapes_of_track(track, range(4, 6))) == [4, 5]
    assert {frame: one["points"][0] for frame, one in shapes_of_track(track, [9, 3]).items()} == {9: 9, 3: 3}
    assert shapes_of_track(track, []) == {}
    assert shapes_of_track(track_of(), range(5)) == {}


def test_an_outside_keyframe_ends_what_is_seen_until_one_that_is_not():
    track = track_of(
        key(0, 0, 0, 2, 2), key(3, 6, 0, 8, 2, outside=True), key(6, 20, 0, 22, 2), key(8, 20, 0, 22, 2, outside=True)
    )
    shapes = shapes_of_track(track, range(12))
    assert list(shapes) == [0, 1, 2, 6, 7]
    # On the way to where it was when it left.
    assert shapes[2]["points"] == [4, 0, 6, 2]


def test_shapes_have_the_label_the_group_and_the_number_of_their_track():
    first = key(0, 0, 0, 2, 2, z_order=4, occluded=True, id=99)
    shape = shapes_of_track(track_of(first, key(4, 1, 1, 2, 2, z_order=7), group=3), [2])[2]
    assert {name: shape[name] for name in ("label_id", "group", "source", "track_id", "z_order", "occluded")} == {
        "label_id": 11,
        "group": 3,
        "source": "manual",
        "track_id": 5,
        "z_order": 4,
        "occluded": True,
    }
    assert painted_values([shape], [6], 2, 2).max() == 6
    assert first["frame"] == 0
    assert first["points"] == [0, 0, 2, 2]


@pytest.mark.parametrize(
    ("before", "after", "half"), [(0, 90, 45), (350, 20, 5), (20, 350, 5), (0, 270, 315), (10, 350, 0), (-30, 30, 0)]
)
@pytest.mark.parametrize("kind", ["rectangle", "ellipse"])
def test_shapes_turn_the_shorter_way(kind, before, after, half):
    track = track_of(key(0, 5, 5, 9, 3, kind=kind, rotation=before), key(2, 5, 5, 9, 3, kind=kind, rotation=after))
    assert shapes_of_track(track, [1])[1]["rotation"] == pytest.approx(half)


def test_half_a_turn_goes_through_the_upright_shape():
    turning = track_of(key(0, 2, 6, 14, 8), key(2, 2, 6, 14, 8, rotation=180.0))
    upright = rasterise(key(0, 7, 1, 9, 13), 14, 16)
    assert np.array_equal(rasterise(shapes_of_track(turning, [1])[1], 14, 16), upright)


def test_an_ellipse_moves_evenly():
    track = track_of(key(0, 5, 5, 9, 3, kind="ellipse"), key(4, 9, 5, 17, 1, kind="ellipse"))
    assert points_at(track, 1) == [6, 5, 11, 2.5]


def test_a_mask_stays_until_its_next_keyframe():
    one, other = encode_mask(np.eye(3, dtype=bool)), encode_mask(np.ones((2, 2), bool))
    track = track_of(key(1, *(one or []), kind="mask"), key(4, *(other or []), kind="mask"))
    shapes = shapes_of_track(track, range(6))
    assert [shapes[frame]["points"] for frame in range(1, 6)] == [one, one, one, other, other]


def test_keyframes_may_come_in_any_order_and_of_two_at_a_frame_the_last_counts():
    track = track_of(key(4, 8, 0, 12, 4), key(0, 9, 9, 9, 9), key(0, 0, 0, 4, 4))
    assert points_at(track, 2) == [4, 0, 8, 4]


def test_deleted_frames_have_no_shape_and_what_was_drawn_there_does_not_count():
    track = track_of(key(0, 0, 0, 2, 2), key(2, 100, 100, 102, 102), key(4, 8, 0, 10, 2))
    shapes = shapes_of_track(track, range(5), deleted={2, 3})
    assert list(shapes) == [0, 1, 4]
    assert shapes[1]["points"] == [2, 0, 4, 2]
    ended = track_of(key(0, 0, 0, 2, 2), key(2, 0, 0, 2, 2, outside=True))
    assert list(shapes_of_track(ended, range(5), deleted=[2])) == [0, 1, 3, 4]


def test_corners_of_polygons_move_to_those_at_the_same_share_of_the_way_around():
    moved = [number + 2 for number in SQUARE]
    assert points_at(track_of(key(0, *SQUARE, kind="polygon"), key(2, *moved, kind="polygon")), 1) == [
        number + 1 for number in SQUARE
    ]


def test_corners_that_one_polygon_has_more_come_out_of_those_of_the_other():
    finer = [0, 0, 8, 0, 8, 4, 8, 8, 4, 8, 0, 8]
    track = track_of(key(0, *SQUARE, kind="polygon"), key(2, *finer, kind="polygon"))
    assert points_at(track, 1) == [0, 0, 6, 0, 6, 2, 6, 6, 4, 6, 0, 6]


def test_corners_that_would_lie_close_together_are_left_out():
    # As a server of CVAT has it: the corners at 3 and 6 of the side come out of one and of another corner.
    finer = [0, 0, 3, 0, 6, 0, 9, 0, 9, 9, 0, 9]
    track = track_of(key(0, 0, 0, 9, 0, 0, 9, kind="polygon"), key(2, *finer, kind="polygon"))
    assert points_at(track, 1) == pytest.approx([0, 0, 1.5, 0, 7.5, 0, 9, 4.5, 0, 9])


def test_a_polygon_that_is_hardly_more_than_a_line_keeps_enough_corners():
    line = [0, 0, 1, 0, 2, 0]
    for aim in ([3, 3, 3, 3, 3, 3], [0, 0, 0, 0, 0, 1], line):
        track = track_of(key(0, *line, kind="polygon"), key(2, *aim, kind="polygon"))
        assert len(points_at(track, 1)) >= 6


OUTLINES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=3, max_size=12)


@given(OUTLINES, OUTLINES, st.integers(1, 8))
def test_polygons_between_keyframes_can_be_painted_and_lie_between_them(one, other, frame):
    start, end = ([float(number) for corner in corners for number in corner] for corners in (one, other))
    track = track_of(key(0, *start, kind="polygon"), key(9, *end, kind="polygon"))
    shape = shapes_of_track(track, [frame])[frame]
    assert rasterise(shape, 41, 41).shape == (41, 41)
    for axis in (0, 1):
        low = min(start[axis::2]) + (min(end[axis::2]) - min(start[axis::2])) * frame / 9
        high = max(start[axis::2]) + (max(end[axis::2]) - max(start[axis::2])) * frame / 9
        assert min(shape["points"][axis::2]) >= low - 1e-9
        assert max(shape["points"][axis::2]) <= high + 1e-9


@given(OUTLINES, st.integers(1, 8), st.integers(-9, 9), st.integers(-9, 9))
def test_a_polygon_that_is_only_moved_keeps_its_form(corners, frame, right, down):
    lengths = np.hypot(*(np.roll(corners, -1, axis=0) - np.array(corners)).T)
    if lengths.min() == 0:
        return
    start = np.array(corners, float)
    end = start + np.array([right, down])
    track = track_of(key(0, *start.ravel().tolist(), kind="polygon"), key(9, *end.ravel().tolist(), kind="polygon"))
    wanted = start + np.array([right, down]) * frame / 9
    np.testing.assert_allclose(np.reshape(points_at(track, frame), (-1, 2)), wanted, atol=1e-9)


@pytest.mark.parametrize("kind", ["polyline", "points", "cuboid", "skeleton", None])
def test_tracks_of_shapes_without_an_area_are_refused_by_their_type(kind):
    with pytest.raises(CvatError, match=f"^track 5 from frame 0 on: a {kind} has no area"):
        shapes_of_track(track_of(key(0, 1, 2, 3, 4, kind=kind)), range(3))


def test_what_makes_no_sense_is_refused_by_the_name_of_the_track():
    good = key(4, 0, 0, 2, 2)
    for track, said in (
        (track_of(key(0, 0, 0, 2, math.nan), good), "track 5 from frame 0 on: nan among its points"),
        (track_of(key(0, 0, 0, 2), good), "track 5 from frame 0 on: its points are 3 numbers"),
        (track_of(key(0, 0, 0, 2, 2, rotation="x"), good), "its rotation of 'x' is no number"),
        (track_of(key(0, 0, 0, 2, 2, kind="ellipse"), good), "of several types: ellipse, rectangle"),
        (track_of(key(0, 0, 0, 2, 2) | {"frame": None}), "track 5: one of its shapes has no frame"),
        (track_of(good, id=None) | {"shapes": [7]}, "track: one of its shapes has no frame"),
    ):
        with pytest.raises(CvatError, match=f"^{said}" if said.startswith("track") else said):
            shapes_of_track(track, range(3))
