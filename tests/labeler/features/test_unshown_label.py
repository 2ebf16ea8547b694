"""A saved label that cannot be shown is said, not replaced without being asked, and fitted where it can be."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from jlabel.errors import JlabelError, LabelError
from jlabel.widget import AppManager
from tests.widget.labeler_pages import Page, manager, studies  # noqa: F401 - fixtures

SHAPE = (12, 10, 8)


def drawn() -> np.ndarray:
    mask = np.zeros(SHAPE, np.uint8)
    mask[3:7, 2:6, 1:5] = 1
    mask[8:10, 7:9, 5:7] = 2
    return mask


def put(studies: Path, mask: np.ndarray, affine: np.ndarray) -> None:
    folder = studies / "labels" / "final"
    folder.mkdir(parents=True)
    nib.save(nib.Nifti1Image(mask, affine), folder / "case_1.nii.gz")


@pytest.fixture
def cropped(studies: Path) -> np.ndarray:
    """A label of case_1 that was drawn on a part of the image."""
    affine = np.eye(4)
    affine[:3, 3] = (2, 1, 1)
    put(studies, drawn()[2:11, 1:9, 1:7], affine)
    return drawn()


def test_it_is_said_to_a_page_that_comes_later_too(
    cropped: np.ndarray, manager: AppManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    labeler = manager.labeler("case_1")
    assert repr(labeler).endswith("; its saved label is not shown)")
    unshown = Page(labeler, monkeypatch).state()["unshownLabel"]
    assert unshown["fits"]
    assert unshown["problem"].startswith("the saved label 'final' of case_1 is not shown: ")
    labeler.close()


def test_saving_does_not_replace_it_without_being_asked(
    cropped: np.ndarray, manager: AppManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    labeler = manager.labeler("case_1")
    page = Page(labeler, monkeypatch)
    with pytest.raises(LabelError, match=r"labeler.versions.fit\(\).*labeler.save\(replace=True\)"):
        labeler.save()
    page.ask("save", epoch=page.state()["epoch"])
    labeler._controller.flush()
    assert "not replaced" in page.told("error")[-1]["text"]
    assert len(manager.datastore.label_history("case_1")) == 1
    labeler.save(replace=True)
    assert len(manager.datastore.label_history("case_1")) == 2
    assert page.state()["unshownLabel"] is None
    labeler.save()
    labeler.close()


def test_it_is_fitted_as_one_step_of_undo(
    cropped: np.ndarray, manager: AppManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    labeler = manager.labeler("case_1")
    page = Page(labeler, monkeypatch)
    page.ask("fit_label", epoch=page.state()["epoch"])
    labeler._controller.flush()
    np.testing.assert_array_equal(labeler.mask, cropped)
    assert page.state()["unshownLabel"] is None
    assert page.state()["notice"] == "The saved label 'final' is shown. It was padded to the image, without any change"
    assert labeler.dirty
    labeler.save()
    np.testing.assert_array_equal(manager.label("case_1"), cropped)
    labeler.undo()
    assert not labeler.mask.any()
    labeler.close()


def test_what_lies_outside_is_counted_and_what_was_resampled_is_said(studies: Path, manager: AppManager) -> None:
    larger = np.pad(drawn(), 2)
    larger[0, 0, 0] = 2
    affine = np.eye(4)
    affine[:3, 3] = (-2.3, -2, -2)
    put(studies, larger, affine)
    manager.datastore.refresh()
    labeler = manager.labeler("case_1")
    fitted = labeler.versions.fit()
    assert (fitted.how, fitted.left_out) == ("resampled", 1)
    np.testing.assert_array_equal(fitted.mask, drawn())
    labeler.close()


def test_a_damaged_one_cannot_be_fitted(studies: Path, manager: AppManager, monkeypatch: pytest.MonkeyPatch) -> None:
    manager.save_label("case_1", drawn())
    (file,) = (studies / "labels" / "final").glob("case_1*")
    file.write_bytes(b"damaged")
    labeler = manager.labeler("case_1")
    assert not Page(labeler, monkeypatch).state()["unshownLabel"]["fits"]
    with pytest.raises(LabelError, match=r"is not shown.*labeler.save\(replace=True\)"):
        labeler.save()
    labeler.close()


def test_a_label_that_is_shown_needs_no_fitting(manager: AppManager) -> None:
    labeler = manager.labeler("case_0")
    with pytest.raises(JlabelError, match="no saved label of case_0 that needs to be fitted"):
        labeler.versions.fit()
    labeler.close()
