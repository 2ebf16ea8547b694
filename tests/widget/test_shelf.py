"""Images opened, saved and left: what is kept, what is said, what comes next."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest

from jlabel.errors import DatastoreError, ImageError, JlabelError
from jlabel.manager import AppManager
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
    assert "case_1" in page.told("error")[-1]["text"]


def test_an_image_that_cannot_be_read_is_passed_by(page, labeler, studies, manager):
    (studies / "case_0_bad.nii.gz").write_bytes(b"no image")
    manager.datastore.refresh()
    with pytest.raises(ImageError, match="case_0_bad"):
        labeler.open("case_0_bad")
    assert labeler.image_id == "case_0"
    assert labeler.next() == "case_1"
    assert "case_0_bad" in page.told("error")[-1]["text"]


def test_when_all_is_labelled(page, labeler, manager):
    for i in range(3):
        manager.save_label(f"case_{i}", np.zeros(SHAPE, np.uint8))
    assert labeler.next() is None
    assert page.state()["notice"] == "No further image without a label"


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
    labeler._desk.shelf.keeper.flush()
    later = AppManager(App(studies, labels=["a", "b"])).labeler("case_0")
    np.testing.assert_array_equal(later.mask, labeler.mask)
    assert later.dirty
    assert "Restored the unsaved draft" in Page(later, monkeypatch).state()["notice"]
    later.save()
    later.close()
    labeler._desk.shelf.keeper.flush()
    assert not AppManager(App(studies, labels=["a", "b"])).labeler("case_0").dirty


@pytest.mark.parametrize("leave", [lambda lab: lab.next(discard=True), lambda lab: lab.open("case_0", discard=True)])
def test_a_draft_that_was_given_up_does_not_come_back(page, labeler, manager, leave):
    page.stroke((1, 1, 1), (3, 3, 3), 2)
    leave(labeler)
    labeler.open("case_0")
    assert not labeler.mask.any()
    assert not labeler.dirty
