"""What was drawn in CVAT becomes label values."""

from __future__ import annotations

import numpy as np
import pytest

from jlabel.cvat.received import LabelValues, check_labels, frame_shapes, picture_values, stamp_of
from jlabel.errors import CvatError
from jlabel.labels.label import Label
from jlabel.labels.object_values import ObjectValues


def box(frame: int, left: int, right: int, label: int = 11, **more: object) -> dict[str, object]:
    return {"type": "rectangle", "frame": frame, "points": [left, 0, right, 1], "label_id": label, **more}


def test_every_frame_has_its_shapes_and_those_of_tracks() -> None:
    track = {"label_id": 12, "shapes": [box(0, 0, 2, 12), box(2, 4, 6, 12)]}
    drawn = {"shapes": [box(0, 0, 1), box(7, 0, 1)], "tracks": [track]}
    found = frame_shapes(drawn, [0, 1, 2, 3], deleted={3})
    assert {frame: len(shapes) for frame, shapes in found.items()} == {0: 2, 1: 1, 2: 1}
    assert found[1][0]["points"] == [2, 0, 4, 1]


def test_a_shape_without_an_area_is_named() -> None:
    with pytest.raises(CvatError, match="frame 3 has a points, which has no area"):
        frame_shapes({"shapes": [{"type": "points", "frame": 3, "points": [1, 1]}]}, [3])
    assert frame_shapes({"shapes": [{"type": "points", "frame": 3, "points": [1, 1]}]}, [4]) == {4: []}


def test_labels_have_their_values_here_and_later_shapes_cover_earlier_ones() -> None:
    known = LabelValues({11: 5, 12: 7})
    assert picture_values([box(0, 0, 4), box(0, 2, 6, 12)], known, 1, 7).tolist() == [[5, 5, 7, 7, 7, 7, 0]]


def test_a_label_that_there_is_none_of_here_is_named() -> None:
    known = LabelValues({11: 5}, {11: "polyp", 12: "tool"})
    for shape, name in ((box(0, 0, 1, 12), "tool"), (box(0, 0, 1, 99), "number 99")):
        with pytest.raises(CvatError, match=f"has the label {name}, and there is none of that name here"):
            check_labels([shape], known)


def test_each_object_has_a_value_of_its_own_and_the_parts_of_a_group_are_one() -> None:
    objects = ObjectValues(Label("nucleus", 2, "#e69f00", instances=True), frozenset({3}))
    known = LabelValues({11: 2, 12: 3}, {}, objects)
    shapes = [box(0, 0, 1), box(0, 1, 2, group=8), box(0, 2, 3, 12), box(0, 3, 4, group=8), box(0, 4, 5)]
    assert picture_values(shapes, known, 1, 6).tolist() == [[2, 4, 3, 4, 5, 0]]


def test_the_same_shapes_have_the_same_stamp() -> None:
    one = [box(0, 0, 1, id=3, source="manual")]
    assert stamp_of(one) == stamp_of([box(0, 0, 1, id=9, source="auto")])
    assert stamp_of(one) != stamp_of([box(0, 0, 2)])
    assert stamp_of([]) == stamp_of(np.zeros(0).tolist())
