"""What an automatic model found, put in the place of the labels that it knows."""

from __future__ import annotations

import numpy as np
import pytest

from jlabel.annotation.model_answer import with_answer
from jlabel.errors import LabelError
from jlabel.imaging import Region
from jlabel.labels import Label
from jlabel.labels.object_values import ObjectValues
from jlabel.tasks import InferResult

SHAPE = (6, 5, 4)


def test_an_answer_replaces_only_the_labels_that_it_knows():
    mask = np.zeros(SHAPE, np.uint8)
    mask[0, 0, 0], mask[1, 0, 0] = 1, 2
    values = np.zeros(SHAPE, np.uint8)
    values[5, 4, 3] = 1
    region, after = with_answer(mask, InferResult(Region.whole(SHAPE), values, SHAPE, {"a": 1}))
    assert region == Region.whole(SHAPE)
    assert after[0, 0, 0] == 0
    assert after[1, 0, 0] == 2
    assert after[5, 4, 3] == 1
    assert mask[0, 0, 0] == 1


def test_a_value_that_the_draft_has_no_room_for_is_refused():
    values = np.full(SHAPE, 300, np.uint16)
    with pytest.raises(LabelError, match="300"):
        with_answer(np.zeros(SHAPE, np.uint8), InferResult(Region.whole(SHAPE), values, SHAPE, {"x": 300}))


def test_objects_that_the_model_tells_apart_take_the_place_of_those_that_were_there():
    mask, values = np.zeros((1, 6), np.uint8), np.zeros((1, 6), np.uint8)
    mask[0, :5], values[0, 4:] = (2, 3, 9, 5, 1), (2, 3)
    objects = ObjectValues(Label("nucleus", 2, "#e69f00", instances=True), frozenset({1, 5}))
    answer = InferResult(Region.whole((1, 6)), values, (1, 6), {"nucleus": 2})
    assert with_answer(mask, answer, objects)[1].tolist() == [[0, 0, 0, 5, 2, 3]]
    assert with_answer(mask, answer)[1].tolist() == [[0, 3, 9, 5, 2, 3]]
    other = InferResult(Region.whole((1, 6)), values * 0, (1, 6), {"stroma": 1})
    assert with_answer(mask, other, objects)[1].tolist() == [[2, 3, 9, 5, 0, 0]]
