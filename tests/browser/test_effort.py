"""What labeling costs, counted in a real page: clicks, strokes, undos, slices, seconds."""

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
def labeler(notebook: Open, tmp_path: Path) -> LabelerPage:
    ramp = np.indices(SHAPE).sum(axis=0).astype(np.int16)
    nib.save(nib.Nifti1Image(ramp, np.diag([1.0, 1.5, 2.0, 1.0])), tmp_path / "case.nii.gz")
    cell = app_cell(tmp_path, "labeler = manager.labeler('case', model='ball')\nlabeler")
    opened = notebook([cell, "manager.effort()"])
    opened.run(0)
    page = LabelerPage(opened)
    page.wait_for_image()
    return page


def heard(labeler: LabelerPage) -> None:
    """Wait until the kernel has heard everything."""
    labeler.page.wait_for_function("(root) => root.jlabelDebug.unacked() === 0", arg=labeler.root.element_handle())


def stroke(labeler: LabelerPage, way: Sequence[Sequence[float]]) -> None:
    labeler.tool("brush")
    labeler.drag("axial", way)
    heard(labeler)


def save(labeler: LabelerPage, version: int) -> None:
    labeler.do("save")
    labeler.notebook.kernel.wait_for("len(manager.datastore.label_history('case'))", version)
    labeler.root.and_(labeler.page.locator('[data-dirty="false"]')).wait_for()


def row(labeler: LabelerPage) -> dict[str, object]:
    """The one row of what labeling has cost by image."""
    kernel = labeler.notebook.kernel
    kernel.run("row = manager.effort().images; assert len(row) == 1, row")
    return kernel.eval("{key: value for key, value in vars(row[0]).items() if key != 'time'}")


def test_what_is_done_on_a_page_is_in_the_report(labeler: LabelerPage) -> None:
    labeler.tool("click-add")
    labeler.click("axial", (20, 18, 15))
    labeler.notebook.kernel.wait_for("int(labeler.mask.any())", 1)
    labeler.wait_idle()
    stroke(labeler, [(10, 10, 15), (30, 10, 15)])
    labeler.root.focus()
    labeler.page.keyboard.press("Control+z")
    heard(labeler)
    labeler.turn_wheel("axial", 2)
    heard(labeler)
    save(labeler, 1)
    found = row(labeler)
    counted = ("clicks", "prompts", "strokes", "undos", "slices", "model_runs", "operations", "labels")
    assert {name: found[name] for name in counted} == {
        "clicks": 1,
        "prompts": {"click": 1},
        "strokes": 1,
        "undos": 1,
        "slices": 3,
        "model_runs": 1,
        "operations": 0,
        "labels": 1,
    }
    assert found["stroke_length"] == pytest.approx(20, abs=1), "from voxel 10 to voxel 30, of 1 mm"
    assert 0 < float(str(found["seconds"])) < 300
    labeler.notebook.run(1)
    shown = labeler.notebook.output_area(1)
    shown.locator("svg[role=img]").wait_for()
    assert "1 image labelled" in shown.inner_text()


def test_after_a_reload_each_version_has_its_own(labeler: LabelerPage) -> None:
    stroke(labeler, [(10, 10, 15), (20, 10, 15)])
    save(labeler, 1)
    labeler.notebook.reload()
    again = LabelerPage(labeler.notebook)
    again.wait_for_image()
    stroke(again, [(10, 14, 15), (20, 14, 15)])
    save(again, 2)
    found = row(again)
    assert (found["strokes"], found["labels"]) == (2, 2)
    assert found["stroke_length"] == pytest.approx(20, abs=1)


def test_where_it_is_switched_off_a_page_tells_nothing(labeler: LabelerPage) -> None:
    kernel = labeler.notebook.kernel
    kernel.run("manager.log_effort = False")
    kernel.wait_for("labeler._controller._published['logEffort']", False)
    stroke(labeler, [(10, 10, 15), (20, 10, 15)])
    save(labeler, 1)
    assert kernel.eval("manager.datastore.label_history('case')[0].info.get('effort')") is None
    assert kernel.eval("len(manager.effort().images)") == 0
