"""Training beside the person: the panel of a job in its cell, and the labeler that goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.notebook import Notebook

Open = Callable[[Sequence[str]], Notebook]
SHAPE = (20, 18, 12)
APP = Path(__file__).with_name("app_that_trains.py")
# A busy machine takes a while to start the process of a job.
expect.set_options(timeout=30_000)


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """The training ends once this file is there."""
    return tmp_path / "gate"


@pytest.fixture
def app(tmp_path: Path, gate: Path) -> str:
    """A cell that makes the app over seven volumes, and its manager; its jobs wait for none of another test."""
    studies, locks = tmp_path / "studies", tmp_path / "locks"
    studies.mkdir()
    locks.mkdir()
    for number in range(1, 8):
        voxels = np.indices(SHAPE).sum(axis=0).astype(np.int16)
        nib.save(nib.Nifti1Image(voxels, np.eye(4)), studies / f"case_{number}.nii.gz")
    head = f"import os, tempfile\nos.environ['TMPDIR'] = tempfile.tempdir = {str(locks)!r}\n"
    head += f"os.environ['TRAINING_GATE'] = {str(gate)!r}\n"
    manager = f"manager = jlabel.AppManager(App({str(studies)!r}, labels=['first', 'second']))"
    return f"{head}{APP.read_text(encoding='utf-8')}\nimport jlabel\n\n{manager}\n"


def panel_of(opened: Notebook, cell: int) -> Locator:
    """The live panel under a cell."""
    panel = opened.output_area(cell).locator(".jlj-panel[data-state]")
    panel.wait_for()
    return panel


def test_the_panel_is_live_while_a_cell_runs_and_after_a_reload(notebook: Open, app: str, gate: Path) -> None:
    busy = f"while not Path({str(gate)!r}).exists():\n    time.sleep(0.1)"
    opened = notebook([app, "job = manager.train('learner')\njob", busy, "manager.jobs()[0]"])
    opened.run(0)
    opened.run(1)
    panel = panel_of(opened, 1)
    expect(panel.locator("h3")).to_have_text("Training learner")
    expect(panel.locator(".jlj-state")).to_have_text("Running")
    expect(panel.locator(".jlj-line")).to_contain_text("s left · epoch")
    panel.locator(".u-over").wait_for()
    assert opened.output_area(1).locator(".jlj-panel").count() == 1

    opened.run(2, wait=False)
    panel.locator("summary", has_text="Table").click()
    rows = panel.locator(".jlj-scroll tbody tr")
    # The cell that runs does not hold it up.
    expect(rows.nth(rows.count() + 5)).to_be_visible()
    panel.locator("summary", has_text="Log").click()
    expect(panel.locator("[data-part=log] pre")).to_contain_text("<i>learning</i> from")

    opened.reload()
    panel = panel_of(opened, 1)
    expect(panel.locator(".jlj-state")).to_have_text("Running")
    panel.locator('[data-action="cancel"]').click()
    expect(panel.locator(".jlj-state")).to_have_text("Cancelled")
    panel.locator('[data-action="resume"]').click()
    expect(panel.locator(".jlj-state")).to_have_text("Running")
    gate.touch()
    expect(panel.locator(".jlj-outcome")).to_have_text("Version 1 was published; it is in use.")
    expect(panel.locator(".jlj-state")).to_have_text("Done")

    opened.kernel.wait_for("job.state", "done")
    opened.run(3)
    expect(panel_of(opened, 3).locator(".jlj-state")).to_have_text("Done")
    # Readers without a kernel see the last state.
    assert any("done, 100%" in str(output["data"].get("text/html")) for output in opened.outputs(1))
