"""Training beside the person: the panel of a job in its cell, and the labeler that goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import load_axe, violations
from tests.browser.labeler import LabelerPage
from tests.browser.notebook import Notebook, set_theme

Open = Callable[[Sequence[str]], Notebook]
SHAPE = (20, 18, 12)
APP = Path(__file__).with_name("app_that_trains.py")
# What the notebook would be saved with for readers without a kernel, once that is the end of the job in the cell.
STILL_AT_THE_END = """(cell) => {
  const outputs = window.jupyterapp.shell.currentWidget.content.widgets[cell].model.sharedModel.getOutputs();
  const stills = outputs.map(({ data }) => [data?.["text/html"] ?? ""].flat().join(""));
  return stills.find((html) => html.includes("done, 100%"));
}"""
# A busy machine takes a while to start the process of a job.
expect.set_options(timeout=30_000)


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Path]:
    """The training ends once this file is there, at the latest with the test."""
    gate = tmp_path / "gate"
    yield gate
    gate.touch()


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
    free = gate.with_name("free")
    busy = f"while not Path({str(free)!r}).exists():\n    time.sleep(0.1)"
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

    free.touch()
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
    # Readers without a kernel see the last state, which came long after the page was loaded again.
    still = opened.page.wait_for_function(STILL_AT_THE_END, arg=1)
    assert "Version 1 was published" in str(still.json_value())
    opened.run(3)
    expect(panel_of(opened, 3).locator(".jlj-state")).to_have_text("Done")
    # Readers without a kernel see the last state.
    assert any("done, 100%" in str(output["data"].get("text/html")) for output in opened.outputs(3))


@pytest.fixture
def labeler(notebook: Open, app: str) -> LabelerPage:
    """The labeler on the first volume, with four others labelled."""
    label = "for number in range(2, 6):\n    manager.save_label(f'case_{number}', np.ones((20, 18, 12), np.uint8))"
    show = "labeler = manager.labeler('case_1', strategy='first')\nlabeler"
    opened = notebook([f"{app}\n{label}\n{show}"])
    opened.run(0)
    page = LabelerPage(opened)
    page.wait_for_image("case_1")
    return page


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_serious_while_a_training_runs_and_after(
    notebook: Open, app: str, gate: Path, theme: str
) -> None:
    label = "for number in range(2, 6):\n    manager.save_label(f'case_{number}', np.ones((20, 18, 12), np.uint8))"
    opened = notebook([f"{app}\n{label}", "manager.train('learner')", "manager.labeler('case_1')"])
    page = opened.page
    opened.run_all()
    load_axe(page)
    set_theme(page, theme)
    panel, labeler = panel_of(opened, 1), LabelerPage(opened, 2)
    labeler.wait_for_image("case_1")
    labeler.root.locator('[data-action="auto-train"]').check()
    expect(panel.locator(".jlj-state")).to_have_text("Running")
    panel.locator(".u-over").wait_for()
    panel.locator("summary", has_text="Table").click()
    panel.locator("summary", has_text="Log").click()
    expect(panel.locator("[data-part=log] pre")).to_contain_text("<i>learning</i> from")
    labeler.root.locator(".jl-training[data-state=running]").wait_for()
    assert violations(page, ".jlj-panel") == []
    assert violations(page) == []

    panel.locator('[data-action="cancel"]').click()
    expect(panel.locator(".jlj-state")).to_have_text("Cancelled")
    assert violations(page, ".jlj-panel") == []
    panel.locator('[data-action="resume"]').click()
    expect(panel.locator(".jlj-state")).to_have_text("Running")
    gate.write_text("break")
    expect(panel.locator(".jlj-state")).to_have_text("Failed")
    expect(panel.get_by_role("alert")).to_contain_text("the images are not of one kind")
    expect(labeler.root.locator('[data-part="last-training"]')).to_contain_text("Failed")
    assert violations(page, ".jlj-panel") == []
    assert violations(page) == []


def test_train_in_the_labeler_then_run_the_new_version(labeler: LabelerPage, gate: Path) -> None:
    kernel, root = labeler.notebook.kernel, labeler.root
    labeler.do("train")
    line = root.locator(".jl-training[data-state=running]")
    line.wait_for()
    expect(line).to_contain_text("Dice")
    expect(line).to_contain_text("s left")
    assert root.locator('[data-action="train"]').is_disabled()
    # Clicks are answered meanwhile.
    labeler.tool("click-add")
    labeler.click("axial", (10, 9, 6))
    kernel.wait_for("int(labeler.mask[10, 9, 6])", 1)
    labeler.page.keyboard.press("Control+z")
    kernel.wait_for("bool(labeler.mask.any())", False)

    gate.touch()
    expect(root.locator(".jl-activity")).to_contain_text("learner version 1 is in use")
    expect(line).to_have_count(0)
    root.locator('[data-choose="model"]').select_option("learner")
    expect(root.locator('[data-part="version"]')).to_have_text("Version 1 is in use")
    labeler.do("run")
    kernel.wait_for("labeler.mask.sum(axis=(0, 1)).nonzero()[0].tolist()", [0])
    expect(root.locator('[data-part="made-by"]')).to_contain_text("learner (version 1)")

    root.focus()
    labeler.page.keyboard.press("Shift+T")
    expect(root.locator(".jl-activity")).to_contain_text("learner version 2 is in use")
    labeler.do("run")
    kernel.wait_for("labeler.mask.sum(axis=(0, 1)).nonzero()[0].tolist()", [0, 1])
    expect(root.locator('[data-part="made-by"]')).to_have_text("This label: pointed, learner (version 2)")


def test_a_cancelled_training_says_how_far_it_came_and_is_resumed(labeler: LabelerPage, gate: Path) -> None:
    root = labeler.root
    labeler.do("train")
    line = root.locator(".jl-training[data-state=running]")
    expect(line).to_contain_text("epoch 3")
    line.locator('[data-action="cancel-training"]').click()
    ended = root.locator(".jl-training[data-state=cancelled]")
    expect(ended).to_contain_text("Training learner Cancelled after epoch")
    expect(ended).to_contain_text("Resume goes on from there")
    expect(root.locator('[data-part="last-training"]')).to_contain_text("Cancelled after epoch")
    ended.locator('[data-action="resume-training"]').click()
    line.wait_for()
    gate.touch()
    expect(root.locator(".jl-activity")).to_contain_text("learner version 1 is in use")
    assert labeler.notebook.kernel.eval("[job.state for job in manager.jobs()]") == ["done"]


def test_it_trains_by_itself_once_with_the_fifth_label(labeler: LabelerPage, gate: Path) -> None:
    kernel, root = labeler.notebook.kernel, labeler.root
    root.locator('[data-action="auto-train"]').check()
    expect(root.get_by_text("Next with 5 saved labels; there are 4.")).to_be_visible()
    assert kernel.eval("len(manager.jobs())") == 0
    labeler.do("save")
    root.locator(".jl-training[data-state=running]").wait_for()
    labeler.do("next")
    labeler.wait_for_image("case_6")
    labeler.do("save")
    gate.touch()
    expect(root.get_by_text("Next with 8 saved labels; there are 6.")).to_be_visible()
    assert kernel.eval("[(job.state, job.name) for job in manager.jobs()]") == [["done", "learner"]]


def test_first_masks_are_made_from_the_labeler_seen_in_the_list_and_accepted(labeler: LabelerPage, gate: Path) -> None:
    kernel, root = labeler.notebook.kernel, labeler.root
    button = root.get_by_role("button", name="First masks")
    expect(button).to_be_disabled()
    expect(root.locator('[data-part="first-masks"]')).to_contain_text("save the labels of a few images")
    # A draft that was begun is a person's.
    labeler.tool("brush")
    labeler.drag("axial", [(10, 9, 6), (12, 9, 6)])
    kernel.wait_for("sorted(manager.datastore.workspace.drafted_images())", ["case_1"])
    gate.touch()
    labeler.do("train")
    expect(root.locator(".jl-activity")).to_contain_text("learner version 1 is in use")
    expect(button).to_be_enabled()
    root.focus()
    labeler.page.keyboard.press("j")
    chip = root.locator('[data-image="case_7"] .jl-chip')
    expect(chip).to_have_text("Unlabelled")
    labeler.page.keyboard.press("Escape")
    root.focus()
    labeler.page.keyboard.press("Shift+M")
    labeler.page.keyboard.press("j")
    expect(root.locator('[data-part="first-masks"]')).to_have_text("2 images were done.")
    expect(chip).to_have_text("Model's")
    expect(root.locator('[data-image="case_1"] .jl-state-unlabelled')).to_be_visible()
    expect(root.locator('[data-image="case_2"] .jl-chip')).to_have_text("Labelled")
    root.locator('[data-image="case_7"]').click()
    root.locator('[data-answer="discard"]').click()
    labeler.wait_for_image("case_7")
    kernel.wait_for("labeler.mask.sum(axis=(0, 1)).nonzero()[0].tolist()", [0])
    expect(root.locator('[data-part="made-by"]')).to_have_text("This label: learner (version 1)")
    labeler.do("save")
    kernel.wait_for("'final' in manager.datastore.get_labels_by_image_id('case_7')")
    kernel.wait_for("int(manager.label('case_7').sum())", 20 * 18)
    labels = "[sorted(manager.datastore.get_labels_by_image_id(f'case_{n}')) for n in (1, 2, 6)]"
    assert kernel.eval(labels) == [[], ["final"], ["original"]]
