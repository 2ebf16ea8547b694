"""Objects told apart as a person works on them: a click each, a new one by key, the one under the pointer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from tests.browser.labeler import LabelerPage, app_cell
from tests.browser.notebook import Notebook

Open = Callable[[Sequence[str]], Notebook]
COUNTS = "np.bincount(labeler.mask.ravel(), minlength=6).tolist()[1:6]"


def test_each_click_is_an_object_with_a_colour_of_its_own(notebook: Open, tmp_path: Path) -> None:
    Image.fromarray(np.full((60, 80), 90, np.uint8)).save(tmp_path / "cells.png")
    cell = "labeler = manager.labeler('cells', model='ball')\nlabeler"
    opened = notebook([app_cell(tmp_path, cell)])
    opened.run(0)
    labeler = LabelerPage(opened)
    labeler.wait_for_image("cells")
    root, page = labeler.root, labeler.page
    plane = str(root.locator(".jl-pane").first.get_attribute("data-plane"))
    row = root.locator('.jl-label[data-label="first"]')
    row.hover()
    row.locator(".jl-more").click()
    row.locator('[data-switch="instances"]').check(force=True)
    row.locator("[data-active-object]").wait_for()
    page.keyboard.press("Escape")

    labeler.tool("click-add")
    places = [(12, 12, 0), (12, 40, 0), (40, 12, 0)]
    for number, place in enumerate(places, 1):
        labeler.click(plane, place)
        row.locator(f'[data-active-object="{[1, 3, 4][number - 1]}"]').wait_for()
    labeler.wait_idle()
    row.locator(".jl-size", has_text="3 objects").wait_for()
    near = [(i, j + 2, 0) for i, j, _ in places]
    assert len({labeler.color(plane, place) for place in near}) == 3
    before = opened.kernel.eval(COUNTS)
    assert before[1] == before[4] == 0
    assert min(before[0], before[2], before[3]) > 20

    # A click on an object goes on with it, and so does one with the navigation tool.
    labeler.click(plane, (12, 14, 0))
    row.locator('[data-active-object="1"]').wait_for()
    labeler.tool("navigate")
    labeler.click(plane, (40, 15, 0))
    row.locator('[data-active-object="4"]').wait_for()

    page.keyboard.press("Shift+J")
    row.locator('[data-active-object="5"]').wait_for()
    labeler.tool("brush")
    labeler.drag(plane, [(40, 40, 0), (40, 50, 0)])
    opened.kernel.wait_for(f"{COUNTS}[4] > 0", True)
    row.locator(".jl-size", has_text="4 objects").wait_for()
    # Alt takes the object under the pointer, and paints nothing.
    page.keyboard.down("Alt")
    labeler.click(plane, (12, 42, 0))
    page.keyboard.up("Alt")
    row.locator('[data-active-object="3"]').wait_for()
    assert opened.kernel.eval(COUNTS)[2] == before[2]
