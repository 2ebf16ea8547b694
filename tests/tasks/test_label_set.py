from __future__ import annotations

import json

import pytest

from jlabel.errors import LabelError
from jlabel.tasks import Label, LabelSet, make_labels

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


@pytest.mark.parametrize("data", [{}, {"labels": [{"name": "a"}], "deleted": []}, {"labels": 3, "deleted": []}])
def test_a_damaged_label_set_is_named(data):
    with pytest.raises(LabelError, match="label set that was kept"):
        LabelSet.joined(data, DECLARED)
