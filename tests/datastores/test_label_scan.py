"""Labels that other programs put into the folder, change or take away."""

from __future__ import annotations

import shutil
from pathlib import Path


def put(studies: Path, name: str, content: str) -> Path:
    file = studies / "labels" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    return file


def test_labels_in_the_folder_are_labels(studies, open_store, add):
    add(studies, "a.png", "sub/b.png", "c.png")
    put(studies, "final/a.nii.gz", "a")
    put(studies, "final/sub/b.png", "b")
    put(studies, "original/c.nrrd", "c")
    put(studies, "final/nobody.png", "?")
    store = open_store()
    assert store.get_labeled_images() == ["a", "sub/b"]
    assert store.get_labeled_images("original") == ["c"]
    assert store.get_label_info("sub/b") == {}
    (version,) = store.label_history("a")
    assert (version.number, version.author, version.bytes, version.current) == (1, None, 1, True)


def test_saving_keeps_the_label_that_was_found(studies, open_store, add, label_file):
    add(studies, "a.png")
    put(studies, "final/a.png", "found")
    store = open_store()
    store.save_label("a", label_file("new"))
    store.restore_label("a", 1)
    assert Path(store.get_label_uri("a")).read_text() == "found"


def test_label_waits_for_its_image(studies, open_store, add):
    put(studies, "final/late.png", "here first")
    store = open_store()
    assert store.get_labeled_images() == []
    add(studies, "late.png")
    store.refresh()
    assert store.get_labeled_images() == ["late"]


def test_label_changed_by_another_program_becomes_a_version(studies, open_store, add, label_file):
    add(studies, "a.png")
    store = open_store(author="me")
    store.save_label("a", label_file("mine"), info={"by": "me"})
    file = Path(store.get_label_uri("a"))
    file.unlink()
    file.write_text("someone else's")
    assert store.get_label_info("a") == {}
    assert [(v.author, v.bytes, v.current) for v in store.label_history("a")] == [("me", 4, False), (None, 14, True)]
    store.save_label("a", label_file("mine again"))
    for number, text in enumerate(("mine", "someone else's", "mine again"), 1):
        store.restore_label("a", number)
        assert file.read_text() == text


def test_label_put_back_by_hand_is_the_version_that_it_was(studies, open_store, add, label_file):
    add(studies, "a.png")
    store = open_store()
    store.save_label("a", label_file("first"), info={"n": 1})
    store.save_label("a", label_file("other"), info={"n": 2})
    shutil.copy(studies / ".jlabel/versions/final/a.v1.nii.gz", studies / "copy.tmp")
    (studies / "copy.tmp").replace(store.get_label_uri("a"))
    assert store.get_label_info("a") == {"n": 1}
    assert len(store.label_history("a")) == 2


def test_label_deleted_by_another_program_is_no_label(studies, open_store, add, label_file):
    add(studies, "a.png", "b.png")
    store = open_store()
    for image_id in ("a", "b"):
        store.save_label(image_id, label_file("x"))
    Path(store.get_label_uri("a")).unlink()
    assert store.get_labels_by_image_id("a") == {}
    assert store.first_unlabeled() == "a"
    assert store.get_labels_by_image_id("b") == {"final": "b"}
    shutil.rmtree(studies / "labels")
    store.refresh()
    assert store.get_unlabeled_images() == ["a", "b"]
    assert store.status()["label_tags"] == {}
    store.restore_label("b", 1)
    assert store.get_labeled_images() == ["b"]


def test_label_in_another_format_takes_the_place_of_a_deleted_one(studies, open_store, add):
    add(studies, "a.png")
    first = put(studies, "final/a.png", "first")
    store = open_store()
    put(studies, "final/a.nrrd", "second")
    store.refresh()
    assert store.get_label_uri("a").endswith("a.png")
    first.unlink()
    store.refresh()
    assert store.get_label_uri("a").endswith("a.nrrd")
