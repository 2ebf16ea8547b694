from __future__ import annotations

import pytest

from jlabel.errors import LabelError
from jlabel.labels import Classification, make_classifications


def test_a_classification_has_a_name_and_classes_in_their_order():
    view = Classification("view", ["in body", "out of body"])
    assert (view.name, view.classes) == ("view", ("in body", "out of body"))
    assert view.class_named("In_Body") == "in body"
    with pytest.raises(LabelError, match="'view' has no class 'blurred'; it has in body, out of body"):
        view.class_named("blurred")


@pytest.mark.parametrize(
    ("name", "classes", "said"),
    [
        ("", ["a", "b"], "a text that is not empty"),
        ("view", ["a"], "at least two classes"),
        ("view", ["a", "A"], "is there twice: 'a'"),
        ("view", ["a", ""], "a text that is not empty"),
        ("view", ["a", "b\u202e"], "a character that nobody sees"),
        ("view", "ab", "a list of names, not the text 'ab'"),
    ],
)
def test_what_makes_no_sense_is_refused(name, classes, said):
    with pytest.raises(LabelError, match=said):
        Classification(name, classes)


def test_several_come_from_names_with_classes():
    view, quality = make_classifications({"view": ["in", "out"], "quality": ["good", "bad"]})
    assert (view.name, quality.classes) == ("view", ("good", "bad"))
    assert make_classifications([view, quality, view]) == (view, quality)


def test_one_name_has_one_list_of_classes():
    with pytest.raises(LabelError, match="'view' has two lists of classes"):
        make_classifications([Classification("view", ["a", "b"]), Classification("view", ["b", "c"])])
    with pytest.raises(LabelError, match="3 is none"):
        make_classifications([3])


def test_an_image_may_have_several_classes_of_one():
    found = Classification("diagnosis", ["pneumonia", "effusion", "normal"], several=True)
    assert found.classes_named(["Effusion", "pneumonia", "effusion"]) == ("pneumonia", "effusion")
    assert (found.classes_named("normal"), found.classes_named([])) == (("normal",), ())
    with pytest.raises(LabelError, match="has no class 'tumour'"):
        found.classes_named(["normal", "tumour"])
    with pytest.raises(LabelError, match="an image has one class of 'view', not 'in' and 'out'"):
        Classification("view", ["in", "out"]).classes_named(["in", "out"])


def test_names_with_classes_may_say_so():
    view, found = make_classifications({"view": ["in", "out"], "found": {"classes": ["a", "b"], "several": True}})
    assert (view.several, found.several) == (False, True)
    with pytest.raises(LabelError, match="'found' is there twice: with one class of an image, and with several"):
        make_classifications([found, Classification("found", ["a", "b"])])
    for odd in ({"several": True}, {"classes": ["a", "b"], "severl": True}, {"classes": ["a", "b"], "several": "yes"}):
        with pytest.raises(LabelError, match="'found' is a list of classes, or"):
            make_classifications({"found": odd})
