"""A saved label that cannot be shown, and errors of before the page came, as a person meets them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from tests.browser.labeler import LabelerPage, app_cell
from tests.browser.notebook import Notebook

Open = Callable[[Sequence[str]], Notebook]
SHAPE = (40, 36, 30)


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    """An image, and a label of it that was drawn on a part of it."""
    array = np.random.default_rng(0).integers(0, 100, SHAPE, dtype=np.int16)
    nib.save(nib.Nifti1Image(array, np.eye(4)), tmp_path / "case_1.nii.gz")
    folder = tmp_path / "labels" / "final"
    folder.mkdir(parents=True)
    corner = np.eye(4)
    corner[:3, 3] = 5
    part = np.zeros((20, 20, 20), np.uint8)
    part[5:15, 5:15, 5:15] = 1
    nib.save(nib.Nifti1Image(part, corner), folder / "case_1.nii.gz")
    return tmp_path


@pytest.fixture
def labeler(notebook: Open, studies: Path) -> LabelerPage:
    opened = notebook([app_cell(studies, "labeler = manager.labeler('case_1')\nlabeler")])
    opened.run(0)
    page = LabelerPage(opened)
    page.wait_for_image("case_1")
    return page


def versions(labeler: LabelerPage) -> int:
    return int(labeler.notebook.kernel.eval("len(manager.datastore.label_history('case_1'))"))


def test_it_is_said_until_it_is_shown_fitted(labeler: LabelerPage) -> None:
    note = labeler.root.locator("[data-unshown-label]")
    assert "The saved label 'final' of case_1 is not shown" in note.inner_text()
    labeler.notebook.reload()
    again = LabelerPage(labeler.notebook)
    again.wait_for_image("case_1")
    again.root.locator('[data-answer="fit"]').click()
    again.root.get_by_text("It was padded to the image").wait_for()
    again.root.locator("[data-unshown-label]").wait_for(state="detached")
    assert again.notebook.kernel.eval("int(labeler.mask.sum())") == 1000
    assert again.debug("maskSum()") == 1000
    again.do("save")
    again.notebook.kernel.wait_for("labeler.dirty", False)
    assert versions(again) == 2


def test_saving_over_it_asks_first(labeler: LabelerPage) -> None:
    labeler.do("save")
    question = labeler.root.get_by_role("alertdialog", name="Replace the saved label")
    question.locator('[data-answer="stay"]').click()
    question.wait_for(state="detached")
    assert versions(labeler) == 1
    labeler.do("save")
    question.locator('[data-answer="replace"]').click()
    labeler.notebook.kernel.wait_for("len(manager.datastore.label_history('case_1'))", 2)
    labeler.root.locator("[data-unshown-label]").wait_for(state="detached")


def test_an_error_of_before_the_page_came_is_shown_until_it_is_read(notebook: Open, studies: Path) -> None:
    cell = "labeler = manager.labeler('case_1')\nlabeler._controller.report_error('<b>the draft</b> cannot be kept')\n"
    opened = notebook([app_cell(studies, f"{cell}labeler")])
    opened.run(0)
    labeler = LabelerPage(opened)
    error = labeler.root.locator(".jl-error")
    assert "<b>the draft</b> cannot be kept" in error.inner_text()
    error.get_by_role("button", name="Dismiss").click()
    error.wait_for(state="detached")
    opened.reload()
    again = LabelerPage(opened)
    again.wait_for_image("case_1")
    assert again.root.locator(".jl-error").count() == 0
