"""A folder that MONAI Label worked on opens as it is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest


@pytest.fixture
def monai_folder(studies, add):
    add(studies, "spleen_1.nii.gz", "spleen_2.nii.gz", "spleen_3.nii.gz")
    for tag, name in (("final", "spleen_1"), ("original", "spleen_2")):
        file = studies / "labels" / tag / f"{name}.nii.gz"
        file.parent.mkdir(parents=True)
        file.write_text(tag)
    (studies / ".lock").touch()
    noted = {
        "name": "Spleens",
        "description": "from the clinic",
        "images_dir": ".",
        "labels_dir": "labels",
        "objects": {
            "spleen_1": {
                "image": {"ext": ".nii.gz", "info": {"ts": 1662000000, "name": "spleen_1.nii.gz", "score": 0.9}},
                "labels": {"final": {"ext": ".nii.gz", "info": {"params": {"label_names": {"spleen": 1}}}}},
            },
            "spleen_2": {
                "image": {"ext": ".nii.gz", "info": {"ts": 1662000001}},
                "labels": {"original": {"ext": ".nii.gz", "info": {"model": "deepedit"}}, "final": {"ext": ".nii.gz"}},
            },
            "gone": {"image": {"ext": ".nii.gz", "info": {"score": 0.1}}, "labels": {}},
            "../evil": {"image": {"ext": ".nii.gz", "info": {}}, "labels": {}},
        },
    }
    (studies / "datastore_v2.json").write_text(json.dumps(noted))
    return studies


def test_everything_noted_is_taken_over(monai_folder, open_store):
    store = open_store()
    assert (store.name(), store.description()) == ("Spleens", "from the clinic")
    assert store.list_images() == ["spleen_1", "spleen_2", "spleen_3"]
    assert store.get_image_info("spleen_1") == {"ts": 1662000000, "name": "spleen_1.nii.gz", "score": 0.9}
    assert store.get_labeled_images(labels=["spleen"]) == ["spleen_1"]
    assert store.get_labels_by_image_id("spleen_2") == {"original": "spleen_2"}
    assert store.get_label_info("spleen_2", "original") == {"model": "deepedit"}
    assert Path(store.get_label_uri("spleen_1")).read_text() == "final"


def test_it_is_imported_once(monai_folder, open_store):
    open_store().update_image_info("spleen_1", {"score": 0.2})
    store = open_store()
    assert store.get_image_info("spleen_1")["score"] == 0.2
    store.set_name("Mine")
    assert open_store().name() == "Mine"


def test_info_waits_for_an_image_that_is_not_there(monai_folder, open_store, add):
    store = open_store()
    add(monai_folder, "gone.nii.gz")
    store.refresh()
    assert store.get_image_info("gone") == {"score": 0.1}


def test_folders_of_its_own_for_images_and_labels(studies, open_store, add, label_file):
    add(studies, "scans/a.png", "masks/final/a.png", "readme.png")
    noted = {"name": "x", "description": "", "images_dir": "scans", "labels_dir": "masks", "objects": {}}
    (studies / "datastore_v2.json").write_text(json.dumps(noted))
    store = open_store()
    assert store.get_labeled_images() == store.list_images() == ["a"]
    store.save_label("a", label_file("new"))
    assert store.get_label_uri("a") == str(studies / "masks" / "final" / "a.nii.gz")


@pytest.mark.parametrize(
    "text", ["", '{"name": "trunc', "[1, 2]", '{"objects": 3}', '{"labels_dir": "../x"}', "[" * 100_000, "\udcff"]
)
def test_broken_file_is_noted_and_the_folder_opens(monai_folder, open_store, text):
    (monai_folder / "datastore_v2.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    store = open_store()
    assert store.get_labeled_images() == ["spleen_1"]
    (note,) = store.status()["notes"]
    assert "datastore_v2.json was not imported" in note


@pytest.mark.parametrize("kind", ["pipe", "link", "large"])
def test_what_is_no_such_file_is_noted_and_not_read(monai_folder, open_store, kind):
    file = monai_folder / "datastore_v2.json"
    kept = file.read_bytes()
    file.unlink()
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "link":
        (monai_folder.parent / "elsewhere.json").write_bytes(kept)
        file.symlink_to(monai_folder.parent / "elsewhere.json")
    else:
        with file.open("wb") as sparse:
            sparse.truncate(10 * 1024**3)
    store = open_store()
    assert store.list_images() == ["spleen_1", "spleen_2", "spleen_3"]
    assert "datastore_v2.json was not imported: it cannot be read" in store.status()["notes"][0]


@pytest.mark.parametrize("name", ["nowhere", "x" * 300, "a\ud800"])
def test_a_folder_of_images_that_is_not_there_is_passed_by(studies, open_store, add, name):
    add(studies, "a.png")
    (studies / "datastore_v2.json").write_text(json.dumps({"name": "\ud800", "images_dir": name, "objects": {}}))
    store = open_store()
    assert store.list_images() == ["a"]
    assert any("is none of these studies" in note or "is not a folder inside" in note for note in store.notes())
    assert store.name() in ("?", "studies")
