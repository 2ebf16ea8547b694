"""Editing whole labels as a person does, with buttons, keys and the fill tool, in the real labeler.

What each makes of the kernel's mask is held voxel by voxel against the pure function of ``jlabel.editing``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from jlabel import editing
from jlabel.editing import Edit, Extent
from tests.browser.labeler import LabelerPage, app_cell
from tests.browser.notebook import Notebook

Open = Callable[[Sequence[str]], Notebook]
SHAPE = (40, 36, 30)
SPACING = (1.0, 1.0, 1.5)
RADIUS = 2.0
MIDDLE = (20, 18, 15)


def start() -> NDArray[np.uint8]:
    """A rough ball with a hole, an island, a second label, and a third that is painted in two slices."""
    mask = np.zeros(SHAPE, np.uint8, order="F")
    away = np.linalg.norm((np.indices(SHAPE).T - MIDDLE) * SPACING, axis=-1).T
    mask[(away < 9) & (np.random.default_rng(0).random(SHAPE) > 0.05)] = 1
    mask[18:21, 16:19, 14:17] = 0
    mask[2:4, 2:4, 15] = 1
    mask[28:33, 14:22, 10:20] = 2
    return mask


@pytest.fixture
def labeler(notebook: Open, tmp_path: Path) -> LabelerPage:
    ramp = (np.indices(SHAPE).sum(axis=0)).astype(np.int16)
    nib.save(nib.Nifti1Image(ramp, np.diag([*SPACING, 1])), tmp_path / "case.nii.gz")
    np.save(tmp_path / "start.npy", start())
    saved = f"manager.save_label('case', np.load({str(tmp_path / 'start.npy')!r}))"
    opened = notebook([app_cell(tmp_path, f"{saved}\nlabeler = manager.labeler('case', model='ball')\nlabeler")])
    opened.run(0)
    page = LabelerPage(opened)
    page.wait_for_image()
    return page


def mask(labeler: LabelerPage) -> NDArray[np.uint8]:
    labeler.wait_idle()
    return np.array(labeler.notebook.kernel.eval("labeler.mask.tolist()"), np.uint8)


def after(before: NDArray[np.uint8], edit: Edit) -> NDArray[np.uint8]:
    result = before.copy()
    result[edit.region.slices] = edit.after
    return result


def expect(labeler: LabelerPage, wanted: NDArray[np.uint8]) -> None:
    """The kernel's mask and the page's are this one."""
    labeler.notebook.kernel.wait_for("int(labeler.mask.sum())", int(wanted.sum()))
    np.testing.assert_array_equal(mask(labeler), wanted)
    labeler.page.wait_for_timeout(50)
    assert labeler.debug("maskSum()") == wanted.sum()


def press(labeler: LabelerPage, key: str) -> None:
    labeler.root.focus()
    labeler.page.keyboard.press(key)


def number(labeler: LabelerPage, label: str, value: float) -> None:
    """Type a number into a field."""
    field = labeler.root.get_by_label(label)
    field.fill(str(value))
    field.press("Enter")


def where(labeler: LabelerPage, extent: str) -> None:
    labeler.root.locator(f'.jl-edit [data-option="{extent}"]').click()


SLICE = Extent(2, 15)
BUTTONS: list[tuple[str, str, Callable[[Any], Edit]]] = [
    ("grow-label", "volume", lambda m: editing.grow(m, 1, SPACING, RADIUS)),
    ("shrink-label", "slice", lambda m: editing.shrink(m, 1, SPACING, RADIUS, SLICE)),
    ("smooth-label", "volume", lambda m: editing.smooth(m, 1, SPACING, RADIUS)),
    ("smooth-label", "slices", lambda m: editing.smooth(m, 1, SPACING, RADIUS, Extent(2))),
    ("fill-holes", "slices", lambda m: editing.fill_holes(m, 1, Extent(2))),
    ("keep-largest", "volume", lambda m: editing.keep_largest(m, 1)),
    ("remove-islands", "slice", lambda m: editing.remove_islands(m, 1, SPACING, 10, SLICE)),
    ("erase-label", "slice", lambda m: editing.erase(m, 1, SLICE)),
    ("paint-range", "slice", lambda m: editing.threshold(m, ramp(), 1, 60, 70, SLICE.region(SHAPE))),
]


def ramp() -> NDArray[np.int16]:
    return np.indices(SHAPE).sum(axis=0).astype(np.int16)


def test_each_button_does_what_it_says_and_can_be_undone(labeler: LabelerPage) -> None:
    number(labeler, "Size in mm", RADIUS)
    number(labeler, "Lowest intensity", 60)
    number(labeler, "Highest intensity", 70)
    begun = start()
    for button, extent, pure in BUTTONS:
        where(labeler, extent)
        labeler.do(button)
        wanted = after(begun, pure(begun))
        assert (wanted != begun).any()
        expect(labeler, wanted)
        assert "voxels changed" in labeler.root.locator(".jl-activity").inner_text()
        labeler.do("undo")
        expect(labeler, begun)


def test_slices_are_copied_and_gaps_filled_by_keys(labeler: LabelerPage) -> None:
    press(labeler, "ArrowUp")
    wanted = start()
    press(labeler, "Alt+PageDown")
    wanted = after(wanted, editing.copy_slice(wanted, 2, 15, 16, 1))
    expect(labeler, wanted)
    press(labeler, "Alt+PageUp")
    wanted = after(wanted, editing.copy_slice(wanted, 2, 17, 16, 1))
    expect(labeler, wanted)
    labeler.root.get_by_label("all", exact=True).check()
    labeler.do("copy-from-below")
    wanted = after(wanted, editing.copy_slice(wanted, 2, 15, 16))
    expect(labeler, wanted)

    where(labeler, "slice")
    labeler.do("erase-label")
    wanted = after(wanted, editing.erase(wanted, 1, Extent(2, 16)))
    expect(labeler, wanted)
    press(labeler, "i")
    wanted = after(wanted, editing.interpolate(wanted, 1, SPACING, 2))
    expect(labeler, wanted)
    press(labeler, "i")
    labeler.root.get_by_text("there is no empty slice between the painted ones").wait_for()
    expect(labeler, wanted)


def test_the_fill_tool_fills_holes_parts_and_what_is_alike(labeler: LabelerPage) -> None:
    press(labeler, "g")
    wanted = start()
    labeler.click("axial", (19, 17, 15))
    wanted = after(wanted, editing.fill_label(wanted, (19, 17, 15), 1, 2))
    expect(labeler, wanted)

    labeler.root.get_by_label("In 3D").check()
    labeler.click("coronal", (30, 17, 12))
    wanted = after(wanted, editing.fill_label(wanted, (30, 17, 12), 1))
    assert not (wanted == 2).any()
    expect(labeler, wanted)

    labeler.root.get_by_label("In 3D").uncheck()
    labeler.root.locator('.jl-fill [data-option="intensity"]').click()
    number(labeler, "Tolerance", 3)
    number(labeler, "Reach in mm", 8)
    press(labeler, "2")
    labeler.click("axial", (5, 30, 12))
    alike = editing.fill_alike(wanted, ramp(), (5, 30, 12), 2, SPACING, 3, 8, axis=2)
    wanted = after(wanted, alike)
    expect(labeler, wanted)
    for _ in range(3):
        press(labeler, "Control+z")
    expect(labeler, start())


def test_a_locked_label_cannot_be_edited_and_says_so(labeler: LabelerPage) -> None:
    labeler.notebook.kernel.run("labeler._controller.features.paint_settings.lock(2)")
    where(labeler, "volume")
    number(labeler, "Size in mm", 6)
    labeler.do("grow-label")
    wanted = after(start(), editing.grow(start(), 1, SPACING, 6))
    wanted[start() == 2] = 2
    expect(labeler, wanted)
    assert "stayed" in labeler.root.locator(".jl-activity").inner_text()
    press(labeler, "2")
    labeler.root.locator('[data-action="smooth-label"]:disabled').wait_for()
    assert "second is locked; unlock it to edit it" in labeler.root.locator(".jl-edit").inner_text()
    press(labeler, "i")
    labeler.root.locator(".jl-error").get_by_text("second is locked").wait_for()
    expect(labeler, wanted)


def test_a_long_operation_shows_that_it_works_and_is_cancelled(labeler: LabelerPage) -> None:
    kernel = labeler.notebook.kernel
    kernel.run(
        "import threading, time\n"
        "from jlabel.labeler.features import label_operations as operating\n"
        "go, really = threading.Event(), operating.operate\n"
        "def slow(name, target, parameters, watch):\n"
        "    edit = really(name, target, parameters, watch)\n"
        "    time.sleep(0.2)\n"
        "    watch.report(0.4)\n"
        "    while not go.wait(0.02):\n"
        "        watch.check()\n"
        "    return edit\n"
        "operating.operate = slow\n"
    )
    labeler.do("smooth-label")
    labeler.root.locator('.jl-activity [role="progressbar"][aria-valuenow="40"]').wait_for()
    assert "Smoothing first" in labeler.root.locator(".jl-activity").inner_text()
    labeler.do("cancel")
    labeler.wait_idle()
    assert "Smoothing first was cancelled" in labeler.root.locator(".jl-activity").inner_text()
    expect(labeler, start())

    labeler.do("smooth-label")
    labeler.root.locator('.jl-activity [data-action="cancel"]').wait_for()
    press(labeler, "b")
    labeler.drag("axial", [(10, 30, 15), (14, 30, 15)])
    kernel.wait_for("int(labeler.mask[12, 30, 15])", 1)
    painted = np.array(kernel.eval("labeler.mask.tolist()"), np.uint8)
    kernel.run("go.set()")
    expect(labeler, after(painted, editing.smooth(painted, 1, SPACING, 1.5)))


def test_python_edits_what_the_page_shows(labeler: LabelerPage) -> None:
    changed = labeler.notebook.kernel.eval("labeler.edit('fill_holes', label='first', axis=2, extent='slices')")
    wanted = after(start(), editing.fill_holes(start(), 1, Extent(2)))
    assert changed == np.count_nonzero(wanted != start())
    expect(labeler, wanted)
