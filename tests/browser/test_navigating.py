"""Moving about while a tool is chosen: two fingers, the middle button, and the bar above a plane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from tests.browser.labeler import LabelerPage, app_cell
from tests.browser.notebook import Notebook
from tests.browser.test_strokes import touch

Open = Callable[[Sequence[str]], Notebook]
MIDDLE = (20, 18, 15)


@pytest.fixture
def labeler(notebook: Open, tmp_path: Path) -> LabelerPage:
    """A ramp, with the brush in the hand."""
    ramp = np.indices((40, 36, 30)).sum(axis=0).astype(np.int16)
    nib.save(nib.Nifti1Image(ramp, np.eye(4)), tmp_path / "case.nii.gz")
    opened = notebook([app_cell(tmp_path, "labeler = manager.labeler('case')\nlabeler")])
    opened.run(0)
    page = LabelerPage(opened)
    page.wait_for_image()
    page.tool("brush")
    return page


def wait_until_at(labeler: LabelerPage, voxel: Sequence[int], wanted: tuple[float, float]) -> None:
    """Wait until a voxel of the axial plane lies at a place of the page, to two pixels."""
    labeler.page.wait_for_function(
        """([root, voxel, [x, y]]) => {
          const at = root.jlabelDebug.voxelToClient("axial", voxel);
          return Math.hypot(at.x - x, at.y - y) < 2;
        }""",
        arg=[labeler.root.element_handle(), list(voxel), list(wanted)],
    )


def nothing_is_painted(labeler: LabelerPage) -> bool:
    """Whether neither the page nor the kernel has a labelled voxel, once all is said."""
    labeler.page.wait_for_function("(root) => root.jlabelDebug.unacked() === 0", arg=labeler.root.element_handle())
    return labeler.debug("maskSum()") == 0 and not labeler.notebook.kernel.eval("bool(labeler.mask.any())")


def test_two_fingers_pan_and_paint_nothing(labeler: LabelerPage) -> None:
    client = labeler.page.context.new_cdp_session(labeler.page)
    (x, y), other = labeler.point("axial", MIDDLE), labeler.point("axial", (10, 18, 15))
    fingers = [(x - 30, y), (x + 30, y)]
    touch(client, "touchStart", fingers[0])
    touch(client, "touchStart", *fingers)
    for step in range(1, 6):
        touch(client, "touchMove", *((fx + 9 * step, fy - 6 * step) for fx, fy in fingers))
    touch(client, "touchEnd")
    # What lay between the fingers went with them, and no nearer: a voxel beside it went as far.
    wait_until_at(labeler, MIDDLE, (x + 45, y - 30))
    wait_until_at(labeler, (10, 18, 15), (other[0] + 45, other[1] - 30))
    assert nothing_is_painted(labeler)


def test_the_middle_button_points_and_pans(labeler: LabelerPage) -> None:
    labeler.click("axial", (30, 8, 15), button="middle")
    assert labeler.debug("cursor()") == [30, 8, 15]
    assert (labeler.slice("sagittal"), labeler.slice("coronal")) == (30, 8)
    x, y = labeler.point("axial", MIDDLE)
    labeler.page.mouse.move(x, y)
    labeler.page.mouse.down(button="middle")
    labeler.page.mouse.move(x + 40, y + 20, steps=4)
    labeler.page.mouse.up(button="middle")
    wait_until_at(labeler, MIDDLE, (x + 40, y + 20))
    assert labeler.debug("cursor()") == [30, 8, 15]
    assert nothing_is_painted(labeler)


def test_a_double_click_on_the_bar_enlarges_with_any_tool(labeler: LabelerPage) -> None:
    bar = labeler.pane("coronal").locator(".jl-plane-name")
    bar.dblclick()
    labeler.pane("axial").wait_for(state="detached")
    assert labeler.pane("coronal").is_visible()
    bar.dblclick()
    labeler.pane("axial").wait_for()
    assert nothing_is_painted(labeler)
