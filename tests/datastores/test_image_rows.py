"""Which files become images, and the ids that they get."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from jlabel.datastores import LocalDatastore
from jlabel.datastores.image_rows import free_id
from tests.imaging.samples import dicom

ODD = ['o\'brien "2".png', "50% #1 & <b>.png", "ünï/çødé 图像.png", "two words/a b.png", "new\nline.png", "$HOME~.png"]


def test_nested_folders(studies, open_store, add):
    add(studies, "a.png", "sub/a.png", "sub/deeper/b.nii.gz", "x.y.z.nii", "notes.txt", ".hidden.png", ".cache/c.png")
    add(studies, "labels/final/not_an_image.nii.gz")
    assert open_store().list_images() == ["a", "sub/a", "sub/deeper/b", "x.y.z"]


def test_first_of_one_stem_keeps_the_plain_id_for_ever(studies, open_store, add, label_file):
    add(studies, "a.png", "a.nii.gz")
    store = open_store()
    assert store.list_images() == ["a", "a.png"]
    assert store.get_image_uri("a").endswith("a.nii.gz")
    store.save_label("a", label_file("of the volume"))
    store.save_label("a.png", label_file("of the picture", ".png"))
    add(studies, "a.bmp")
    (studies / "a.nii.gz").unlink()
    store.refresh()
    assert store.list_images() == ["a.bmp", "a.png"]
    assert store.get_label_uri("a.png") == str(studies / "labels" / "final" / "a.png.png")
    assert open_store().get_label_uri("a").endswith("final/a.nii.gz")


def test_ids_stay_apart_when_names_conspire():
    taken = {"a", "a.png", "a.png~2"}
    assert free_id("a.png", taken) == "a.png~3"
    assert free_id("b.nii.gz", taken) == "b"
    assert free_id("a", taken, series=True) == "a~2"


def test_header_and_its_data_are_one_image(studies, open_store, add):
    add(studies, "pair.hdr", "pair.img", "meta.mhd", "meta.raw", "nearly.nhdr", "nearly.raw.gz")
    assert open_store().list_images() == ["meta", "nearly", "pair"]


@pytest.mark.parametrize("name", ODD)
def test_odd_names(studies, open_store, add, label_file, name):
    add(studies, name)
    store = open_store()
    image_id = name.removesuffix(".png")
    assert store.list_images() == [image_id]
    store.save_label(image_id, label_file("x"))
    store.update_image_info(image_id, {image_id: image_id})
    store.save_label(image_id, label_file("y"))
    again = open_store()
    assert again.get_labeled_images() == [image_id]
    assert again.get_label_uri(image_id) == str(studies / "labels" / "final" / f"{image_id}.nii.gz")
    assert len(again.label_history(image_id)) == 2


def test_names_that_cannot_be_ids_are_noted(studies, open_store, add):
    add(studies, "good.png", "back\\slash.png")
    (studies / os.fsdecode(b"latin-\xe9.png")).write_bytes(b"")
    store = open_store()
    assert store.list_images() == ["good"]
    (note,) = store.status()["notes"]
    assert "2 files" in note
    assert "slash" in note


def test_dicom_series_is_one_image(studies, open_store, shared_data):
    (studies / "patient").mkdir()
    (studies / "patient" / "ct").symlink_to(shared_data / "ct_mr_totalseg" / "dicom_ct")
    store = open_store()
    assert store.list_images() == ["patient/ct"]
    assert store.get_image_uri("patient/ct") == str(studies / "patient" / "ct")
    assert open_store().list_images() == ["patient/ct"]


def test_links_to_images_and_folders_elsewhere_are_read(studies, open_store, add, tmp_path):
    add(tmp_path / "elsewhere", "far.png", "more/further.png")
    (studies / "near.png").symlink_to(tmp_path / "elsewhere" / "far.png")
    (studies / "more").symlink_to(tmp_path / "elsewhere" / "more")
    (studies / "circle").symlink_to(studies)
    assert open_store().list_images() == ["more/further", "near"]


def test_unchanged_folders_are_not_listed_again(studies, open_store, add, monkeypatch):
    add(studies, "a.png", "sub/b.png")
    for folder in (studies, studies / "sub"):
        os.utime(folder, (1_700_000_000, 1_700_000_000))
    (studies / ".jlabel").mkdir()
    os.utime(studies, (1_700_000_000, 1_700_000_000))
    open_store()
    listed: list[str] = []
    listing = os.scandir

    def scandir(path):
        if not isinstance(path, int):  # jlabel's own folders are listed by their descriptors
            listed.append(str(path))
        return listing(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert open_store().list_images() == ["a", "sub/b"]
    assert not [path for path in listed if ".jlabel" not in path]
    add(studies, "sub/c.png")
    assert open_store().list_images() == ["a", "sub/b", "sub/c"]
    assert [path for path in listed if ".jlabel" not in path] == [str(studies / "sub")]


def test_dicom_pictures_in_one_folder_are_images_of_their_own(tmp_path: Path) -> None:
    for name in ("left", "right"):
        pixels = np.zeros((4, 4), np.uint16)
        dicom(tmp_path / f"{name}.dcm", pixels, ImagePositionPatient=None, ImageOrientationPatient=None)
    assert LocalDatastore(tmp_path).list_images() == ["left", "right"]
