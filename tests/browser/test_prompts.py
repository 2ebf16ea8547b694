"""Drawn prompts, windows and outlines as a person uses them: real pointer and key events in the real labeler."""

from __future__ import annotations

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
SHAPE = (40, 36, 30)


@pytest.fixture
def labeler(notebook: Open, tmp_path: Path) -> LabelerPage:
    """A dim ramp, and the same in Hounsfield units with air around."""
    ramp = (np.indices(SHAPE).sum(axis=0)).astype(np.int16)
    nib.save(nib.Nifti1Image(ramp, np.eye(4)), tmp_path / "case.nii.gz")
    ct = np.where(ramp < 40, -1000, ramp).astype(np.int16)
    nib.save(nib.Nifti1Image(ct, np.eye(4)), tmp_path / "ct.nii.gz")
    return shown(notebook, tmp_path, "manager.labeler('case', model='shapes')")


def shown(notebook: Open, studies: Path, call: str) -> LabelerPage:
    opened = notebook([app_cell(studies, f"labeler = {call}\nlabeler")])
    opened.run(0)
    page = LabelerPage(opened)
    page.wait_for_image()
    return page


def prompts(labeler: LabelerPage, count: int) -> list[Any]:
    """The kernel's prompts once there are that many, as kind and fields."""
    labeler.notebook.kernel.wait_for("len(labeler.prompts)", count)
    found: list[Any] = labeler.notebook.kernel.eval("[[type(p).__name__, vars(p)] for p in labeler.prompts]")
    return found


def voxels(labeler: LabelerPage) -> set[tuple[int, ...]]:
    """The kernel's labelled voxels."""
    labeler.wait_idle()
    return {tuple(v) for v in labeler.notebook.kernel.eval("np.argwhere(labeler.mask == 1).tolist()")}


def draw(labeler: LabelerPage, tool: str, plane: str, way: Sequence[Sequence[int]], negative: bool = False) -> None:
    """Draw a prompt with the tool's key."""
    labeler.root.focus()
    labeler.page.keyboard.press(tool)
    if negative:
        labeler.page.keyboard.down("Shift")
    labeler.drag(plane, way)
    if negative:
        labeler.page.keyboard.up("Shift")


def test_boxes_scribbles_and_lassos_reach_the_model(labeler: LabelerPage) -> None:
    kernel = labeler.notebook.kernel
    draw(labeler, "m", "axial", [(25, 9, 15), (12, 16, 15)])
    box = ["Box", {"lower": [12, 9, 15], "upper": [25, 16, 15], "label": "first"}]
    assert prompts(labeler, 1) == [box]
    kernel.wait_for("bool(labeler.mask.any())", True)
    filled = {(i, j, 15) for i in range(12, 26) for j in range(9, 17)}
    assert voxels(labeler) == filled

    draw(labeler, "d", "axial", [(14, 12, 15), (18, 12, 15), (14, 12, 15)], negative=True)
    away = ["Scribble", {"positions": [[i, 12, 15] for i in range(14, 19)], "positive": False, "label": "first"}]
    assert prompts(labeler, 2) == [box, away]
    kernel.wait_for("bool(labeler.mask[16, 12, 15])", False)
    assert voxels(labeler) == filled - {(i, 12, 15) for i in range(14, 19)}

    draw(labeler, "d", "sagittal", [(20, 25, 5), (20, 25, 8), (20, 27, 8)])
    added = [[20, 25, 5], [20, 25, 6], [20, 25, 7], [20, 25, 8], [20, 26, 8], [20, 27, 8]]
    assert prompts(labeler, 3)[2] == ["Scribble", {"positions": added, "positive": True, "label": "first"}]
    kernel.wait_for("bool(labeler.mask[20, 26, 8])", True)

    outline = [[24, 18, 20], [32, 18, 20], [32, 18, 27], [24, 18, 27]]
    draw(labeler, "l", "coronal", outline)
    assert prompts(labeler, 4)[3] == ["Lasso", {"points": outline, "plane": 1, "positive": True, "label": "first"}]
    kernel.wait_for("bool(labeler.mask[28, 18, 23])", True)
    inner = [[27, 18, 22], [29, 18, 22], [29, 18, 25]]
    draw(labeler, "l", "coronal", inner, negative=True)
    assert prompts(labeler, 5)[4] == ["Lasso", {"points": inner, "plane": 1, "positive": False, "label": "first"}]
    kernel.wait_for("bool(labeler.mask[28, 18, 23])", False)
    assert {j for _, j, k in voxels(labeler) if k >= 20} == {18}
    assert labeler.debug("maskSum()") == len(voxels(labeler))

    labeler.page.keyboard.press("Control+z")
    kernel.wait_for("bool(labeler.mask[28, 18, 23])", True)
    assert len(prompts(labeler, 4)) == 4


def test_a_drawing_shows_while_it_is_drawn_and_can_be_given_up(labeler: LabelerPage) -> None:
    mouse = labeler.page.mouse
    before = labeler.color("axial", (10, 10, 15))
    labeler.tool("scribble")
    mouse.move(*labeler.point("axial", (8, 10, 15)))
    mouse.down()
    mouse.move(*labeler.point("axial", (14, 10, 15)), steps=3)
    labeler.page.wait_for_timeout(100)
    assert labeler.color("axial", (10, 10, 15)) != before
    labeler.page.keyboard.press("Escape")
    mouse.move(*labeler.point("axial", (14, 14, 15)))
    mouse.up()
    labeler.page.wait_for_timeout(100)
    assert labeler.color("axial", (10, 10, 15)) == before
    assert labeler.root.locator('[data-tool="scribble"]').get_attribute("aria-pressed") == "true"

    labeler.tool("lasso")
    mouse.move(*labeler.point("axial", (8, 10, 15)))
    mouse.down()
    mouse.move(*labeler.point("axial", (14, 10, 15)), steps=3)
    mouse.down(button="right")
    mouse.move(*labeler.point("axial", (14, 20, 15)), steps=3)
    mouse.up(button="right")
    mouse.up()
    labeler.tool("box")
    labeler.click("axial", (10, 10, 15))
    assert "Drag from corner to corner" in labeler.root.locator(".jl-error").inner_text()

    # What leaves the image ends at its edge.
    labeler.drag("axial", [(30, 30, 15), (60, 30, 15), (60, 60, 15)])
    last = [39, 35, 15]
    assert prompts(labeler, 1) == [["Box", {"lower": [30, 30, 15], "upper": last, "label": "first"}]]
    assert labeler.root.locator(".jl-error").count() == 0


def test_prompts_in_a_picture_and_in_one_slice(notebook: Open, tmp_path: Path) -> None:
    Image.fromarray(np.full((40, 60), 90, np.uint8)).save(tmp_path / "slide.png")
    labeler = shown(notebook, tmp_path, "manager.labeler(model='shapes_2d')")
    draw(labeler, "m", "axial", [(5, 8, 0), (9, 20, 0)])
    draw(labeler, "d", "axial", [(5, 30, 0), (5, 33, 0)])
    draw(labeler, "l", "axial", [(20, 10, 0), (20, 30, 0), (30, 30, 0)])
    assert prompts(labeler, 3) == [
        ["Box", {"lower": [5, 8], "upper": [9, 20], "label": "first"}],
        ["Scribble", {"positions": [[5, j] for j in range(30, 34)], "positive": True, "label": "first"}],
        ["Lasso", {"points": [[20, 10], [20, 30], [30, 30]], "plane": 2, "positive": True, "label": "first"}],
    ]
    labeler.notebook.kernel.wait_for("bool(labeler.mask[23, 25] and labeler.mask[7, 15] and labeler.mask[5, 31])", True)


def test_windows_of_ct_and_outlines(labeler: LabelerPage) -> None:
    window = labeler.root.locator('[data-choose="window"]')
    assert window.locator("option").all_inner_texts() == ["Auto"]
    labeler.notebook.kernel.run("labeler.open('ct')")
    labeler.wait_for_image("ct")
    assert labeler.debug("windowLevel()") == [-160, 240]
    assert window.locator("option").all_inner_texts() == ["Auto", "Brain", "Lung", "Mediastinum", "Abdomen", "Bone"]
    window.select_option("Bone")
    assert labeler.debug("windowLevel()") == [-500, 1300]
    labeler.root.focus()
    labeler.page.keyboard.press("w")
    assert labeler.debug("windowLevel()") == [-160, 240]
    labeler.page.keyboard.press("w")
    assert labeler.debug("windowLevel()") == [0, 80]
    assert window.input_value() == "Brain"
    labeler.drag("coronal", [(10, 18, 10), (20, 18, 20)], button="right")
    assert window.input_value() == ""
    labeler.page.keyboard.press("w")
    assert window.input_value() == "Auto"

    inside, border = (21, 24, 15), (16, 24, 15)
    plain = labeler.color("axial", inside), labeler.color("axial", border)
    draw(labeler, "m", "axial", [(16, 20, 15), (24, 28, 15)])
    labeler.notebook.kernel.wait_for("bool(labeler.mask[21, 24, 15])", True)
    labeler.do("clear")
    prompts(labeler, 0)
    labeler.page.mouse.move(0, 0)
    labeler.page.wait_for_timeout(200)
    filled = labeler.color("axial", inside), labeler.color("axial", border)
    assert filled[0] != plain[0]
    assert filled[1] != plain[1]
    labeler.do("outline")
    labeler.page.mouse.move(0, 0)
    labeler.page.wait_for_timeout(200)
    assert (labeler.color("axial", inside), labeler.color("axial", border)) == (plain[0], filled[1])
    labeler.root.focus()
    labeler.page.keyboard.press("o")
    labeler.page.wait_for_timeout(200)
    assert labeler.color("axial", inside) == filled[0]
