"""What a person has set once stays: tool, brush, window and the width of the side bar, over Next and a reload."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from tests.browser.labeler import LabelerPage, app_cell
from tests.browser.notebook import Notebook

Open = Callable[[Sequence[str]], Notebook]


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    """Two CTs of other grids and a smaller one."""
    for name, shape, spacing in (("one", (40, 36, 30), 1.0), ("two", (20, 48, 24), 2.5)):
        ramp = np.indices(shape).sum(axis=0).astype(np.int16) * 12 - 1000
        nib.save(nib.Nifti1Image(ramp, np.diag([spacing, spacing, spacing, 1.0])), tmp_path / f"{name}.nii.gz")
    return tmp_path


@pytest.fixture
def labeler(notebook: Open, studies: Path) -> LabelerPage:
    opened = notebook([app_cell(studies, "labeler = manager.labeler('one', strategy='first', model='ball')\nlabeler")])
    opened.run(0)
    page = LabelerPage(opened)
    page.wait_for_image("one")
    return page


def looks(labeler: LabelerPage) -> dict[str, object]:
    pressed = labeler.root.locator('[data-tool][aria-pressed="true"]')
    return {
        "tool": pressed.get_attribute("data-tool"),
        "radius": labeler.root.get_by_label("Brush radius").get_attribute("aria-valuetext"),
        "window": labeler.debug("windowLevel()"),
    }


def test_tool_brush_and_window_survive_next_and_a_reload(labeler: LabelerPage) -> None:
    labeler.tool("brush")
    labeler.debug("setRadius(7.5)")
    labeler.root.locator('[data-choose="window"]').select_option("Lung")
    expected = {"tool": "brush", "radius": "7.5 mm", "window": [-1350, 150]}
    assert looks(labeler) == expected
    labeler.notebook.kernel.wait_for("labeler.tool", "brush")

    labeler.do("next")
    labeler.wait_for_image("two")
    assert looks(labeler) == expected

    labeler.notebook.reload()
    again = LabelerPage(labeler.notebook)
    again.wait_for_image("two")
    assert looks(again) == expected


def test_the_tool_follows_python(labeler: LabelerPage) -> None:
    labeler.notebook.kernel.run("labeler.tool = 'eraser'")
    labeler.root.locator('[data-tool="eraser"][aria-pressed="true"]').wait_for()


def test_the_side_bar_is_dragged_moved_by_keys_and_remembered(labeler: LabelerPage) -> None:
    edge = labeler.root.get_by_role("separator")
    bar = labeler.root.locator(".jl-sidebar")

    def width() -> int:
        return round((bar.bounding_box() or {})["width"])

    before, box = width(), edge.bounding_box() or {}
    at = box["x"] + 4, box["y"] + 40
    labeler.page.mouse.move(*at)
    labeler.page.mouse.down()
    labeler.page.mouse.move(at[0] - 100, at[1], steps=4)
    labeler.page.mouse.up()
    assert width() == before + 100
    labeler.page.keyboard.press("ArrowRight")
    assert width() == before + 84
    assert labeler.debug("cursor()")[2] == 15

    labeler.notebook.reload()
    labeler = LabelerPage(labeler.notebook)
    labeler.wait_for_image("one")
    bar = labeler.root.locator(".jl-sidebar")
    assert width() == before + 84
    labeler.root.get_by_role("separator").dblclick()
    assert width() == before


def test_in_a_narrow_pane_the_chosen_label_and_the_count_stay_in_view(labeler: LabelerPage) -> None:
    labeler.root.evaluate("(root) => { root.style.width = '600px'; }")
    stage = labeler.root.locator(".jl-stage").bounding_box() or {}
    for part in (".jl-header [data-chosen-label]", ".jl-header .jl-count"):
        labeler.root.locator(part).wait_for()
        box = labeler.root.locator(part).bounding_box() or {}
        assert box["y"] + box["height"] <= stage["y"]
    labeler.notebook.kernel.run("labeler.label = 'second'")
    labeler.root.locator('[data-chosen-label="second"]').wait_for()
