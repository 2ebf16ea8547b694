"""An open labeler follows what is done elsewhere: labels from Python and other kernels, first masks, trainers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import imageio.v3 as iio
import nibabel as nib
import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.axe import load_axe, violations
from tests.browser.labeler import LabelerPage
from tests.browser.notebook import Notebook

Open = Callable[[Sequence[str]], Notebook]
SHAPE = (20, 18, 12)
SAVE = """
import sys
import numpy as np
from jlabel.datastores import LocalDatastore
LocalDatastore(sys.argv[1]).save_label(sys.argv[2], np.ones((20, 18, 12), np.uint8))
"""
expect.set_options(timeout=30_000)


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    studies = tmp_path / "studies"
    studies.mkdir()
    for number in range(3):
        voxels = np.indices(SHAPE).sum(axis=0).astype(np.int16)
        nib.save(nib.Nifti1Image(voxels, np.eye(4)), studies / f"case_{number}.nii.gz")
    return studies


def opened(notebook: Open, studies: Path, image: str) -> LabelerPage:
    app = f"manager = jlabel.AppManager(jlabel.RadiologyApp({str(studies)!r}, labels=['first']), device='cpu')"
    show = f"labeler = manager.labeler({image!r}, strategy='first')\nlabeler"
    book = notebook([f"import jlabel\nimport numpy as np\n{app}\n{show}"])
    book.run(0)
    page = LabelerPage(book)
    page.wait_for_image(image)
    return page


def test_counts_the_list_and_the_open_image_follow(notebook: Open, studies: Path) -> None:
    labeler = opened(notebook, studies, "case_0")
    kernel, root = labeler.notebook.kernel, labeler.root
    count = root.locator('.jl-count[title="Labelled images of all images"]')
    expect(count).to_have_text("0 of 3 labelled")
    root.focus()
    labeler.page.keyboard.press("j")
    chip = root.locator('[data-image="case_1"] .jl-chip')
    expect(chip).to_have_text("Unlabelled")
    subprocess.run([sys.executable, "-c", SAVE, str(studies), "case_1"], check=True, timeout=120)
    expect(chip).to_have_text("Labelled")
    expect(count).to_have_text("1 of 3 labelled")
    # A first mask of the open image, which nobody has touched.
    kernel.run(
        "mask = np.zeros((20, 18, 12), np.uint8); mask[5:15, 5:13, 3:9] = 1\n"
        "manager.save_label('case_0', mask, 'original', {'models': ['net (version 2, Dice 0.81)']})"
    )
    expect(root.locator('[data-image="case_0"] .jl-state-model')).to_have_text("Model's")
    expect(root.locator('[data-part="made-by"]')).to_have_text("This label: net (version 2, Dice 0.81)")
    labeler.page.keyboard.press("Escape")
    assert labeler.color("axial", (10, 9, 6)) != labeler.color("axial", (2, 2, 6))
    assert kernel.eval("int((labeler.mask != mask).sum())") == 0
    expect(root.locator('[data-action="undo"]')).to_be_disabled()
    # The last ones are labelled from Python: nothing is left to do.
    kernel.run("[manager.save_label(f'case_{n}', np.ones((20, 18, 12), np.uint8)) for n in (0, 2)]")
    expect(count).to_have_text("3 of 3 labelled")
    root.focus()
    labeler.do("next")
    expect(root.locator(".jl-activity")).to_contain_text("All 3 images are labelled")


def test_trainers_that_cannot_work_are_not_offered(notebook: Open, tmp_path: Path) -> None:
    studies = tmp_path / "pictures"
    studies.mkdir()
    for number in range(2):
        noise = np.random.default_rng(number).integers(0, 255, (40, 50, 3)).astype(np.uint8)
        iio.imwrite(studies / f"p{number}.png", noise)
    labeler = opened(notebook, studies, "p0")
    kernel, root = labeler.notebook.kernel, labeler.root
    chosen = root.locator('[data-choose="trainer"]')
    expect(chosen).to_have_value("segmentation")
    unsuitable = chosen.locator("option:disabled")
    assert unsuitable.all_inner_texts() == ["deepgrow_3d"]
    assert "the images here are pictures in colours" in str(unsuitable.get_attribute("title"))
    train = root.locator('[data-action="train"]')
    expect(train).to_be_disabled()
    lacking = "No label is saved yet: save the labels of at least one image"
    expect(train).to_have_attribute("title", lacking)
    expect(root.locator('[data-part="obstacle"]')).to_have_text(lacking)
    load_axe(labeler.page)
    assert violations(labeler.page, ".jl-section") == []
    kernel.run("manager.save_label('p0', np.ones((40, 50), np.uint8))")
    expect(train).to_be_enabled()
    expect(root.locator('[data-part="obstacle"]')).to_have_count(0)
