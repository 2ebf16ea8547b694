"""The 3D view in the tests' ordinary browser, which has no WebGL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import nibabel as nib
import numpy as np

from tests.browser.labeler import LabelerPage, app_cell
from tests.browser.notebook import Notebook

Open = Callable[[Sequence[str]], Notebook]


def test_without_webgl_the_pane_says_so_and_the_work_goes_on(notebook: Open, tmp_path: Path) -> None:
    array = np.indices((24, 20, 16)).sum(axis=0).astype(np.int16)
    nib.save(nib.Nifti1Image(array, np.eye(4)), tmp_path / "case.nii.gz")
    opened = notebook([app_cell(tmp_path, "labeler = manager.labeler('case')\nlabeler")])
    opened.run(0)
    labeler = LabelerPage(opened)
    labeler.wait_for_image()
    labeler.root.focus()
    labeler.page.keyboard.press("t")
    message = labeler.root.locator('.jl-pane3d[data-solid="unsupported"]')
    message.wait_for()
    assert "WebGL 2 is switched off or missing" in message.inner_text()
    labeler.tool("brush")
    labeler.drag("axial", [(8, 10, 8), (12, 10, 8)])
    opened.kernel.wait_for("bool(labeler.mask[10, 10, 8])", True)
    labeler.root.focus()
    labeler.page.keyboard.press("t")
    assert labeler.root.locator(".jl-pane").count() == 3
