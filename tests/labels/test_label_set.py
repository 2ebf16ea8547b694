from __future__ import annotations

import json

import pytest

from jlabel.errors import LabelError
from jlabel.labels import Label, LabelSet, make_labels

DECLARED = make_labels(["liver", "kidney", "spleen"])


def names(labels: LabelSet) -> list[str]:
    return [label.name for label in labels.labels]


def values(labels: LabelSet) -> dict[str, int]:
    return {label.name: label.value for label in labels.labels}


def kept(labels: LabelSet) -> dict:
    return json.loads(json.dumps(labels.to_json()))


def test_added_labels_come_last_with_a_value_and_a_colour_of_their_own():
    labels = LabelSet.of(DECLARED).add("  left\n tumour ")
    assert values(labels) == {"liver": 1, "kidney": 2, "spleen": 3, "left tumour": 4}
    assert len({label.color for label in labels.labels}) == 4
    assert labels.add("cyst", "#AABBCC", 40_000).labels[-1] == Label("cyst", 40_000, "#aabbcc")
    assert labels.add("cyst", value=40_000).add("node").labels[-1].value == 40_001


def test_a_value_is_never_used_again():
    labels = LabelSet.of(DECLARED).add("tumour").delete("tumour")
    assert values(labels.add("cyst"))["cyst"] == 5
    assert values(LabelSet.joined(kept(labels), DECLARED).add("cyst", seen={5, 6}))["cyst"] == 7
    with pytest.raises(LabelError, match="value 4 is taken"):
        labels.add("cyst", value=4)
    full = LabelSet.of(make_labels({"low": 1, "high": 65_535}))
    assert values(full.add("between"))["between"] == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.add("liver"), "there is a label 'liver' already"),
        (lambda s: s.add("  "), "needs a name"),
        (lambda s: s.add("Background"), "background is what has no label"),
        (lambda s: s.add("x" * 101), "at most 100 characters"),
        (lambda s: s.add("x", "red"), "#rrggbb"),
        (lambda s: s.add("x", value=65_536), "from 1 to 65535"),
        (lambda s: s.rename("liver", "kidney"), "there is a label 'kidney' already"),
        (lambda s: s.rename("x", "y"), "no label 'x'"),
        (lambda s: s.recolor("liver", "#12"), "#rrggbb"),
        (lambda s: s.merge("liver", "liver"), "into itself"),
        (lambda s: s.delete("liver").delete("kidney").delete("spleen"), "spleen is the only label"),
        (lambda s: s.restore(9, 0), "no label of the value 9"),
    ],
)
def test_what_cannot_be_done_is_said(change, words):
    with pytest.raises(LabelError, match=words):
        change(LabelSet.of(DECLARED))


def test_order():
    labels = LabelSet.of(DECLARED).move("spleen", 0)
    assert names(labels) == ["spleen", "liver", "kidney"]
    assert names(labels.move("spleen", 99)) == ["liver", "kidney", "spleen"]
    assert names(labels.rename("liver", "liver")) == names(labels)


def test_models_find_a_renamed_label_under_the_apps_name():
    labels = LabelSet.of(DECLARED).rename("liver", "hepar").add("liver")
    assert labels.names_for("hepar") == ("liver", "hepar")
    assert labels.values_for(["liver", "hepar"]) == {"liver": 1, "hepar": 1, "kidney": 2, "spleen": 3}
    assert labels.names_for("liver") == ("liver",)
    renamed = LabelSet.of(DECLARED).rename("liver", "hepar").add("cyst")
    assert renamed.learnt_values == {"liver": 1, "kidney": 2, "spleen": 3, "cyst": 4}


def test_models_find_a_merged_label_in_the_other_and_a_deleted_one_nowhere():
    merged = LabelSet.of(DECLARED).merge("liver", into="kidney")
    assert merged.values_for([]) == {"liver": 2, "kidney": 2, "spleen": 3}
    assert merged.lost_values == frozenset()
    both = merged.delete("kidney")
    assert both.lost_values == {1, 2}
    assert both.restore(2, 0).lost_values == frozenset()
    # Who adds the name again wants the model's voxels again, under a value of its own.
    again = both.add("liver")
    assert again.values_for([])["liver"] == 4
    assert again.lost_values == {2}


def test_what_was_removed_comes_back_as_it_was():
    before = LabelSet.of(DECLARED).rename("kidney", "ren").recolor("ren", "#102030")
    for change in (lambda s: s.delete("ren"), lambda s: s.merge("ren", "spleen")):
        assert change(before).restore(2, 1) == before
    taken = before.delete("ren").add("ren")
    assert names(taken.restore(2, 1)) == ["liver", "ren 2", "spleen", "ren"]


def test_what_people_changed_stays_when_the_app_comes_again():
    changed = LabelSet.of(DECLARED).rename("liver", "hepar").recolor("hepar", "#010203").move("spleen", 0).add("cyst")
    again = LabelSet.joined(kept(changed), DECLARED)
    assert again == changed
    assert LabelSet.joined(None, DECLARED) == LabelSet.of(DECLARED)


def test_labels_that_the_app_declares_later_appear():
    stored = kept(LabelSet.of(DECLARED).add("cyst").delete("kidney"))
    later = LabelSet.joined(stored, make_labels(["liver", "kidney", "spleen", "pancreas", "gut"]))
    assert values(later) == {"liver": 1, "spleen": 3, "cyst": 4, "pancreas": 5, "gut": 6}
    assert LabelSet.joined(stored, make_labels([*(d.name for d in DECLARED), "cyst"])).values_for([])["cyst"] == 4


def test_colours_follow_the_app_until_a_person_chooses_one():
    stored = kept(LabelSet.of(DECLARED).recolor("liver", "#010203"))
    other = [Label("liver", 1, "#ffffff"), Label("kidney", 2, "#eeeeee")]
    assert [label.color for label in LabelSet.joined(stored, tuple(other)).labels] == ["#010203", "#eeeeee"]


def test_another_app_on_the_same_studies_sees_its_own_labels_and_loses_nobodys():
    stored = kept(LabelSet.of(DECLARED).rename("liver", "hepar").add("cyst"))
    theirs = LabelSet.joined(stored, make_labels(["lesion"]))
    assert values(theirs) == {"cyst": 4, "lesion": 1}
    back = LabelSet.joined(kept(theirs.add("edge")), DECLARED)
    assert values(back) == {"cyst": 4, "edge": 5, "hepar": 1, "kidney": 2, "spleen": 3}


GOOD = {"name": "cyst", "value": 9, "color": "#123456", "declared": [], "colored": True}


@pytest.mark.parametrize(
    "bad",
    [
        None,
        3,
        {"name": "a"},
        GOOD | {"value": 10**400},
        GOOD | {"value": float("inf")},
        GOOD | {"value": True},
        GOOD | {"value": 0},
        GOOD | {"name": 3},
        GOOD | {"declared": "cyst"},
        GOOD | {"declared": [[]]},
    ],
)
def test_a_damaged_entry_is_left_out_and_named_and_not_the_whole_set(bad, caplog):
    found = LabelSet.joined({"labels": [bad, GOOD], "deleted": [bad]}, DECLARED)
    assert values(found) == {"cyst": 9, "liver": 1, "kidney": 2, "spleen": 3}
    assert "cannot be read, and is left out" in caplog.text


@pytest.mark.parametrize("data", [{}, {"labels": 3, "deleted": []}, {"labels": {}, "deleted": "x"}])
def test_what_is_no_label_set_is_none(data):
    assert values(LabelSet.joined(data, DECLARED)) == values(LabelSet.of(DECLARED))


def test_a_kept_name_is_shown_without_what_nobody_sees_and_a_colour_that_is_none_is_another():
    entries = [GOOD | {"name": "cy\u200bst\u202e\0", "color": "red; x"}, GOOD | {"name": "\u200b", "value": 10}]
    found = LabelSet.joined({"labels": entries, "deleted": []}, DECLARED)
    assert {"cyst": 9, "unnamed": 10}.items() <= values(found).items()
    assert all(label.color.startswith("#") and len(label.color) == 7 for label in found.labels)


def test_two_spellings_of_a_name_are_one():
    found = LabelSet.of(DECLARED).add("f\u0301e\u0301e")
    assert found.get("f\u0301\u00e9e") is found.get("f\u0301e\u0301e")
    with pytest.raises(LabelError, match="there is a label"):
        found.add("f\u0301\u00e9e")
    with pytest.raises(LabelError, match=r"nobody sees \(U\+200B, ZERO WIDTH SPACE\)"):
        found.add("a\u200bb")
    with pytest.raises(LabelError, match=r"U\+202E, RIGHT-TO-LEFT OVERRIDE"):
        found.rename("liver", "\u202erevil")


def test_a_value_that_nobody_named_is_shown_and_kept_once_it_has_a_name():
    labels = LabelSet.of(DECLARED).with_unnamed([255, 7, 2, 0])
    assert values(labels) == {"liver": 1, "kidney": 2, "spleen": 3, "value 7": 7, "value 255": 255}
    assert labels.unnamed_values == (7, 255)
    assert [label.name for label in labels.named] == ["liver", "kidney", "spleen"]
    assert set(labels.learnt_values) == {"liver", "kidney", "spleen"}
    assert kept(labels) == kept(LabelSet.of(DECLARED))
    named = labels.rename("value 7", "cyst")
    assert (named.unnamed_values, values(LabelSet.joined(kept(named), DECLARED))["cyst"]) == ((255,), 7)
    assert labels.add("cyst", value=7) == named
    assert labels.recolor("value 7", "#000001").unnamed_values == (255,)


def test_a_value_that_nobody_named_is_merged_away_and_taken_by_nobody():
    labels = LabelSet.of(DECLARED).with_unnamed([255])
    merged = labels.merge("value 255", "liver")
    assert values(merged) == {"liver": 1, "kidney": 2, "spleen": 3}
    assert kept(merged) == kept(LabelSet.of(DECLARED))
    assert merged.restore(255, 3).unnamed_values == (255,)
    assert labels.add("cyst").labels[-1].value == 256


def test_a_deleted_value_that_is_found_again_can_be_named():
    labels = LabelSet.of(DECLARED).add("tumour").delete("tumour").with_unnamed([4])
    again = labels.rename("value 4", "cyst")
    assert values(again)["cyst"] == 4
    assert not again.deleted


def test_a_value_of_another_apps_label_has_its_colour_and_stays_that_apps():
    both = kept(LabelSet.joined(kept(LabelSet.of(DECLARED)), make_labels({"lesion": 9})))
    labels = LabelSet.joined(both, DECLARED).with_unnamed([9])
    named = LabelSet.joined(kept(labels.rename("value 9", "spot")), make_labels({"lesion": 9}))
    assert values(named) == {"spot": 9}
