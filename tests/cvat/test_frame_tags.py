"""Tags of frames, and the classes that they stand for."""

from __future__ import annotations

import pytest

import jlabel
from jlabel.cvat.frame_tags import TagClass, classes_of_labels, frame_tags, image_classes, tag_label_names
from jlabel.errors import CvatError

VIEW = jlabel.Classification("view", ["in body", "out of body"])
CONTRAST = jlabel.Classification("contrast", ["yes", "no"])
BLURRED = jlabel.Classification("blurred", ["yes", "no"])
FOUND = jlabel.Classification("found", ["ulcer", "polyp", "nothing"], several=True)


def test_a_label_is_called_as_its_class_where_no_other_is() -> None:
    names = tag_label_names([VIEW, CONTRAST, BLURRED, FOUND], taken=["Polyp"])
    assert list(names.values()) == [
        *("in body", "out of body"),
        *("contrast: yes", "contrast: no", "blurred: yes", "blurred: no"),
        *("ulcer", "found: polyp", "nothing"),
    ]


def test_labels_are_known_by_either_name_in_any_spelling() -> None:
    names = {1: "In_Body", 2: "view: out of body", 3: "polyp", 4: "yes", 5: "Contrast: No"}
    assert classes_of_labels(names, [VIEW, CONTRAST, BLURRED]) == {
        1: TagClass("view", "in body"),
        2: TagClass("view", "out of body"),
        5: TagClass("contrast", "no"),
    }


def test_tags_of_other_frames_do_not_count_and_unknown_ones_are_named() -> None:
    known = {1: TagClass("view", "in body")}
    tags = [
        {"frame": 0, "label_id": 1},
        {"frame": 2, "label_id": 1},
        {"frame": 1, "label_id": 9},
        {"frame": 1, "label_id": 8},
        {"frame": 1, "label_id": None},
    ]
    found = frame_tags({"tags": tags}, {0, 1}, known, {9: "strange"})
    assert found.classes == {0: [known[1]]}
    assert found.unknown == {"strange", "number 8", "None"}
    assert frame_tags({"tags": None}, {0}, known, {}).classes == {}


def test_the_frames_of_an_image_say_its_classes() -> None:
    inside, ulcer, polyp = TagClass("view", "in body"), TagClass("found", "ulcer"), TagClass("found", "polyp")
    given = [(0, [polyp, inside]), (1, [inside, ulcer])]
    assert image_classes(given, [VIEW, FOUND, CONTRAST]) == {"view": ("in body",), "found": ("ulcer", "polyp")}
    assert image_classes([], [VIEW]) == {}


def test_two_classes_where_an_image_has_one_are_refused_with_their_frames() -> None:
    inside, outside = TagClass("view", "in body"), TagClass("view", "out of body")
    with pytest.raises(CvatError, match=r"frame 3 is tagged 'in body' and 'out of body': an image has one class"):
        image_classes([(3, [inside, outside])], [VIEW])
    with pytest.raises(CvatError, match=r"frame 3 is tagged 'in body' and frame 5 'out of body'"):
        image_classes([(3, [inside]), (5, [outside])], [VIEW])
