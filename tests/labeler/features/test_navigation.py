"""Images opened, saved and left: what is kept, what is said, what comes next."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import time

import nibabel as nib
import numpy as np
import pytest

from jlabel.errors import DatastoreError, ImageError, JlabelError
from jlabel.tasks.strategy import Choice
from jlabel.widget import AppManager
from jlabel.widget import labeler as labeler_module
from tests.widget.labeler_pages import SHAPE, App, Ball, Page, labeler, manager, page, studies  # noqa: F401 - fixtures


def test_save_then_go_on(page, labeler, manager):
    page.stroke((1, 1, 1), (3, 3, 3), 1)
    page.ask("save")
    page.wait(lambda: page.state()["notice"] == "Saved as final")
    assert not labeler.dirty
    assert page.state()["labelled"] == 1
    np.testing.assert_array_equal(manager.label("case_0"), labeler.mask)
    page.ask("next")
    page.wait(lambda: labeler.image_id == "case_1")
    assert labeler.next() == "case_2"


def test_unsaved_changes_are_never_dropped_without_being_asked(page, labeler):
    page.stroke((1, 1, 1), (3, 3, 3), 1)
    for go_on in (labeler.next, labeler.skip, lambda: labeler.open("case_2")):
        with pytest.raises(JlabelError, match="not saved"):
            go_on()
    assert labeler.image_id == "case_0"
    assert labeler.mask.sum() == 8
    assert labeler.next(discard=True) == "case_1"


def test_a_save_that_fails_says_so_and_the_draft_stays(page, labeler, manager, monkeypatch):
    page.stroke((1, 1, 1), (3, 3, 3), 1)

    def full(*args, **kwargs):
        raise DatastoreError("labels/final/case_0.nii.gz could not be written: No space left on device")

    monkeypatch.setattr(manager.datastore, "save_label", full)
    with pytest.raises(DatastoreError, match="No space left"):
        labeler.save()
    assert labeler.dirty
    page.ask("save")
    page.wait(lambda: bool(page.told("error")))
    assert "No space left" in page.told("error")[-1]["text"]
    page.wait(lambda: page.state()["busy"] is None)
    assert labeler.mask.sum() == 8
    monkeypatch.undo()
    assert labeler.save() == "case_0"


def test_a_saved_label_is_opened_again(labeler, manager):
    mask = np.zeros(SHAPE, np.uint8)
    mask[2:4, 2:4, 2:4] = 2
    manager.save_label("case_1", mask)
    labeler.open("case_1")
    np.testing.assert_array_equal(labeler.mask, mask)
    assert not labeler.dirty


def test_a_label_of_another_shape_is_named_and_not_shown(page, labeler, studies, manager):
    folder = studies / "labels" / "final"
    folder.mkdir(parents=True)
    nib.save(nib.Nifti1Image(np.ones((3, 3, 3), np.uint8), np.eye(4)), folder / "case_1.nii.gz")
    manager.datastore.refresh()
    labeler.open("case_1")
    assert not labeler.mask.any()
    assert "case_1" in page.state()["unshownLabel"]["problem"]


def test_an_image_that_cannot_be_read_is_passed_by(page, labeler, studies, manager):
    (studies / "case_0_bad.nii.gz").write_bytes(b"no image")
    manager.datastore.refresh()
    assert labeler.next() == "case_1"
    assert "case_0_bad" in page.told("error")[-1]["text"]
    with pytest.raises(ImageError, match="case_0_bad"):
        labeler.open("case_0_bad")
    assert labeler.image_id == "case_1"


def test_what_cannot_be_read_is_counted_when_nothing_else_is_left(page, labeler, studies, manager):
    (studies / "case_9.nii.gz").write_bytes(b"no image")
    for i in range(3):
        manager.save_label(f"case_{i}", np.zeros(SHAPE, np.uint8))
    assert labeler.next() is None
    assert page.state()["notice"] == (
        "All others are labelled: 1 image cannot be read. The list of images has them under “Cannot be read”"
    )
    (entry,) = manager.datastore.browse(state="unreadable").entries
    assert entry.image_id == "case_9"
    # It is put right, and is the next one.
    nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.int16), np.eye(4)), studies / "case_9.nii.gz")
    manager.datastore.refresh()
    assert labeler.next() == "case_9"


def test_when_all_is_labelled(page, labeler, manager):
    for i in range(3):
        manager.save_label(f"case_{i}", np.zeros(SHAPE, np.uint8))
    assert labeler.next() is None
    assert page.state()["notice"] == "All 3 images are labelled"


def test_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(labeler_module, "front_end", lambda: ("", ""))
    empty = AppManager(App(tmp_path, labels=["a"])).labeler()
    assert empty.image_id is None
    with pytest.raises(JlabelError, match="no image is open"):
        _ = empty.mask
    with pytest.raises(JlabelError, match="no image is open"):
        empty.save()


def test_skip_puts_the_image_last(labeler, manager):
    assert labeler.skip() == "case_1"
    assert manager.datastore.get_image_info("case_0")["skipped"]


def test_an_unsaved_draft_is_there_again_after_the_kernel_died(page, labeler, manager, studies, monkeypatch):
    page.stroke((1, 1, 1), (3, 3, 3), 2)
    labeler._controller.features.navigation.journal_worker.flush()
    later = AppManager(App(studies, labels=["a", "b"])).labeler("case_0")
    np.testing.assert_array_equal(later.mask, labeler.mask)
    assert later.dirty
    assert "Restored the unsaved draft" in Page(later, monkeypatch).state()["notice"]
    later.save()
    later.close()
    labeler._controller.features.navigation.journal_worker.flush()
    assert not AppManager(App(studies, labels=["a", "b"])).labeler("case_0").dirty


def test_work_goes_on_with_the_image_whose_draft_was_not_saved(page, labeler, studies, monkeypatch):
    labeler.open("case_2")
    page.stroke((1, 1, 1), (3, 3, 3), 2)
    drawn = labeler.mask
    labeler.close()
    later = AppManager(App(studies, labels=["a", "b"])).labeler(strategy="first")
    assert later.image_id == "case_2"
    np.testing.assert_array_equal(later.mask, drawn)
    notice = Page(later, monkeypatch).state()["notice"]
    assert notice.startswith("Restored the unsaved draft of ")
    assert notice.endswith("; this image comes first for that")
    # Somebody works on it now: another labeler begins elsewhere.
    other = AppManager(App(studies, labels=["a", "b"])).labeler(strategy="first")
    assert other.image_id == "case_0"
    other.close()
    later.save()
    later.close()
    after = AppManager(App(studies, labels=["a", "b"])).labeler(strategy="first")
    assert after.image_id == "case_0"
    after.close()


def test_the_draft_of_a_labeler_that_was_just_closed_is_found_on_a_slow_disk(page, labeler, studies):
    labeler.open("case_2")
    labeler._controller.features.navigation.journal_worker.do(lambda: time.sleep(0.5))
    page.stroke((1, 1, 1), (3, 3, 3), 2)
    labeler.close()
    later = AppManager(App(studies, labels=["a", "b"])).labeler(strategy="first")
    assert later.image_id == "case_2"
    later.close()


def test_a_draft_of_another_image_does_not_come_first_nor_back(page, labeler, studies, monkeypatch):
    labeler.open("case_2")
    page.stroke((1, 1, 1), (3, 3, 3), 2)
    labeler.close()
    # Another image of the same shape, mirrored, has taken its place.
    image = nib.load(studies / "case_2.nii.gz")
    nib.save(nib.Nifti1Image(np.asarray(image.dataobj)[::-1], image.affine), studies / "beside.nii.gz")
    (studies / "beside.nii.gz").rename(studies / "case_2.nii.gz")
    with AppManager(App(studies, labels=["a", "b"])).labeler(strategy="first") as later:
        assert later.image_id == "case_0"
        later.open("case_2")
        assert not later.mask.any()
        assert "holds no draft for this image" in Page(later, monkeypatch).state()["errors"][-1]


@pytest.mark.parametrize("leave", [lambda lab: lab.next(discard=True), lambda lab: lab.open("case_0", discard=True)])
def test_a_draft_that_was_given_up_does_not_come_back(page, labeler, manager, leave):
    page.stroke((1, 1, 1), (3, 3, 3), 2)
    leave(labeler)
    labeler.open("case_0")
    assert not labeler.mask.any()
    assert not labeler.dirty


def test_next_brings_an_image_that_has_come_since(page, labeler, manager, studies):
    for _ in range(3):
        labeler.save()
        last = labeler.next()
    assert last is None
    nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.int16), np.eye(4)), studies / "later.nii.gz")
    assert labeler.next() == "later"
    assert page.state()["images"] == 4
    nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.int16), np.eye(4)), studies / "M\u00fcller.nii.gz")
    labeler.open("mu\u0308ller")
    assert labeler.image_id == "M\u00fcller"


def test_nothing_left_says_why_there_is_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(labeler_module, "front_end", lambda: ("export default {}", ""))
    (tmp_path / "a.ppm").write_bytes(b"P6")
    manager = AppManager(App(tmp_path, labels=["a"]))
    labeler = manager.labeler()
    page = Page(labeler, monkeypatch)
    assert labeler.next() is None
    assert page.state()["notice"].startswith("There are no images in the studies folder. 1 file was left out")
    labeler.close()
    manager.close()


def test_next_says_why_and_going_back_or_by_hand_does_not(page, labeler, manager, monkeypatch):
    reasons = iter(["<b>most</b> uncertain", "x" * 5000, ""])

    def choose(strategy, exclude):
        image_id = manager.datastore.first_unlabeled(exclude)
        return Choice(image_id, next(reasons))

    monkeypatch.setattr(manager, "choose_next", choose)
    assert page.state()["reason"] == ""
    labeler.next()
    assert page.state()["reason"] == "<b>most</b> uncertain"
    labeler.open("case_2")
    assert page.state()["reason"] == ""
    labeler.next()
    assert page.state()["reason"] == "x" * 1000
    labeler.previous()
    assert page.state()["reason"] == ""
