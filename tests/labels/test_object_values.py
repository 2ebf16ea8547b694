"""Values of objects that are told apart: which they are, the next free one, their colours, what a file says of them."""

from __future__ import annotations

import numpy as np
import pytest

from jlabel.errors import LabelError
from jlabel.labels import Label, LabelSet, make_labels
from jlabel.labels.label import LARGEST_VALUE
from jlabel.labels.object_values import ObjectValues, told_apart

NUCLEUS = Label("nucleus", 2, "#e69f00", instances=True)
STROMA = Label("stroma", 1, "#56b4e9")
CYST = Label("cyst", 5, "#009e73")


def test_objects_have_the_labels_value_and_those_above_that_no_other_label_has():
    objects = LabelSet.of((STROMA, NUCLEUS, CYST)).objects
    assert [value for value in range(8) if value in objects] == [2, 3, 4, 6, 7]
    assert np.flatnonzero(objects.table(8)).tolist() == [2, 3, 4, 6, 7]
    assert objects.joined(np.array([[0, 1, 2], [3, 5, 7]], np.uint8)).tolist() == [[0, 1, 2], [2, 5, 2]]


def test_a_new_object_gets_the_next_value_and_gaps_once_there_is_none_above():
    objects = ObjectValues(NUCLEUS, frozenset({1, 5}))
    assert [objects.next_free(top) for top in (0, 1, 2, 4)] == [2, 2, 3, 6]
    assert objects.next_free(LARGEST_VALUE, {2, 3, LARGEST_VALUE}) == 4
    with pytest.raises(LabelError, match="all values for objects of nucleus are taken"):
        objects.next_free(LARGEST_VALUE, range(LARGEST_VALUE + 1))


def test_neighbouring_objects_have_colours_far_apart_and_the_first_that_of_its_label():
    colors = ObjectValues(NUCLEUS).colors(40)
    assert colors[2] == NUCLEUS.color
    assert len(set(colors.values())) == 39
    rgb = np.array([[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in colors.values()])
    assert np.abs(np.diff(rgb, axis=0)).sum(1).min() > 130


def test_the_info_of_a_saved_label_says_whether_it_tells_objects_apart():
    info = {"labels": {"stroma": 1, "nucleus": 2, "gone": 4}, "instances": "nucleus"}
    objects = told_apart(info, (STROMA, NUCLEUS, CYST))
    assert [value for value in range(8) if value in objects] == [2, 3, 6, 7]
    for other in ({}, {"labels": info["labels"]}, {**info, "instances": ["nucleus"]}, {**info, "instances": "vessel"}):
        assert told_apart(other, (STROMA, NUCLEUS)) is None


def test_the_objects_of_one_label_are_told_apart():
    with pytest.raises(LabelError, match="not those of nucleus and cell"):
        make_labels([NUCLEUS, Label("cell", 3, "#ffffff", instances=True)])
    labels = LabelSet.of((STROMA, NUCLEUS))
    with pytest.raises(LabelError, match="the objects of nucleus are told apart, and one label can have that"):
        labels.tell_apart("stroma")
    other = labels.tell_apart("nucleus", False).tell_apart("stroma")
    assert other.objects.first == 1


def test_what_a_person_chose_is_kept_and_what_an_app_declares_holds_else():
    declared = (STROMA, NUCLEUS)
    before = LabelSet.of((STROMA, Label("nucleus", 2, "#e69f00"))).to_json()
    assert LabelSet.joined(before, declared).objects.label == NUCLEUS
    off = LabelSet.of(declared).tell_apart("nucleus", False)
    assert LabelSet.joined(off.to_json(), declared).objects is None
    chosen = off.tell_apart("stroma").to_json()
    assert LabelSet.joined(chosen, declared).objects.label.name == "stroma"
    twice = {**chosen, "labels": [{**one, "instances": True} for one in chosen["labels"]]}
    assert LabelSet.joined(twice, declared).objects.label.name == "stroma"


def test_a_new_label_gets_no_value_that_an_object_of_another_image_may_have():
    labels = LabelSet.of((NUCLEUS,)).add("stroma").add("vessel")
    assert [label.value for label in labels.labels] == [2, 1, LARGEST_VALUE]


def test_a_label_comes_back_with_its_objects_unless_those_of_another_are_told_apart():
    gone = LabelSet.of((STROMA, NUCLEUS)).delete("nucleus")
    assert gone.objects is None
    assert gone.restore(2, 1).objects.label == NUCLEUS
    assert gone.tell_apart("stroma").restore(2, 1).objects.label.name == "stroma"
