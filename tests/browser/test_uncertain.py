"""The uncertain border of a model's answer as a person sees it, and the switch that keeps other labels from a model."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from tests.browser.labeler import LabelerPage, app_cell
from tests.browser.notebook import Notebook

Open = Callable[[Sequence[str]], Notebook]

# Clicks on a flat image: less sure with the distance, 0.5 at 6 voxels.
_FADING = """
from dataclasses import replace

class Fading(Ball):
    def find(self, request, prompts, dropped, watch):
        self.others = request.other_labels is not None
        found = super().find(request, prompts, dropped, watch)
        index = np.moveaxis(np.indices(found.region.shape), 0, -1) + np.array(found.region.lower)
        distance = np.linalg.norm(index - np.array(prompts[-1].position), axis=-1)
        return replace(found, probabilities=np.clip(1 - distance / 12, 0, 1).astype(np.float16))

fading = manager.app.infers["fading"] = Fading()
labeler = manager.labeler(model="fading")
labeler
"""


@pytest.fixture
def labeler(notebook: Open, tmp_path: Path) -> LabelerPage:
    nib.save(nib.Nifti1Image(np.full((40, 36, 30), 50, np.int16), np.eye(4)), tmp_path / "case.nii.gz")
    opened = notebook([app_cell(tmp_path, _FADING)])
    opened.run(0)
    page = LabelerPage(opened)
    page.wait_for_image()
    return page


def colors(labeler: LabelerPage) -> set[Any]:
    """All colours in a small square 7 voxels from the click: there is no label there, and no crosshair."""
    labeler.page.mouse.move(0, 0)
    labeler.page.wait_for_timeout(150)
    x, y = labeler.point("axial", (25, 23, 15))
    shot = labeler.page.screenshot(clip={"x": x - 5, "y": y - 5, "width": 10, "height": 10})
    return {color for _, color in Image.open(io.BytesIO(shot)).convert("RGB").getcolors()}


def test_the_border_is_hatched_while_it_is_wanted_and_until_the_mask_is_changed(labeler: LabelerPage) -> None:
    kernel, page = labeler.notebook.kernel, labeler.page
    labeler.tool("click-add")
    labeler.click("axial", (20, 18, 15))
    kernel.wait_for("bool(labeler.mask.any())", True)
    labeler.wait_idle()
    plain = colors(labeler)
    assert len(plain) == 1

    labeler.root.focus()
    page.keyboard.press("u")
    page.wait_for_function("(root) => root.jlabelDebug.uncertain() > 0", arg=labeler.root.element_handle())
    assert len(colors(labeler)) > 2
    assert labeler.root.locator('[data-action="uncertain-border"]').is_checked()
    labeler.do("uncertain-border")
    assert labeler.debug("uncertain()") == 0
    assert colors(labeler) == plain

    labeler.do("uncertain-border")
    page.wait_for_function("(root) => root.jlabelDebug.uncertain() > 0", arg=labeler.root.element_handle())
    labeler.tool("brush")
    labeler.drag("axial", [(5, 5, 15), (8, 5, 15)])
    page.wait_for_function("(root) => root.jlabelDebug.uncertain() === 0", arg=labeler.root.element_handle())
    assert colors(labeler) == plain


def test_other_labels_are_told_of_or_not(labeler: LabelerPage) -> None:
    kernel = labeler.notebook.kernel
    switch = labeler.root.locator('[data-action="others-as-background"]')
    assert switch.is_checked()
    labeler.tool("click-add")
    labeler.click("axial", (20, 18, 15))
    kernel.wait_for("getattr(fading, 'others', None)", True)
    labeler.do("others-as-background")
    kernel.wait_for("labeler.other_labels_as_background", False)
    labeler.click("axial", (22, 18, 15))
    kernel.wait_for("fading.others", False)
    kernel.run("labeler.other_labels_as_background = True")
    labeler.root.locator('[data-action="others-as-background"]:checked').wait_for()
