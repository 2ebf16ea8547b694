"""Without a mouse: keys for everything, keys from Python, full screen, several views, every width."""

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
    """Two ramps."""
    for name in ("one", "two"):
        ramp = np.indices(SHAPE).sum(axis=0).astype(np.int16)
        nib.save(nib.Nifti1Image(ramp, np.eye(4)), tmp_path / f"{name}.nii.gz")
    return tmp_path


@pytest.fixture
def labeler(notebook: Open, studies: Path) -> LabelerPage:
    opened = notebook(
        [app_cell(studies, "labeler = manager.labeler('one', strategy='first', model='shapes')\nlabeler")]
    )
    opened.run(0)
    page = LabelerPage(opened)
    page.wait_for_image("one")
    return page


def press(labeler: LabelerPage, *keys: str) -> None:
    for key in keys:
        labeler.page.keyboard.press(key)


def test_an_image_is_labelled_without_a_pointer(labeler: LabelerPage) -> None:
    kernel, keyboard = labeler.notebook.kernel, labeler.page.keyboard
    labeler.root.focus()
    press(labeler, "2", "b", "[", "[", "[", "[", "[", "[", "[", "[", "[", "[", "[", "[", "[", "[")
    # The crosshair begins in the middle; in this grid the screen's right is the patient's left, a smaller index.
    press(labeler, "ArrowUp", "Shift+ArrowRight", "Shift+ArrowUp", "Control+Shift+ArrowDown")
    i, j, k = labeler.debug("cursor()")
    assert k == 16
    press(labeler, "Enter")
    kernel.wait_for("np.argwhere(labeler.mask == 2).tolist()", [[i, j, k]])

    keyboard.down("Enter")
    press(labeler, "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown")
    keyboard.up("Enter")
    assert labeler.slice("axial") == 16
    end = labeler.debug("cursor()")
    kernel.wait_for("int((labeler.mask == 2).sum())", 4)
    painted = {tuple(v) for v in kernel.eval("np.argwhere(labeler.mask == 2).tolist()")}
    step = 1 if end[0] > i else -1
    assert painted == {(i, j, k), (i + step, j, k), (i + 2 * step, j, k), tuple(end)}
    press(labeler, "Control+z")
    kernel.wait_for("np.argwhere(labeler.mask == 2).tolist()", [[i, j, k]])
    press(labeler, "Control+y")
    kernel.wait_for("int((labeler.mask == 2).sum())", 4)

    # A box is pressed, drawn and pressed again in another plane: nothing needs to be held.
    press(labeler, "F6", "1", "m")
    assert labeler.root.locator(".jl-active").get_attribute("data-plane") == "coronal"
    corner = labeler.debug("cursor()")
    press(labeler, "Enter", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown", "Enter")
    other = labeler.debug("cursor()")
    kernel.wait_for("len(labeler.prompts)", 1)
    box = [[min(p) for p in zip(corner, other, strict=True)], [max(p) for p in zip(corner, other, strict=True)]]
    assert kernel.eval("[labeler.prompts[0].lower, labeler.prompts[0].upper]") == box
    assert other[1] == corner[1]
    labeler.wait_idle()
    press(labeler, "c", "Shift+ArrowDown", "Shift+ArrowDown", "Enter")
    kernel.wait_for("[type(p).__name__ for p in labeler.prompts]", ["Box", "Click"])
    labeler.wait_idle()

    press(labeler, "s")
    kernel.wait_for("manager.datastore.count_labeled()", 1)
    kernel.wait_for("labeler.dirty", False)
    press(labeler, "n")
    labeler.wait_for_image("two")
    saved = kernel.eval("np.argwhere(np.asarray(manager.label('one')) == 2).tolist()")
    assert {tuple(v) for v in saved} >= {(i, j, k)}


def test_keys_come_from_python_and_show_in_the_help(labeler: LabelerPage) -> None:
    labeler.notebook.kernel.run("labeler.keymap = {'next': 'space', 'brush': 'shift+q', 'drag-pans': 'F2'}")
    button = labeler.root.locator('[data-action="next"]')
    button.and_(labeler.page.locator('[title="Next image (Space)"]')).wait_for()
    labeler.root.focus()
    press(labeler, "Shift+Q")
    assert labeler.root.locator('[data-tool="brush"]').get_attribute("aria-pressed") == "true"
    press(labeler, "?")
    help_panel = labeler.root.get_by_role("dialog", name="Keys and mouse")
    assert help_panel.get_by_role("searchbox").evaluate("(field) => field === document.activeElement")
    labeler.page.keyboard.type("brush paint label")
    assert help_panel.locator("kbd").all_inner_texts() == ["Shift+Q"]
    press(labeler, "Escape")
    help_panel.wait_for(state="detached")
    assert labeler.root.evaluate("(root) => root === document.activeElement")
    press(labeler, "n")
    press(labeler, "Space")
    labeler.wait_for_image("two")


def test_full_screen_uses_the_room_and_gives_it_back(labeler: LabelerPage) -> None:
    before = labeler.root.bounding_box()
    labeler.root.focus()
    press(labeler, "f")
    labeler.page.wait_for_function("() => document.fullscreenElement?.classList.contains('jlabel')")
    labeler.page.wait_for_timeout(200)
    screen = labeler.page.evaluate("[innerWidth, innerHeight]")
    box = labeler.root.bounding_box()
    stage = labeler.root.locator(".jl-stage").bounding_box()
    assert before is not None
    assert box is not None
    assert stage is not None
    assert [box["width"], box["height"]] == screen
    assert stage["height"] > 0.75 * screen[1]
    press(labeler, "b", "Enter")
    labeler.notebook.kernel.wait_for("bool(labeler.mask.any())", True)
    press(labeler, "f")
    labeler.page.wait_for_function("() => document.fullscreenElement === null")
    labeler.page.wait_for_timeout(200)
    after = labeler.root.bounding_box()
    assert after is not None
    assert after["width"] == before["width"]
    assert after["height"] == before["height"]

    # Where the browser refuses, it covers the page, and Escape leaves.
    labeler.root.evaluate("(root) => { root.requestFullscreen = () => Promise.reject(new Error('refused')); }")
    press(labeler, "f")
    labeler.page.wait_for_timeout(200)
    covering = labeler.root.bounding_box()
    assert covering is not None
    assert [covering["width"], covering["height"]] == screen
    assert labeler.page.evaluate("document.elementFromPoint(5, 5).closest('.jlabel') !== null")
    press(labeler, "Escape")
    labeler.page.wait_for_timeout(200)
    assert labeler.root.bounding_box() == after
