"""A labeler beside other widgets: links in the kernel and in the browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import nibabel as nib
import numpy as np

from tests.browser.labeler import LabelerPage, app_cell
from tests.browser.notebook import Notebook

CELL = """
import ipywidgets
labeler = manager.labeler('one', strategy='first', model='ball')
text, choice = ipywidgets.Text(), ipywidgets.Dropdown(options=['first', 'second'])
ipywidgets.jslink((labeler, 'label'), (text, 'value'))
ipywidgets.link((labeler, 'label'), (choice, 'value'))
ipywidgets.VBox([text, choice, labeler])
"""


def test_a_choice_goes_to_other_widgets_and_comes_from_them(
    notebook: Callable[[Sequence[str]], Notebook], tmp_path: Path
) -> None:
    nib.save(nib.Nifti1Image(np.full((20, 18, 16), 90, np.int16), np.eye(4)), tmp_path / "one.nii.gz")
    opened = notebook([app_cell(tmp_path, CELL)])
    opened.run(0)
    labeler = LabelerPage(opened)
    labeler.wait_for_image("one")
    area, page = opened.output_area(0), opened.page
    text, choice = area.locator(".widget-text input"), area.locator(".widget-dropdown select")

    labeler.root.focus()
    page.keyboard.press("2")
    opened.kernel.wait_for("labeler.label", "second")
    opened.kernel.wait_for("choice.value", "second")
    page.wait_for_function("(input) => input.value === 'second'", arg=text.element_handle())

    choice.select_option("first")
    opened.kernel.wait_for("labeler.label", "first")
    labeler.root.locator('.jl-label-name[aria-pressed="true"]', has_text="first").wait_for()

    text.fill("second")
    text.press("Enter")
    opened.kernel.wait_for("labeler.label", "second")
