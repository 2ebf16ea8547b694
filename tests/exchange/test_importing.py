"""Labels of data sets, imported: copied where they fit, once, and never over another label."""

from __future__ import annotations

import gzip
import os

import numpy as np
import pytest

import jlabel
from jlabel.errors import DatastoreError
from jlabel.progress import Progress
from tests.exchange.conftest import AFFINE, SHAPE, mask, volume, write_json


def values(manager, image_id):
    return np.unique(manager.label(image_id)).tolist()


def test_a_label_that_fits_is_copied_byte_for_byte(manage, studies, source):
    volume(studies / "a.nii.gz")
    label = volume(source / "labels" / "a.nii.gz", mask(1))
    volume(source / "images" / "a.nii.gz")
    manager = manage()
    report = manager.import_labels(source)
    assert (report.imported, report.refused) == (["a"], [])
    assert (studies / "labels" / "final" / "a.nii.gz").read_bytes() == label.read_bytes()
    assert manager.datastore.get_label_info("a")["imported"]["file"] == "labels/a.nii.gz"


def test_the_plan_says_what_will_be_done_and_does_nothing(manage, studies, source):
    volume(studies / "a.nii.gz")
    for name in ("a", "b"):
        volume(source / "imagesTr" / f"{name}.nii.gz")
        volume(source / "labelsTr" / f"{name}.nii.gz", mask(1, 2))
    write_json(source / "dataset.json", {"labels": {"0": "background", "1": "spleen", "2": "liver"}})
    manager = manage()
    plan = manager.import_plan(source)
    assert plan.facts == {
        "layout": "Medical Segmentation Decathlon",
        "labels to import": 1,
        "as": "final",
        "new labels": {"spleen": 2},
        "other values here": {"spleen": "1 becomes 2", "liver": "2 becomes 1"},
        "refused": 1,
    }
    assert "there is no image 'b' in the studies; images=True copies it there" in str(plan)
    assert "labels to import" in plan._repr_html_()
    assert manager.datastore.get_labeled_images() == []
    assert [label.name for label in manager.labels] == ["liver"]


def test_names_come_along_and_values_are_those_of_the_studies(manage, studies, source):
    volume(studies / "a.nii.gz")
    volume(source / "imagesTr" / "a.nii.gz")
    volume(source / "labelsTr" / "a.nii.gz", mask(1, 2, 2))
    write_json(source / "dataset.json", {"labels": {"background": 0, "spleen": 1, "Liver": 2}})
    manager = manage()
    manager.import_labels(source)
    assert {label.name: label.value for label in manager.labels} == {"liver": 1, "spleen": 2}
    assert np.count_nonzero(manager.label("a") == 1) == 2


def test_what_was_imported_is_not_imported_again_but_for_what_changed(manage, studies, source):
    for name in ("a", "b"):
        volume(studies / f"{name}.nii.gz")
        volume(source / f"{name}_seg.nii.gz", mask(1))
    manager = manage()
    assert manager.import_labels(source).imported == ["a", "b"]
    mine = manager.label("a") * 0
    manager.save_label("a", mine)
    volume(source / "b_seg.nii.gz", mask(1, 1, 1))
    os.utime(source / "b_seg.nii.gz", (1, 1))
    report = manager.import_labels(source)
    assert (report.imported, report.unchanged) == (["b"], 1)
    assert values(manager, "a") == [0], "what a person saved after the import stays"
    assert [version.number for version in manager.datastore.label_history("b")] == [1, 2]


def test_a_label_that_is_there_becomes_an_earlier_version(manage, studies, source):
    volume(studies / "a.nii.gz")
    volume(source / "a-label.nii.gz", mask(1))
    manager = manage()
    manager.save_label("a", mask(1, 1))
    assert manager.import_plan(source).facts["labels that get a new version"] == 1
    manager.import_labels(source)
    assert np.count_nonzero(manager.label("a")) == 1
    assert np.count_nonzero(manager.label("a", version=1)) == 2


def test_images_that_are_not_there_are_copied_if_asked(manage, studies, source):
    volume(source / "images" / "sub" / "a.nii.gz")
    volume(source / "labels" / "sub" / "a_mask.nii.gz", mask(1))
    manager = manage()
    assert manager.import_plan(source, images=True).facts["images to copy"] == 1
    assert manager.import_labels(source, images=True).imported == ["sub/a"]
    assert (studies / "sub" / "a.nii.gz").read_bytes() == (source / "images" / "sub" / "a.nii.gz").read_bytes()
    assert values(manager, "sub/a") == [0, 1]


def test_channels_of_nnunet_become_the_frames_of_one_image(manage, studies, source):
    for channel in range(2):
        volume(source / "imagesTr" / f"case_7_{channel:04}.nii.gz", np.full(SHAPE, channel, np.int16))
    volume(source / "labelsTr" / "case_7.nii.gz", mask(1))
    write_json(source / "splits_final.json", [{"train": [], "val": ["case_7"]}])
    manager = manage()
    assert manager.import_plan(source, images=True).kinds == ("nnU-Net",)
    assert manager.import_labels(source, images=True).imported == ["case_7"]
    image = manager.image("case_7", frame=1)
    assert (image.frames, image.array.max(), image.affine.tolist()) == (2, 1, AFFINE.tolist())
    assert manager.datastore.get_image_info("case_7")["split"] == "validation"


def test_a_label_in_another_order_of_axes_is_brought_into_that_of_the_image(manage, studies, source):
    volume(studies / "a.nii.gz")
    flip = np.diag([-2.0, 2.0, 3.0, 1.0])
    flip[0, 3] = 2.0 * (SHAPE[0] - 1)
    volume(source / "a_mask.nii.gz", mask(1)[::-1], flip)
    manager = manage()
    manager.import_labels(source)
    assert np.array_equal(manager.label("a"), mask(1))
    assert np.array_equal(jlabel.read_image(studies / "labels" / "final" / "a.nii.gz").affine, AFFINE)


@pytest.mark.parametrize("spoil", ["grid", "truncated", "checksum", "fractions"])
def test_a_label_that_is_none_is_refused_by_name_and_the_others_are_imported(manage, studies, source, spoil):
    for name in ("a", "b"):
        volume(studies / f"{name}.nii.gz")
        volume(source / f"{name}_seg.nii.gz", mask(1))
    bad = source / "a_seg.nii.gz"
    if spoil == "grid":
        volume(bad, np.zeros((5, 4, 2), np.uint8))
    elif spoil == "truncated":
        bad.write_bytes(gzip.compress(gzip.decompress(bad.read_bytes())[:-8]))
    elif spoil == "checksum":
        bad.write_bytes(bad.read_bytes()[:-8] + bytes(8))
    else:
        volume(bad, np.full(SHAPE, 0.5, np.float32))
    manager = manage()
    report = manager.import_labels(source)
    assert report.imported == ["b"]
    (refused,) = report.refused
    assert refused.what == str(bad)
    assert manager.datastore.get_labeled_images() == ["b"]


def test_a_pattern_says_where_label_files_are(manage, studies, source):
    volume(studies / "patient_1.nii.gz")
    volume(source / "patient_1" / "manual" / "organ_v2.nii.gz", mask(255))
    manager = manage(["organ"])
    report = manager.import_labels(source, "{name}/manual/organ_*.nii.gz", names={255: "organ"})
    assert report.imported == ["patient_1"]
    assert values(manager, "patient_1") == [0, 1]
    with pytest.raises(DatastoreError, match="once, where the name of the image is"):
        manager.import_plan(source, "*.nii.gz")


def test_a_cancelled_import_keeps_what_it_did_and_goes_on(manage, studies, source):
    for name in "abc":
        volume(studies / f"{name}.nii.gz")
        volume(source / f"{name}_seg.nii.gz", mask(1))
    manager = manage()
    prepared = []

    def check() -> None:
        prepared.append(1)
        if len(prepared) > calls - 1:
            raise jlabel.Cancelled("enough")

    manager.import_labels(source, tag="count", progress=Progress(check=lambda: prepared.append(1)))
    calls = len(prepared) - 3
    prepared.clear()
    with pytest.raises(jlabel.Cancelled):
        manager.import_labels(source, progress=Progress(check=check))
    done = manager.datastore.get_labeled_images()
    assert 0 < len(done) < 3
    assert manager.import_labels(source).facts["imported"] == 3 - len(done)


def test_labels_of_the_studies_own_folder_are_offered_but_not_those_that_are_labels_already(manage, studies):
    volume(studies / "images" / "a.nii.gz")
    volume(studies / "labels" / "a.nii.gz", mask(1))
    volume(studies / "labels" / "final" / "images" / "a.nii.gz", mask(1, 1))
    manager = manage()
    plan = manager.import_plan(tag="other")
    assert [(one.image_id, one.found.source.name) for one in plan.labels] == [("images/a", "a.nii.gz")]
    assert plan.labels[0].found.source.parent.name == "labels"


def test_a_folder_that_is_not_there_is_said(manage, tmp_path):
    with pytest.raises(DatastoreError, match="no such folder to import labels from"):
        manage().import_labels(tmp_path / "nothing")
