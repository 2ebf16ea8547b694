"""What is said under the picture: a draft that is in memory alone, and a structure that goes on beyond the region."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import nibabel as nib
import numpy as np

from tests.browser.axe import load_axe, violations
from tests.browser.labeler import LabelerPage, app_cell
from tests.browser.notebook import Notebook

Open = Callable[[Sequence[str]], Notebook]
# As on a full disk: no file grows beyond that many bytes.
_LIMIT = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, ({}, resource.RLIM_INFINITY))"


def shown(notebook: Open, cell: str) -> LabelerPage:
    opened = notebook([cell])
    opened.run(0)
    labeler = LabelerPage(opened)
    labeler.wait_for_image()
    return labeler


def test_unsaved_changes_in_memory_alone_are_said_until_there_is_room(notebook: Open, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 100, (40, 36, 30), dtype=np.int16)
    nib.save(nib.Nifti1Image(noise, np.eye(4)), tmp_path / "case.nii.gz")
    labeler = shown(notebook, app_cell(tmp_path, "labeler = manager.labeler('case')\nlabeler"))
    kernel = labeler.notebook.kernel
    kernel.run(_LIMIT.format(10))
    labeler.tool("brush")
    labeler.drag("axial", [(8, 30, 15), (10, 30, 15)])
    note = labeler.root.locator("[data-not-on-disk]")
    note.wait_for()
    assert "in memory alone" in note.inner_text()
    load_axe(labeler.page)
    assert violations(labeler.page) == []
    kernel.run(_LIMIT.format("resource.RLIM_INFINITY"))
    note.wait_for(state="detached")
    painted = kernel.eval("int(labeler.mask.sum())")
    kernel.run("labeler.close()")
    kernel.run("again = manager.labeler('case')")
    assert kernel.eval("int(again.mask.sum())") == painted > 0


_BRIGHT = """
import jlabel


class Bright(jlabel.InteractiveTask):
    def pre_transforms(self, data):
        return []

    inferer = post_transforms = pre_transforms

    def segment(self, crop, request, watch):
        return crop.array > 0


class App(jlabel.LabelApp):
    def init_infers(self):
        return {{"bright": Bright()}}


manager = jlabel.AppManager(App({!r}, labels=["bar"]), device="cpu")
labeler = manager.labeler("bar")
labeler
"""


def test_a_structure_that_goes_on_is_looked_for_further(notebook: Open, tmp_path: Path) -> None:
    bar = np.zeros((300, 60, 60), np.int16)
    bar[:, 20:40, 20:40] = 500
    nib.save(nib.Nifti1Image(bar, np.eye(4)), tmp_path / "bar.nii.gz")
    labeler = shown(notebook, _BRIGHT.format(str(tmp_path)))
    labeler.tool("click-add")
    labeler.click("axial", (150, 30, 30))
    note = labeler.root.locator("[data-cut-off]")
    note.wait_for()
    assert "bar ends where the model stopped looking" in note.inner_text()
    reached = "int(labeler.mask.any(axis=(1, 2)).sum())"
    assert labeler.notebook.kernel.eval(reached) == 160
    load_axe(labeler.page)
    assert violations(labeler.page) == []
    note.get_by_role("button", name="Continue").click()
    labeler.notebook.kernel.wait_for(reached, 300)
    note.wait_for(state="detached")
