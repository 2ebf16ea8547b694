"""A labeler's cell that is run again and again, with and without other views of what it made before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from tests.browser.labeler import LabelerPage, app_cell
from tests.browser.notebook import Notebook

Open = Callable[[Sequence[str]], Notebook]
_LIVING = "len(list(__import__('jlabel.widget.lifetime').widget.lifetime._living))"
_THREADS = "len([t for t in __import__('threading').enumerate() if t.name.startswith('jlabel-')])"


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    array = np.random.default_rng(0).integers(0, 100, (40, 36, 30), dtype=np.int16)
    nib.save(nib.Nifti1Image(array, np.eye(4)), tmp_path / "case_1.nii.gz")
    return tmp_path


def test_the_labelers_of_before_end_and_the_draft_goes_on(notebook: Open, studies: Path) -> None:
    opened = notebook([app_cell(studies, "labeler = manager.labeler('case_1')\nlabeler")])
    opened.run(0)
    labeler = LabelerPage(opened)
    labeler.wait_for_image("case_1")
    labeler.tool("brush")
    labeler.drag("axial", [(8, 30, 15), (10, 30, 15)])
    opened.kernel.wait_for("labeler.dirty", True)
    painted = opened.kernel.eval("int(labeler.mask.sum())")
    most = 0
    for turn in range(6):
        opened.run(0)
        labeler = LabelerPage(opened)
        labeler.wait_for_image("case_1")
        opened.kernel.wait_for("int(labeler.mask.sum())", painted)
        opened.kernel.wait_for(_LIVING, 1, timeout=60)
        if turn < 2:
            most = max(most, opened.kernel.eval(_THREADS))
        else:
            # One or two may not have begun, or ended, yet; each labeler that stays would have several.
            opened.kernel.wait_for(f"{_THREADS} <= {most + 2}", True, timeout=60)


def test_a_view_in_another_cell_keeps_its_labeler(notebook: Open, studies: Path) -> None:
    opened = notebook([app_cell(studies, "labeler = manager.labeler('case_1')\nlabeler"), "kept = labeler\nkept"])
    opened.run_all()
    kept = LabelerPage(opened, cell=1)
    kept.wait_for_image("case_1")
    opened.run(0)
    again = LabelerPage(opened)
    again.wait_for_image("case_1")
    opened.kernel.wait_for("labeler is kept", False)
    kept.page.wait_for_timeout(1000)
    assert opened.kernel.eval("kept.image_id") == "case_1"
    kept.tool("brush")
    kept.drag("axial", [(8, 30, 15), (10, 30, 15)])
    opened.kernel.wait_for("kept.dirty", True)
