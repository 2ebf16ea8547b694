"""What persons and models say of images as a whole, in a folder and in a datastore that can only list its images."""

from __future__ import annotations

import pytest

from jlabel.datastores import Datastore, ImageTag, TagFilter
from jlabel.datastores.image_tags import give_tag, model_tag, person_tag, propose_tag

CHANCES = {"in body": 0.25, "out of body": 0.75}


@pytest.fixture
def store(open_store, studies, add):
    """Four images: one that a person tagged, one that a model did, one that both did, one that nobody did."""
    add(studies, "both.nii.gz", "model.nii.gz", "nobody.nii.gz", "person.nii.gz")
    store = open_store(author="Ben")
    give_tag(store, "person", "view", "in body")
    give_tag(store, "both", "view", "in body")
    for image_id in ("both", "model"):
        propose_tag(store, image_id, "view", CHANCES, "in_body", 3)
    return store


def ids(store: Datastore, **which) -> list[str]:
    return [entry.image_id for entry in store.browse(**which).entries]


def test_a_person_and_a_model_are_kept_beside_each_other(store):
    info = store.get_image_info("both")
    mine, its = person_tag(info, "view"), model_tag(info, "view")
    assert (mine.value, mine.author, mine.by_person, mine.probability) == ("in body", "Ben", True, None)
    assert (its.value, its.model, its.version, its.probability) == ("out of body", "in_body", 3, 0.75)
    assert mine.time is not None
    assert its.time is not None


def test_what_a_person_says_counts_before_what_a_model_says(store):
    values = {image_id: (tag.value, tag.by_person) for image_id, tag in store.tagged_images("view").items()}
    assert values == {"both": ("in body", True), "model": ("out of body", False), "person": ("in body", True)}
    assert store.tagged_images("view") == Datastore.tagged_images(store, "view")
    assert store.tagged_images("vie") == {}


def test_what_models_say_is_listed_by_itself(store):
    said = store.tagged_images("view", by_model=True)
    assert {image_id: (tag.value, tag.by_person) for image_id, tag in said.items()} == {
        "both": ("out of body", False),
        "model": ("out of body", False),
    }
    assert said == Datastore.tagged_images(store, "view", by_model=True)


def test_a_person_may_choose_another_class_and_take_it_back(store):
    give_tag(store, "person", "view", "out of body")
    assert store.tagged_images("view")["person"].value == "out of body"
    for image_id in ("person", "both"):
        give_tag(store, image_id, "view", None)
    assert {image_id: tag.by_person for image_id, tag in store.tagged_images("view").items()} == {
        "both": False,
        "model": False,
    }


def test_other_info_of_the_image_stays(store):
    store.update_image_info("person", {"note": "blurred"})
    give_tag(store, "person", "view", "out of body")
    assert store.get_image_info("person")["note"] == "blurred"


def test_entries_of_the_list_have_their_tags(store):
    tags = {entry.image_id: entry.tags for entry in store.browse().entries}
    assert tags["nobody"] == ()
    assert [(tag.classification, tag.value, tag.by_person) for tag in tags["both"]] == [("view", "in body", True)]
    assert Datastore.browse(store) == store.browse()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (TagFilter("view", "in body"), ["both", "person"]),
        (TagFilter("view", "out of body"), ["model"]),
        (TagFilter("view", "blurred"), []),
        (TagFilter("view"), ["model", "nobody"]),
        (TagFilter("other"), ["both", "model", "nobody", "person"]),
    ],
)
def test_the_list_can_be_of_images_with_a_tag_or_without_a_persons(store, wanted, found):
    assert ids(store, tagged=wanted) == found
    assert Datastore.browse(store, tagged=wanted) == store.browse(tagged=wanted)
    page = store.browse(tagged=wanted, offset=1, limit=1)
    assert ([entry.image_id for entry in page.entries], page.total) == (found[1:2], len(found))


def test_tags_go_with_search_states_and_scores(store, label_file):
    from jlabel.datastores import Score, ScoreKey

    store.save_label("person", label_file("p"))
    wanted = TagFilter("view", "in body")
    assert ids(store, tagged=wanted, state="final") == ["person"]
    assert ids(store, tagged=wanted, search="bo") == ["both"]
    store.scores.save([Score("both", "entropy", 0.9), Score("person", "entropy", 0.2), Score("model", "entropy", 0.5)])
    by = {"scores": ScoreKey("entropy"), "order": "score"}
    assert ids(store, tagged=wanted, **by) == ["both", "person"]
    assert ids(store, tagged=wanted, **by, least_score=0.5) == ["both"]
    assert ids(store, tagged=TagFilter("view"), **by) == ["model", "nobody"]


@pytest.mark.parametrize("name", ['say "hi"', "Aufnahme übel", "100% _", "a\\b", "50/50"])
def test_names_may_have_any_letters(store, name):
    give_tag(store, "nobody", name, "ja")
    assert list(store.tagged_images(name)) == ["nobody"]
    assert ids(store, tagged=TagFilter(name, "ja")) == ["nobody"]


@pytest.mark.parametrize("odd", [None, 3, "in body", {}, {"value": 4}, {"value": None}])
def test_what_another_program_wrote_there_is_no_tag(store, odd):
    store.update_image_info("nobody", {"tag:view": odd, "model_tag:view": odd})
    assert "nobody" not in store.tagged_images("view")
    assert store.browse(search="nobody").entries[0].tags == ()


def test_a_models_tag_may_lack_what_it_should_have(store):
    store.update_image_info("nobody", {"model_tag:view": {"value": "x", "time": 1e300, "probabilities": {"x": "?"}}})
    assert store.tagged_images("view")["nobody"] == ImageTag("view", "x", model="a model")


def test_an_image_may_have_several_classes(store):
    give_tag(store, "nobody", "found", ["pneumonia", "effusion"])
    give_tag(store, "person", "found", ["effusion"])
    tag = store.tagged_images("found")["nobody"]
    assert (tag.values, tag.value, tag.by_person) == (("pneumonia", "effusion"), "pneumonia, effusion", True)
    assert ids(store, tagged=TagFilter("found", "effusion")) == ["nobody", "person"]
    assert ids(store, tagged=TagFilter("found", "pneumonia")) == ["nobody"]
    assert ids(store, tagged=TagFilter("found")) == ["both", "model"]
    give_tag(store, "nobody", "found", [])
    assert "nobody" not in store.tagged_images("found")
