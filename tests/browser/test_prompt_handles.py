"""Prompts that are there already: selected, moved, resized, flipped, removed, held back, and found again later."""

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


@pytest.fixture
def labeler(notebook: Open, tmp_path: Path) -> LabelerPage:
    """A dim ramp, and the model that answers with the voxels that were pointed at."""
    ramp = (np.indices(SHAPE).sum(axis=0)).astype(np.int16)
    nib.save(nib.Nifti1Image(ramp, np.eye(4)), tmp_path / "case.nii.gz")
    opened = notebook([app_cell(tmp_path, "labeler = manager.labeler('case', model='shapes')\nlabeler")])
    opened.run(0)
    page = LabelerPage(opened)
    page.wait_for_image()
    return page


def wait_for(labeler: LabelerPage, voxels: set[tuple[int, ...]]) -> None:
    """Until the kernel's labelled voxels are those, and the page shows as many."""
    labeler.notebook.kernel.wait_for("np.argwhere(labeler.mask == 1).tolist()", sorted(list(v) for v in voxels))
    labeler.page.wait_for_function(
        "([root, sum]) => root.jlabelDebug.maskSum() === sum", arg=[labeler.root.element_handle(), len(voxels)]
    )
    labeler.wait_idle()


def listed(labeler: LabelerPage) -> list[str]:
    """The prompts in the side bar, as a screen reader names them."""
    return [row.get_attribute("aria-label") or "" for row in labeler.root.locator(".jl-prompt-name").all()]


def wait_listed(labeler: LabelerPage, names: list[str]) -> None:
    rows = labeler.root.locator(".jl-prompt-name")
    labeler.page.wait_for_function(
        "([root, names]) => JSON.stringify([...root.querySelectorAll('.jl-prompt-name')]"
        ".map((row) => row.ariaLabel ?? row.getAttribute('aria-label'))) === JSON.stringify(names)",
        arg=[labeler.root.element_handle(), names],
    )
    assert rows.count() == len(names)


def press(labeler: LabelerPage, *keys: str) -> None:
    labeler.root.focus()
    for key in keys:
        labeler.page.keyboard.press(key)


def cuboid(lower: Sequence[int], upper: Sequence[int]) -> set[tuple[int, ...]]:
    size = [up - low + 1 for low, up in zip(lower, upper, strict=True)]
    return {tuple(np.add(lower, index).tolist()) for index in np.ndindex(*size)}


def pull(labeler: LabelerPage, start: tuple[float, float, int], by: tuple[int, int]) -> None:
    """Press at a place, which may lie between voxels, and move by so many voxels."""
    labeler.drag("axial", [start, (start[0] + by[0], start[1] + by[1], start[2])])


def cursor(labeler: LabelerPage) -> str:
    return str(labeler.pane("axial").locator("canvas").evaluate("(canvas) => canvas.style.cursor"))


def test_a_click_is_selected_moved_flipped_and_removed(labeler: LabelerPage) -> None:
    labeler.tool("click-add")
    labeler.click("axial", (10, 10, 15))
    wait_for(labeler, {(10, 10, 15)})
    labeler.click("axial", (20, 20, 15))
    wait_for(labeler, {(10, 10, 15), (20, 20, 15)})

    # A press on a prompt takes hold of it, and clicks no further.
    labeler.page.mouse.move(*labeler.point("axial", (20, 10, 15)))
    assert cursor(labeler) == "crosshair"
    labeler.page.mouse.move(*labeler.point("axial", (10, 10, 15)))
    labeler.page.wait_for_timeout(50)
    assert cursor(labeler) == "grab"
    labeler.click("axial", (10, 10, 15))
    assert labeler.root.locator('.jl-prompt-name[aria-pressed="true"]').count() == 1
    assert len(listed(labeler)) == 2
    labeler.drag("axial", [(10, 10, 15), (14, 12, 15)])
    wait_for(labeler, {(14, 12, 15), (20, 20, 15)})
    # It stays inside of the image.
    labeler.drag("axial", [(14, 12, 15), (-3, 12, 15)])
    wait_for(labeler, {(0, 12, 15), (20, 20, 15)})

    press(labeler, "Shift+X")
    wait_for(labeler, {(20, 20, 15)})
    wait_listed(labeler, ["Exclude click for first, 0, 12, 15", "Include click for first, 20, 20, 15"])
    press(labeler, "Alt+Shift+ArrowUp")
    wait_listed(labeler, ["Exclude click for first, 0, 13, 15", "Include click for first, 20, 20, 15"])
    press(labeler, "Delete")
    wait_listed(labeler, ["Include click for first, 20, 20, 15"])
    press(labeler, "p", "Escape", "Delete")
    labeler.page.wait_for_timeout(200)
    assert len(listed(labeler)) == 1
    assert labeler.root.locator('[data-tool="click-add"]').get_attribute("aria-pressed") == "true"
    press(labeler, "p", "Backspace")
    wait_listed(labeler, [])
    wait_for(labeler, set())
    press(labeler, "Control+z")
    wait_for(labeler, {(20, 20, 15)})


def test_a_box_is_moved_by_its_line_and_resized_by_its_handles(labeler: LabelerPage) -> None:
    labeler.tool("box")
    labeler.drag("axial", [(12, 9, 15), (25, 16, 15)])
    wait_for(labeler, cuboid((12, 9, 15), (25, 16, 15)))
    # A corner is half a voxel further out than the last voxel.
    pull(labeler, (25.5, 16.5, 15), (4, 4))
    wait_for(labeler, cuboid((12, 9, 15), (29, 20, 15)))
    # Its line, away from the handles.
    pull(labeler, (11.5, 11, 15), (3, 0))
    wait_for(labeler, cuboid((15, 9, 15), (32, 20, 15)))
    # Given up with the right button.
    mouse = labeler.page.mouse
    mouse.move(*labeler.point("axial", (32.5, 20.5, 15)))
    mouse.down()
    mouse.move(*labeler.point("axial", (20, 20, 15)), steps=3)
    mouse.down(button="right")
    mouse.up(button="right")
    mouse.up()
    press(labeler, "Control+z")
    wait_for(labeler, cuboid((12, 9, 15), (29, 20, 15)))


def test_prompts_wait_for_one_run(labeler: LabelerPage) -> None:
    labeler.root.locator('[data-action="auto-run"]').uncheck()
    labeler.tool("click-add")
    for place in ((10, 10, 15), (20, 10, 15), (30, 10, 15)):
        labeler.click("axial", place)
    first, second, third = (f"Include click for first, {i}, 10, 15, waiting" for i in (10, 20, 30))
    wait_listed(labeler, [first, second, third])
    assert labeler.root.locator('[data-action="run"]').inner_text() == "Run 3 waiting"
    wait_for(labeler, set())
    press(labeler, "Control+z")
    wait_listed(labeler, [first, second])
    press(labeler, "Enter")
    wait_for(labeler, {(10, 10, 15), (20, 10, 15)})
    wait_listed(labeler, [first.removesuffix(", waiting"), second.removesuffix(", waiting")])
    press(labeler, "Control+z")
    wait_for(labeler, set())
    wait_listed(labeler, [first, second])
    press(labeler, "Control+y")
    wait_for(labeler, {(10, 10, 15), (20, 10, 15)})
    # Without a mouse: the crosshair is pressed, and then the model is run.
    press(labeler, "Shift+ArrowRight", "Enter", "Control+Enter")
    labeler.notebook.kernel.wait_for("int(labeler.mask.sum())", 3)


def test_the_list_walks_flips_removes_and_goes_there(labeler: LabelerPage) -> None:
    kernel = labeler.notebook.kernel
    labeler.tool("click-add")
    labeler.click("axial", (10, 10, 15))
    labeler.turn_wheel("axial", 4)
    at = labeler.slice("axial")
    labeler.tool("scribble")
    labeler.drag("axial", [(20, 20, at), (24, 20, at)])
    kernel.wait_for("int(labeler.mask.sum())", 6)
    rows = labeler.root.locator(".jl-prompt-name")
    rows.nth(0).click()
    assert labeler.slice("axial") == 15
    rows.nth(0).focus()
    labeler.page.keyboard.press("ArrowDown")
    assert labeler.slice("axial") == at
    assert rows.nth(1).evaluate("(row) => row === document.activeElement")
    labeler.root.locator('.jl-prompt [data-action="prompt-flip"]').nth(1).click()
    kernel.wait_for("int(labeler.mask.sum())", 1)
    labeler.root.locator('.jl-prompt [data-action="prompt-remove"]').nth(1).click()
    wait_listed(labeler, ["Include click for first, 10, 10, 15"])


def test_a_model_starts_from_the_present_mask(labeler: LabelerPage) -> None:
    button = labeler.root.locator('[data-action="prompt-mask"]')
    assert button.is_disabled()
    assert "cannot start from a mask" in (button.get_attribute("title") or "")
    labeler.root.locator('[data-choose="model"]').select_option("ball")
    button.click()
    labeler.root.locator(".jl-error").wait_for()
    assert "has no voxels to start from" in labeler.root.locator(".jl-error").inner_text()
    labeler.tool("click-add")
    labeler.click("axial", (20, 20, 15))
    kernel = labeler.notebook.kernel
    kernel.wait_for("bool(labeler.mask[20, 20, 15])")
    ball = kernel.eval("int(labeler.mask.sum())")
    button.click()
    wait_listed(labeler, ["Present mask for first"])
    labeler.tool("click-remove")
    labeler.click("axial", (22, 20, 15))
    kernel.wait_for("bool(labeler.mask[22, 20, 15])", False)
    assert 0 < kernel.eval("int(labeler.mask.sum())") < ball


def test_prompts_are_there_again_after_saving_and_after_a_killed_kernel(labeler: LabelerPage) -> None:
    kernel = labeler.notebook.kernel
    labeler.tool("click-add")
    labeler.click("axial", (10, 10, 15))
    wait_for(labeler, {(10, 10, 15)})
    labeler.root.focus()
    labeler.page.keyboard.press("s")
    kernel.wait_for("labeler.dirty", False)
    labeler.click("axial", (20, 20, 15))
    wait_for(labeler, {(10, 10, 15), (20, 20, 15)})
    labeler.page.wait_for_timeout(300)
    os.kill(kernel.eval("__import__('os').getpid()"), signal.SIGKILL)
    labeler.root.get_by_text("The kernel was restarted").wait_for()
    labeler.page.locator(".jp-Dialog .jp-mod-accept").click()
    labeler.notebook.close()
    labeler.notebook.run(0)
    later = LabelerPage(labeler.notebook)
    later.wait_for_image()
    wait_listed(later, ["Include click for first, 10, 10, 15", "Include click for first, 20, 20, 15"])
    wait_for(later, {(10, 10, 15), (20, 20, 15)})
    later.tool("navigate")
    later.drag("axial", [(10, 10, 15), (12, 14, 15)])
    wait_for(later, {(12, 14, 15), (20, 20, 15)})


def test_two_hundred_clicks_in_twenty_seconds(labeler: LabelerPage, page_errors: list[str]) -> None:
    kernel = labeler.notebook.kernel
    kernel.run("manager.app.infers['shapes'].pause = 0.05")
    before = kernel.eval("__import__('resource').getrusage(0).ru_maxrss")
    labeler.tool("click-add")
    # Eleven voxels apart, so that no click takes hold of the one before.
    places = [(3 + 2 * (n % 17), 2 + 3 * (n // 17 % 11), 15 if n < 100 else 20) for n in range(200)]
    for n, place in enumerate(places):
        if n == 100:
            labeler.tool("navigate")
            press(labeler, *["ArrowUp"] * 5, "c")
        labeler.page.mouse.click(*labeler.point("axial", place))
    kernel.wait_for("len(labeler.prompts)", len(set(places)), timeout=30)
    labeler.wait_idle()
    wait_for(labeler, set(places))
    assert labeler.root.locator(".jl-error").count() == 0
    assert page_errors == []
    assert kernel.eval("__import__('resource').getrusage(0).ru_maxrss") - before < 200_000
