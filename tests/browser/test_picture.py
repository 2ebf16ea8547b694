"""The still picture beside the live labeler: out of the way in JupyterLab, and kept in the notebook."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
from PIL import Image

from tests.browser.labeler import LabelerPage, app_cell
from tests.browser.notebook import Notebook

Open = Callable[[Sequence[str]], Notebook]


def orange(notebook: Notebook) -> int:
    """Pixels of the label's colour in the picture that the notebook keeps."""
    data = notebook.outputs(0)[1]["data"]["image/png"]
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode("".join(data)))).convert("RGB"), int)
    return int((pixels[..., 0] - pixels[..., 2] > 60).sum())


def test_the_picture_follows_what_is_saved_and_leaves_the_live_view_alone(notebook: Open, tmp_path: Path) -> None:
    nib.save(nib.Nifti1Image(np.full((40, 36, 30), 60, np.int16), np.eye(4)), tmp_path / "case.nii.gz")
    opened = notebook([app_cell(tmp_path, "labeler = manager.labeler('case')\nlabeler"), "1 + 1"])
    opened.run(0)
    labeler = LabelerPage(opened)
    labeler.wait_for_image()
    # JupyterLab shows the widget once, and nothing below it.
    area = opened.output_area(0)
    assert area.locator(".jlabel").count() == 1
    assert area.locator("img").count() == 0
    assert area.bounding_box()["height"] - labeler.root.bounding_box()["height"] < 40
    assert orange(opened) == 0

    before = opened.outputs(0)[1]["data"]["image/png"]
    labeler.root.evaluate("root => { root.marked = true; }")
    labeler.root.locator('[data-layout="axial"]').click()
    labeler.tool("brush")
    labeler.drag("axial", [(8, 10, 15), (30, 10, 15), (30, 30, 15)])
    labeler.do("save")
    labeler.root.get_by_text("Saved as final").wait_for()
    labeler.page.wait_for_function(
        """before => {
          const cell = window.jupyterapp.shell.currentWidget.content.widgets[0];
          return cell.model.sharedModel.getOutputs()[1].data["image/png"] !== before;
        }""",
        arg=before,
    )
    assert orange(opened) > 100
    assert labeler.root.evaluate("root => root.marked")
    assert labeler.root.locator(".jl-pane").count() == 1
    # The kernel goes on to answer while a cell runs.
    opened.kernel.run("pass")
    labeler.page.keyboard.press("Control+z")
    opened.kernel.wait_for("bool(labeler.mask.any())", False)
