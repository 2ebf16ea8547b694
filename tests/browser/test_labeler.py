"""The labeler as a person uses it: real pointer, wheel and key events, asserted in the kernel and on the picture."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from tests.browser.labeler import LabelerPage, app_cell
from tests.browser.notebook import Notebook

Open = Callable[[Sequence[str]], Notebook]
SHAPE = (40, 36, 30)
MIDDLE = (20, 18, 15)


def phantom(shape: Sequence[int] = SHAPE) -> np.ndarray:
    """A bright ball off the middle in a dim gradient, different along every axis."""
    i, j, k = np.indices(shape)
    ball = (i - 12) ** 2 + (j - 20) ** 2 + (k - 15) ** 2 < 36
    return (i + 2 * j + k + 200 * ball).astype(np.int16)


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    for name in ("case_1", "case_2", "case_3"):
        nib.save(nib.Nifti1Image(phantom(), np.eye(4)), tmp_path / f"{name}.nii.gz")
    return tmp_path


@pytest.fixture
def labeler(notebook: Open, studies: Path) -> LabelerPage:
    opened = notebook([app_cell(studies, "labeler = manager.labeler(strategy='first')\nlabeler")])
    opened.run(0)
    page = LabelerPage(opened)
    page.wait_for_image("case_1")
    return page


def voxels(labeler: LabelerPage, value: int = 1) -> set[tuple[int, ...]]:
    """The kernel's voxels of a label."""
    labeler.wait_idle()
    return {tuple(v) for v in labeler.notebook.kernel.eval(f"np.argwhere(labeler.mask == {value}).tolist()")}


def test_three_planes_show_the_image(labeler: LabelerPage, blocked: list[str], page_errors: list[str]) -> None:
    for plane in ("axial", "coronal", "sagittal"):
        assert labeler.pane(plane).is_visible()
    assert labeler.slice("axial") == 15
    assert labeler.debug("voxelAt([12, 20, 15])") == [12 + 40 + 15 + 200]
    bright, dim = labeler.color("axial", (12, 20, 15)), labeler.color("axial", (25, 5, 15))
    assert bright[0] > dim[0] + 60
    assert blocked == []
    assert page_errors == []


def test_a_click_gives_a_mask_at_once(labeler: LabelerPage) -> None:
    before = labeler.color("axial", (12, 20, 15))
    labeler.tool("click-add")
    labeler.click("axial", (12, 20, 15))
    labeler.notebook.kernel.wait_for("int(labeler.mask.sum()) > 0", True)
    found = voxels(labeler)
    assert (12, 20, 15) in found
    assert (12, 20, 18) in found
    assert (12, 20, 19) not in found
    assert labeler.debug("maskSum()") == len(found)
    prompts = labeler.notebook.kernel.eval("[(p.position, p.positive, p.label) for p in labeler.prompts]")
    assert prompts == [[[12, 20, 15], True, "first"]]
    assert labeler.color("axial", (13, 21, 15)) != before


def test_a_negative_click_takes_a_part_away(labeler: LabelerPage) -> None:
    labeler.tool("click-add")
    labeler.click("axial", (12, 20, 15))
    labeler.notebook.kernel.wait_for("bool(labeler.mask[12, 20, 15])", True)
    labeler.tool("click-remove")
    labeler.click("axial", (14, 20, 15))
    labeler.notebook.kernel.wait_for("bool(labeler.mask[14, 20, 15])", False)
    assert labeler.notebook.kernel.eval("int(labeler.mask[9, 20, 15])") == 1
    labeler.do("undo")
    labeler.notebook.kernel.wait_for("bool(labeler.mask[14, 20, 15])", True)
    labeler.do("undo")
    labeler.notebook.kernel.wait_for("int(labeler.mask.sum())", 0)
    labeler.page.wait_for_timeout(300)
    assert labeler.debug("maskSum()") == 0
    labeler.do("redo")
    labeler.notebook.kernel.wait_for("bool(labeler.mask[14, 20, 15])", True)


def test_brush_and_eraser_land_on_the_voxels_under_the_pointer(labeler: LabelerPage) -> None:
    labeler.tool("brush")
    labeler.drag("coronal", [(10, 18, 10), (25, 18, 10)])
    labeler.notebook.kernel.wait_for("bool(labeler.mask.any())", True)
    painted = voxels(labeler)
    assert {(i, 18, 10) for i in range(10, 26)} <= painted
    assert {j for _, j, _ in painted} == {18}
    ks = {k for _, _, k in painted}
    assert ks == set(range(min(ks), max(ks) + 1))
    assert min(ks) + max(ks) == 20
    labeler.tool("eraser")
    labeler.drag("coronal", [(17, 18, 10), (18, 18, 10)])
    labeler.notebook.kernel.wait_for("bool(labeler.mask[17, 18, 10])", False)
    left = voxels(labeler)
    assert left < painted
    assert labeler.debug("maskSum()") == len(left)
    labeler.page.keyboard.press("Control+z")
    labeler.notebook.kernel.wait_for("bool(labeler.mask[17, 18, 10])", True)
    assert voxels(labeler) == painted


def test_wheel_drag_zoom_and_window(labeler: LabelerPage) -> None:
    labeler.tool("navigate")
    start = labeler.slice("axial")
    labeler.turn_wheel("axial", 3)
    assert abs(labeler.slice("axial") - start) == 3
    labeler.turn_wheel("axial", -3)
    assert labeler.slice("axial") == start
    before = labeler.point("axial", MIDDLE)
    labeler.drag("axial", [(20, 18, 15), (24, 18, 15)])
    after = labeler.point("axial", MIDDLE)
    assert abs(after[0] - before[0]) > 5
    at = labeler.point("axial", (12, 20, 15))
    labeler.page.mouse.move(*at)
    labeler.page.keyboard.down("Control")
    labeler.page.mouse.wheel(0, -300)
    labeler.page.keyboard.up("Control")
    zoomed = labeler.point("axial", (12, 20, 15))
    assert zoomed == pytest.approx(at, abs=3)
    assert abs(labeler.point("axial", (13, 20, 15))[0] - zoomed[0]) > abs(after[0] - before[0]) / 4
    window = labeler.debug("windowLevel()")
    labeler.drag("coronal", [(10, 18, 10), (20, 18, 20)], button="right")
    assert labeler.debug("windowLevel()") != window
    assert labeler.page.locator(".lm-Menu:visible").count() == 0
    assert voxels(labeler) == set()


def test_planes_are_linked_by_a_crosshair(labeler: LabelerPage) -> None:
    labeler.tool("navigate")
    labeler.click("axial", (30, 8, 15))
    assert labeler.slice("sagittal") == 30
    assert labeler.slice("coronal") == 8
    assert labeler.debug("cursor()") == [30, 8, 15]


def test_several_labels_in_their_own_colours(labeler: LabelerPage) -> None:
    labeler.tool("brush")
    labeler.drag("axial", [(8, 30, 15), (10, 30, 15)])
    labeler.page.keyboard.press("2")
    labeler.notebook.kernel.wait_for("labeler.label", "second")
    labeler.drag("axial", [(30, 30, 15), (32, 30, 15)])
    labeler.notebook.kernel.wait_for("sorted(set(labeler.mask.ravel().tolist()))", [0, 1, 2])
    labeler.page.mouse.move(0, 0)
    assert labeler.color("axial", (9, 30, 15)) != labeler.color("axial", (31, 30, 15))


def test_save_next_and_reopen(labeler: LabelerPage) -> None:
    kernel = labeler.notebook.kernel
    labeler.tool("brush")
    labeler.drag("axial", [(8, 30, 15), (10, 30, 15)])
    kernel.wait_for("labeler.dirty", True)
    labeler.do("next")
    assert labeler.notebook.kernel.eval("labeler.image_id") == "case_1"
    assert labeler.root.get_by_text("Unsaved").first.is_visible()
    labeler.page.keyboard.press("Escape")
    labeler.do("save")
    kernel.wait_for("labeler.dirty", False)
    assert kernel.eval("manager.datastore.get_labeled_images()") == ["case_1"]
    labeler.do("next")
    labeler.wait_for_image("case_2")
    assert labeler.debug("maskSum()") == 0
    labeler.do("skip")
    labeler.wait_for_image("case_3")
    assert kernel.eval("manager.next_image('first')") == "case_3"
    kernel.run("labeler.open('case_1')")
    labeler.wait_for_image("case_1")
    assert labeler.debug("maskSum()") == kernel.eval("int(labeler.mask.sum())") > 0
    saved = kernel.eval("manager.label('case_1').tolist()")
    assert kernel.eval("labeler.mask.tolist()") == saved


def test_the_draft_survives_a_reloaded_page(labeler: LabelerPage) -> None:
    labeler.tool("brush")
    labeler.drag("axial", [(8, 30, 15), (10, 30, 15)])
    labeler.notebook.kernel.wait_for("labeler.dirty", True)
    painted = voxels(labeler)
    labeler.notebook.reload()
    again = LabelerPage(labeler.notebook)
    again.wait_for_image("case_1")
    assert voxels(again) == painted
    again.page.wait_for_timeout(300)
    assert again.debug("maskSum()") == len(painted)


def test_the_draft_survives_a_killed_kernel(labeler: LabelerPage) -> None:
    labeler.tool("brush")
    labeler.drag("axial", [(8, 30, 15), (10, 30, 15)])
    labeler.notebook.kernel.wait_for("labeler.dirty", True)
    painted = voxels(labeler)
    pid = labeler.notebook.kernel.eval("__import__('os').getpid()")
    labeler.page.wait_for_timeout(300)
    os.kill(pid, signal.SIGKILL)
    labeler.root.get_by_text("The kernel was restarted").wait_for()
    labeler.notebook.close()
    labeler.notebook.run(0)
    again = LabelerPage(labeler.notebook)
    again.wait_for_image("case_1")
    assert again.root.get_by_text("Restored the unsaved draft").is_visible()
    assert voxels(again) == painted


def test_a_model_that_raises_says_so_as_text_and_the_work_goes_on(labeler: LabelerPage) -> None:
    labeler.notebook.kernel.run("labeler.model = 'broken'")
    labeler.tool("click-add")
    labeler.click("axial", (12, 20, 15))
    error = labeler.root.locator(".jl-error")
    error.wait_for()
    assert "<img src=x onerror=alert(1)> the weights are gone" in error.inner_text()
    assert error.locator("img").count() == 0
    assert labeler.notebook.kernel.eval("len(labeler.prompts)") == 0
    labeler.notebook.kernel.run("labeler.model = 'ball'")
    labeler.click("axial", (12, 20, 15))
    labeler.notebook.kernel.wait_for("bool(labeler.mask[12, 20, 15])", True)


def test_clicks_are_answered_while_a_cell_runs(notebook: Open, studies: Path) -> None:
    opened = notebook(
        [app_cell(studies, "labeler = manager.labeler('case_1')\nlabeler"), "time.sleep(6)\nmanager.info() and 1"]
    )
    opened.run(0)
    labeler = LabelerPage(opened)
    labeler.wait_for_image("case_1")
    opened.run(1, wait=False)
    labeler.tool("click-add")
    labeler.click("axial", (12, 20, 15))
    labeler.page.wait_for_function(
        "root => root.jlabelDebug.maskSum() > 0", arg=labeler.root.element_handle(), timeout=4000
    )


def test_one_slice_at_a_time_with_a_model_of_two_dimensions(labeler: LabelerPage) -> None:
    labeler.notebook.kernel.run("labeler.model = 'ball_2d'")
    labeler.tool("click-add")
    labeler.click("sagittal", (20, 10, 10))
    labeler.notebook.kernel.wait_for("bool(labeler.mask.any())", True)
    assert {i for i, _, _ in voxels(labeler)} == {20}
    labeler.tool("navigate")
    labeler.turn_wheel("sagittal", 1)
    step = labeler.slice("sagittal")
    labeler.tool("click-add")
    labeler.click("sagittal", (step, 10, 10))
    labeler.notebook.kernel.wait_for("len(labeler.prompts)", 1)
    labeler.notebook.kernel.wait_for(f"bool(labeler.mask[{step}].any())", True)
    assert {i for i, _, _ in voxels(labeler)} == {20, step}
