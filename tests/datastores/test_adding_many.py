"""Many images copied in at once, each as if it had been added alone."""

from __future__ import annotations

import pytest

from jlabel.errors import DatastoreError


@pytest.fixture
def elsewhere(tmp_path, add):
    folder = tmp_path / "elsewhere"
    add(folder, "a.png", "b.nii.gz", "c.png", "d.mhd")
    return folder


def test_images_get_the_ids_that_they_were_given(studies, open_store, elsewhere):
    store = open_store()
    names = {"one": "a.png", "sub/two": "b.nii.gz", "sub/three": "c.png"}
    assert store.add_images((key, elsewhere / name) for key, name in names.items()) == list(names)
    assert store.list_images() == sorted(names)
    assert (studies / "sub" / "two.nii.gz").read_bytes() == (elsewhere / "b.nii.gz").read_bytes()
    assert store.image_uris(["one", "gone"]) == {"one": str(studies / "one.png")}
    assert store.count_unlabeled() == 3


def test_no_file_is_written_over_and_what_came_before_an_error_is_added(studies, open_store, elsewhere):
    (studies / ".hidden").mkdir()
    store = open_store()
    (studies / "taken.png").write_bytes(b"mine")
    with pytest.raises(DatastoreError, match="is not written over"):
        store.add_images([("one", elsewhere / "a.png"), ("taken", elsewhere / "c.png")])
    assert (studies / "taken.png").read_bytes() == b"mine"
    assert store.list_images() == ["one", "taken"]
    with pytest.raises(DatastoreError, match="already the id of an image"):
        store.add_images([("One", elsewhere / "a.png")])
    with pytest.raises(DatastoreError, match="cannot be an image id"):
        store.add_images([("../x", elsewhere / "a.png")])
    with pytest.raises(DatastoreError, match="in the folder of the labels"):
        store.add_images([("labels/x", elsewhere / "a.png")])
    with pytest.raises(DatastoreError, match="the voxels are in a file of their own"):
        store.add_images([("four", elsewhere / "d.mhd")])
    assert [file.name for file in studies.glob(".jlabel-*")] == []


def test_labelled_images_come_with_their_versions_and_what_another_program_did(studies, open_store, add, label_file):
    add(studies, "a.png", "b.png", "c.png")
    store = open_store(author="mia")
    for name in ("a", "b", "c"):
        store.save_label(name, label_file("one"))
    store.update_image_info("a", {"split": "training"})
    assert len(store.labelled_images()) == 3
    (studies / "labels" / "final" / "b.nii.gz").write_text("by another program")
    (studies / "labels" / "final" / "c.nii.gz").unlink()
    first, second = store.labelled_images()
    assert (first.image_id, first.version.number, first.version.author) == ("a", 1, "mia")
    assert (first.image_uri, first.info["split"]) == (str(studies / "a.png"), "training")
    assert (second.image_id, second.version.number) == ("b", 2)
    others = super(type(store), store)
    assert [one.image_id for one in others.labelled_images()] == ["a", "b"]
