"""A folder of images as a datastore: what a person and a manager do with it."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import numpy as np
import pytest

from jlabel.datastores import Datastore, LocalDatastore
from jlabel.errors import DatastoreError, LabelError


def test_folder_is_left_as_it_was_found(studies, open_store, add):
    add(studies, "a.png", "b.png")
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in studies.iterdir()}
    store = open_store()
    store.save_label("a", np.ones((4, 5), np.uint8))
    store.remove_image("b")
    assert {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in before} == before
    assert sorted(file.name for file in studies.iterdir()) == [".jlabel", "a.png", "b.png", "labels"]


def test_name_and_description_are_kept(studies, open_store):
    store = open_store()
    assert (store.name(), store.description()) == ("studies", "")
    store.set_name("Livers")
    store.set_description("abdominal <CT>")
    again = open_store()
    assert (again.name(), again.description()) == ("Livers", "abdominal <CT>")
    assert open_store(name="Spleens").status()["name"] == "Spleens"


def test_texts_that_no_database_takes_are_refused_or_kept_as_they_are(studies, open_store, add):
    """Half of a pair of surrogates, as a damaged file name or a message may bring it."""
    add(studies, "a.png")
    store = open_store()
    for change in (store.set_name, store.set_description):
        with pytest.raises(DatastoreError, match="is a text of valid unicode, not "):
            change("\ud800")
    store.update_image_info("a", {"\ud800": ["\udfff", "é"]})
    assert open_store().get_image_info("a") == {"\ud800": ["\udfff", "é"]}


def test_saved_array_comes_back_from_the_label_file(studies, open_store, add):
    from jlabel.imaging import read_image, read_label

    add(studies, "a.png")
    store = open_store()
    image = read_image(store.get_image_uri("a"))
    mask = np.zeros(image.shape, np.uint8)
    mask[1:3, 2:] = 7
    assert store.save_label("a", mask, info={"label_names": ["spleen"], "dice": np.float32(0.5)}) == "a"
    assert store.get_label_uri("a") == str(studies / "labels" / "final" / "a.png")
    np.testing.assert_array_equal(read_label(store.get_label_uri("a"), image), mask)
    assert store.get_label_info("a") == {"label_names": ["spleen"], "dice": 0.5}


def test_label_of_another_shape_is_refused_and_nothing_changes(studies, open_store, add):
    add(studies, "a.png")
    store = open_store()
    with pytest.raises(LabelError):
        store.save_label("a", np.ones((9, 9), np.uint8))
    assert store.label_history("a") == []
    assert store.get_unlabeled_images() == ["a"]
    assert not list((studies / ".jlabel" / "tmp").iterdir())


def test_labels_by_tag(studies, open_store, add, label_file):
    add(studies, "a.png", "b.png")
    store = open_store()
    store.save_label("a", label_file("from a model"), tag="original")
    assert store.get_labels_by_image_id("a") == {"original": "a"}
    assert store.get_label_by_image_id("a", "original") == "a"
    assert store.get_label_by_image_id("a", "final") == ""
    assert store.get_labeled_images() == []
    assert store.get_labeled_images("original") == ["a"]
    assert store.get_unlabeled_images("original") == ["b"]
    store.save_label("a", label_file("from a person"))
    assert store.get_labeled_images() == ["a"]
    assert store.status()["label_tags"] == {"final": 1, "original": 1}


def test_labeled_images_with_certain_labels(studies, open_store, add, label_file):
    add(studies, "a.png", "b.png", "c.png")
    store = open_store()
    store.save_label("a", label_file("1"), info={"label_names": {"spleen": 1, "liver": 2}})
    store.save_label("b", label_file("2"), info={"params": {"label_names": ["liver"]}})
    assert store.get_labeled_images(labels=["liver"]) == ["a", "b"]
    assert store.get_labeled_images(labels=["liver", "spleen"]) == ["a"]
    assert store.get_unlabeled_images(labels=["spleen"]) == ["b", "c"]


def test_info_is_merged(studies, open_store, add, label_file):
    add(studies, "a.png")
    store = open_store()
    store.update_image_info("a", {"score": 0.25, "source": "x"})
    store.update_image_info("a", {"score": 0.5})
    assert open_store().get_image_info("a") == {"score": 0.5, "source": "x"}
    store.save_label("a", label_file("1"), info={"by": "me"})
    store.update_label_info("a", "final", {"checked": True})
    assert store.get_label_info("a") == {"by": "me", "checked": True}
    with pytest.raises(DatastoreError, match="info must be"):
        store.update_image_info("a", {"thing": object()})


def test_datalist(studies, open_store, add, label_file):
    add(studies, "a.png", "sub/b.png", "c.png")
    store = open_store()
    store.save_label("sub/b", label_file("1"))
    assert store.datalist(full_path=False) == [{"image": "sub/b.png", "label": "labels/final/sub/b.nii.gz"}]
    (pair,) = store.datalist()
    assert Path(pair["image"]).is_file()
    assert Path(pair["label"]).read_text() == "1"
    assert store.datalist(tag="original") == []


def test_skipped_images_come_after_all_others(studies, open_store, add, label_file):
    add(studies, "a.png", "b.png")
    store, rng = open_store(), random.Random(0)
    store.update_image_info("a", {"skipped": "2026-11-21T12:00:00Z"})
    assert store.first_unlabeled() == "b"
    assert store.first_unlabeled(skipped=True) == "a"
    assert {store.random_unlabeled(rng) for _ in range(20)} == {"b"}
    assert {store.random_unlabeled(rng, skipped=True) for _ in range(30)} == {"a", "b"}
    store.save_label("b", label_file("1"))
    assert store.first_unlabeled() == store.random_unlabeled(rng) == "a"
    assert store.status()["skipped"] == 1
    store.update_image_info("a", {"skipped": None})
    assert store.status()["skipped"] == 0
    store.save_label("a", label_file("2"))
    assert store.first_unlabeled() is None
    assert store.random_unlabeled(rng) is None


@pytest.mark.sqlite
def test_random_choice_is_uniform_and_agrees_with_the_listing_one(studies, open_store, add, label_file):
    add(studies, *(f"c{number}.png" for number in range(12)))
    store, rng = open_store(), random.Random(3)
    for number in (0, 5, 11):
        store.save_label(f"c{number}", label_file("x"))
    excluded = ["c1", "c7", "unknown"]
    drawn = [store.random_unlabeled(rng, excluded) for _ in range(1400)]
    counts = {image_id: drawn.count(image_id) for image_id in set(drawn)}
    assert set(counts) == {Datastore.random_unlabeled(store, rng, excluded) for _ in range(300)}
    assert len(counts) == 7
    assert all(130 < count < 270 for count in counts.values())
    assert store.first_unlabeled(excluded) == Datastore.first_unlabeled(store, excluded) == "c10"


def test_images_come_and_go(studies, open_store, add, label_file, tmp_path):
    add(studies, "a.png", "b.png")
    store = open_store()
    store.update_image_info("a", {"score": 1})
    store.save_label("a", label_file("kept"))
    shutil.move(studies / "a.png", tmp_path / "a.png")
    with pytest.raises(DatastoreError, match="refresh"):
        store.get_image_uri("a")
    store.refresh()
    add(studies, "new/c.png")
    store.refresh()
    assert store.list_images() == ["b", "new/c"]
    assert store.status()["missing"] == 1
    assert store.get_labeled_images() == []
    shutil.move(tmp_path / "a.png", studies / "a.png")
    shutil.rmtree(studies / "new")
    store.refresh()
    assert store.list_images() == ["a", "b"]
    assert store.get_image_info("a") == {"score": 1}
    assert store.get_labeled_images() == ["a"]
    assert store.count_images() == 2
    assert store.count_labeled() == 1


def test_removed_image_is_listed_no_more_until_it_is_added_again(studies, open_store, add, label_file):
    add(studies, "a.png", "b.png")
    store = open_store()
    store.save_label("a", label_file("kept"))
    store.remove_image("a")
    store.refresh()
    assert store.list_images() == open_store().list_images() == ["b"]
    with pytest.raises(DatastoreError, match="no image 'a'"):
        store.get_image_uri("a")
    assert store.add_image(None, studies / "a.png") == "a"
    store.restore_label("a", 1)
    assert store.get_labeled_images() == ["a"]


def test_add_image_copies_and_never_writes_over(studies, open_store, add, tmp_path):
    add(studies, "a.png")
    add(tmp_path / "elsewhere", "a.png", "scan.bmp", "notes.txt")
    elsewhere = tmp_path / "elsewhere"
    store = open_store()
    assert store.add_image(None, elsewhere / "scan.bmp", {"from": "there"}) == "scan"
    assert store.add_image("deep/er", elsewhere / "scan.bmp") == "deep/er"
    assert store.get_image_info("scan") == {"from": "there"}
    assert (studies / "deep" / "er.bmp").read_bytes() == (elsewhere / "scan.bmp").read_bytes()
    with pytest.raises(DatastoreError, match="already"):
        store.add_image(None, elsewhere / "a.png")
    with pytest.raises(DatastoreError, match="not an image"):
        store.add_image(None, elsewhere / "notes.txt")
    store.refresh()
    assert store.list_images() == ["a", "deep/er", "scan"]


def test_two_datastores_see_each_other_at_the_next_call(studies, open_store, add, label_file):
    add(studies, "a.png", "b.png")
    mine, yours = open_store(author="me"), open_store(author="you")
    mine.save_label("a", label_file("mine"))
    assert yours.get_unlabeled_images() == ["b"]
    assert yours.first_unlabeled() == "b"
    yours.save_label("a", label_file("yours"))
    assert [version.author for version in mine.label_history("a")] == ["me", "you"]
    assert Path(mine.get_label_uri("a")).read_text() == "yours"


def test_unknown_image_is_named(studies, open_store):
    with pytest.raises(DatastoreError, match="no image 'x'"):
        open_store().get_image_info("x")


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(DatastoreError, match="no such folder"):
        LocalDatastore(tmp_path / "nowhere")


def test_add_image_takes_both_files_of_a_pair(studies, open_store, add, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    add(elsewhere, "pair.hdr", "pair.img", "lonely.mhd")
    store = open_store()
    assert store.add_image("v1.2", elsewhere / "pair.hdr") == "v1.2"
    assert sorted(file.name for file in studies.glob("v1*")) == ["v1.2.hdr", "v1.2.img"]
    with pytest.raises(DatastoreError, match="copy both"):
        store.add_image(None, elsewhere / "lonely.mhd")
    with pytest.raises(DatastoreError, match="already"):
        store.add_image("v1.2", elsewhere / "pair.hdr")
    store.refresh()
    assert store.list_images() == ["v1.2"]
