from __future__ import annotations

import pytest

from jlabel.errors import LabelError
from jlabel.labels import Label, label_values, make_labels


def test_names_get_values_from_one_on():
    assert label_values(make_labels(["liver", "spleen"])) == {"liver": 1, "spleen": 2}


def test_values_may_have_gaps_and_background_is_left_out():
    assert label_values(make_labels({"background": 0, "liver": 7, "vessel": 300})) == {"liver": 7, "vessel": 300}


def test_labels_with_their_own_colours():
    liver = Label("liver", 4, "#ff0000")
    assert make_labels([liver]) == (liver,)


def test_neighbours_have_different_colours():
    colors = [label.color for label in make_labels([f"l{i}" for i in range(8)])]
    assert len(set(colors)) == 8


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([], "at least one"),
        ("liver", "list of names"),
        (["liver", "liver"], "name; given twice: liver"),
        ({"a": 1, "b": 1}, "value; given twice: 1"),
        ({"a": -1}, "1 to 65535"),
        ({"a": 70000}, "1 to 65535"),
        ([""], "not empty"),
        ({"a": 1.5}, "whole number"),
    ],
)
def test_what_cannot_be_told_apart_or_stored(labels, words):
    with pytest.raises(LabelError, match=words):
        make_labels(labels)
