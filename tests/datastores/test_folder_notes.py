"""What was left out of a studies folder and why, and which layout it has, in words."""

from __future__ import annotations

import numpy as np

from jlabel.datastores import LocalDatastore
from tests.datastores.test_scan import settle


def test_a_folder_of_unsupported_formats_says_so(studies, open_store):
    for name in ("im0001.ppm", "im0001.ah.gif", "scan.mnc", "brain.PAR", "slide.webp", "head.nii.zip"):
        (studies / name).write_bytes(b"x" * 100)
    store = open_store()
    assert store.list_images() == []
    (note,) = store.notes()
    assert note.startswith("6 files were left out: 6 of a format that is not supported: brain.PAR, head.nii.zip, ")
    assert note.endswith("Supported are NIfTI, Analyze, NRRD, MetaImage, MGH, PNG, JPEG, BMP, TIFF and DICOM")
    assert store.status()["notes"] == [note]


def test_of_a_video_it_says_how_its_frames_become_images(studies, open_store):
    (studies / "colonoscopy.MP4").write_bytes(b"x" * 100)
    (note,) = open_store().notes()
    assert "colonoscopy.MP4. manager.add_video() makes images of a video's frames. Supported are" in note


def test_the_note_is_there_again_when_nothing_has_changed(studies, open_store):
    (studies / "sub").mkdir()
    for number in range(30):
        (studies / "sub" / f"{number:02d}.ppm").write_bytes(b"P6")
    settle(studies)
    first = open_store().notes()
    assert open_store().notes() == first
    assert "30 of a format that is not supported: sub/00.ppm, sub/01.ppm" in first[0]
    assert first[0].count(".ppm") == 8


def test_what_lies_beside_images_is_passed_over_without_a_word(studies, open_store, add):
    add(studies, "a.hdr", "a.img", "b.mhd", "b.raw", "c.nhdr", "c.raw.gz", "d.nii.gz")
    for name in (
        "README.md",
        "LICENSE",
        "participants.tsv",
        "d.json",
        "d.bval",
        "d.bvec",
        "code.py",
        "Thumbs.db",
        "x.unknown",
    ):
        (studies / name).write_text("text")
    assert open_store().notes() == []


def test_data_without_its_header_is_said(studies, open_store):
    (studies / "lonely.img").write_bytes(bytes(1000))
    (studies / "lonely.raw").write_bytes(bytes(1000))
    (studies / "binary").write_bytes(bytes(range(256)))
    (note,) = open_store().notes()
    assert "3 of a format that is not supported: binary, lonely.img, lonely.raw" in note


def test_usual_layouts_are_recognized(studies, open_store, add):
    add(studies, "Task/imagesTr/a.nii.gz", "Task/imagesTr/b.nii.gz", "Task/labelsTr/a.nii.gz", "Task/labelsTr/b.nii.gz")
    add(studies, "nnu/imagesTr/c_0000.nii.gz", "nnu/imagesTr/c_0001.nii.gz", "nnu/labelsTr/c.nii.gz")
    add(studies, "set/images/1.png", "set/masks/1.png")
    store = open_store()
    assert store.list_images() == [
        "Task/imagesTr/a",
        "Task/imagesTr/b",
        "nnu/imagesTr/c_0000",
        "nnu/imagesTr/c_0001",
        "set/images/1",
    ]
    (note,) = store.notes()
    assert note.split("; ") == [
        "Task/imagesTr and Task/labelsTr are the layout of the Medical Segmentation Decathlon",
        "nnu/imagesTr and nnu/labelsTr are the layout of nnU-Net (one file for each channel: _0000, _0001, …)",
        "set/images and set/masks are images with their labels beside them",
        "4 masks are not listed as images: Task/labelsTr/a.nii.gz, Task/labelsTr/b.nii.gz, nnu/labelsTr/c.nii.gz, "
        "set/masks/1.png. manager.import_labels() makes labels of them, manager.import_plan() says before which",
    ]


def test_masks_beside_their_images_are_no_images(studies, open_store, add):
    add(studies, "a.nii.gz", "a_seg.nii.gz", "b.nii.gz", "b.seg.nrrd", "lonely_mask.nii.gz")
    store = open_store()
    assert store.list_images() == ["a", "b", "lonely_mask"]
    (note,) = store.notes()
    assert note.startswith("2 masks are not listed as images: a_seg.nii.gz, b.seg.nrrd. manager.import_labels()")


def test_annotations_are_offered_and_sidecars_are_not(studies, open_store, add):
    add(studies, "a.png", "b.nii.gz", "set/images/c.png")
    for name in ("a.json", "b.json", "instances_train.json", "set/labels/c.txt"):
        (studies / name).parent.mkdir(exist_ok=True)
        (studies / name).write_text("{}")
    (note,) = open_store().notes()
    assert "3 files are annotations by their names: a.json, instances_train.json, set/labels/c.txt. manager." in note


def test_masks_are_found_for_what_they_are_when_their_images_come_later(studies, open_store, add):
    add(studies, "set/masks/1.png")
    settle(studies)
    store = open_store()
    assert store.list_images() == ["set/masks/1"]
    add(studies, "set/images/1.png")
    store.refresh()
    assert store.list_images() == ["set/images/1"]


def test_a_mask_that_was_labelled_as_an_image_before_stays_one(studies, open_store, add, label_file):
    add(studies, "set/masks/1.png", "set/masks/2.png")
    store = open_store()
    store.save_label("set/masks/1", label_file("text"))
    add(studies, "set/images/1.png")
    store.refresh()
    assert store.list_images() == ["set/images/1", "set/masks/1"]


def test_what_was_imported_is_not_offered_again(studies, open_store, add, label_file):
    add(studies, "a.png", "a_mask.png")
    store = open_store()
    store.save_label("a", label_file("text"), info={"imported": {"file": "a_mask.png"}})
    store.refresh()
    assert store.notes() == ["1 mask is not listed as images: a_mask.png. Labels of 1 images were imported"]


def test_labels_that_belong_to_no_image_are_said(studies, open_store, add):
    add(studies, "images/a.png", "labels/b.png", "labels/final/c.png", "labels/final/images/a.png")
    store = open_store()
    assert store.get_labeled_images() == ["images/a"]
    (note,) = store.notes()
    assert note == (
        "label files that were not taken in: 1 of images that are not there: final/c.png; 1 beside the folders of the "
        "tags and not in one of them, such as labels/final: b.png. manager.import_plan() says which of them can be "
        "imported"
    )
    add(studies, "c.png")
    store.refresh()
    assert store.get_labeled_images() == ["c", "images/a"]
    assert "final/c.png" not in store.notes()[0]


def test_any_datastore_has_notes(studies, add):
    add(studies, "a.png")

    class Plain(LocalDatastore):
        def notes(self):
            return super(LocalDatastore, self).notes()

        def status(self):
            return {"notes": ["one"], "arrays": np.zeros(1)}

    assert Plain(studies).notes() == ["one"]
