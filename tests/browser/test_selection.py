"""Choosing what to label next as a person sees it: the picker, reasons, scores in the list, where a person is needed,
the uncertainty over the slices, and the review of finished labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from tests.browser.labeler import LabelerPage
from tests.browser.notebook import Notebook

Open = Callable[[Sequence[str]], Notebook]

APP = Path(__file__).with_name("app_that_chooses.py")
SHAPE = (40, 36, 30)
# Where the model is unsure: the second place lies in what the first label is.
PLACES = {(8, 8, 5): 0.9, (28, 20, 22): 0.6}
# A review as it is, but for the fourth label, which comes first with a reason of its own.
MOST_SUSPICIOUS = """
from dataclasses import replace

review = manager.review

def fourth_first(*given, **options):
    found = [
        replace(one, reason="<img src=x onerror=alert(1)> slice 20 is empty") if one.image_id == "case_3" else one
        for one in review(*given, **options)
    ]
    return sorted(found, key=lambda one: (one.looked_at, one.image_id != "case_3", one.image_id))

manager.review = fourth_first
"""


def write_images(folder: Path) -> None:
    """Eight images, each brighter than the one before, with a bright box."""
    for n in range(8):
        voxels = np.full(SHAPE, 10 + n, np.int16)
        voxels[22:34, 14:26, 16:28] = 90
        nib.save(nib.Nifti1Image(voxels, np.eye(4)), folder / f"case_{n}.nii.gz")


def labels_cell(labelled: int) -> str:
    """Save final labels of the first images."""
    return f"""
for n in range({labelled}):
    mask = np.zeros({SHAPE}, np.uint8)
    mask[22:34, 14:26, 16:28] = 1
    manager.save_label(f"case_{{n}}", mask)
"""


def scores_cell() -> str:
    return """
Brightness()({}, manager.datastore)
"""


def app_cell(studies: Path, more: str = "") -> str:
    source = APP.read_text(encoding="utf-8")
    manager = f"manager = AppManager(App({str(studies)!r}, labels=['first', 'second']), device='cpu')"
    return (
        f"{source}\nfrom jlabel import AppManager\n\n{manager}\nknow_how_unsure(manager, {PLACES})\n{more}\n"
        "labeler = manager.labeler(strategy='brightest')\nlabeler"
    )


@pytest.fixture
def show(notebook: Open, tmp_path: Path) -> Callable[..., LabelerPage]:
    write_images(tmp_path)

    def open_labeler(more: str = "") -> LabelerPage:
        opened = notebook([app_cell(tmp_path, more)])
        opened.run(0)
        page = LabelerPage(opened)
        page.wait_for_image()
        page.wait_idle()
        return page

    return open_labeler


def text(labeler: LabelerPage, part: str) -> str:
    return labeler.root.locator(f'[data-part="{part}"]').first.inner_text()


def test_the_picker_says_what_is_missing_and_computes_it(show: Callable[..., LabelerPage]) -> None:
    labeler = show()
    ready = labeler.root.locator('[data-part="readiness"]')
    labeler.page.wait_for_function("(node) => /needs scores/i.test(node.textContent)", arg=ready.element_handle())
    assert "manager.score" not in ready.inner_text()
    labeler.root.locator(".jl-strategies summary").click()
    described = labeler.root.locator('[data-strategy="brightest"]')
    assert "The brightest <i>image</i>" in described.inner_text()
    labeler.do("score")
    labeler.root.locator('.jl-training[data-kind="score"]').wait_for()
    labeler.notebook.kernel.wait_for("len(manager.datastore.scores.scored('brightness'))", 8)
    labeler.root.locator('[data-part="readiness"]', has_text="8 of 8").wait_for()
    assert labeler.root.locator('[data-action="score"]').count() == 0


def test_next_says_why_this_image_and_opening_by_hand_says_nothing(show: Callable[..., LabelerPage]) -> None:
    labeler = show(labels_cell(5) + scores_cell())
    assert labeler.root.get_attribute("data-image-id") == "case_7"
    labeler.do("next")
    labeler.wait_for_image("case_6")
    reason = labeler.root.locator('[data-part="reason"]')
    assert reason.inner_text().startswith("brightest <b>first</b>, 0.19")
    assert reason.get_attribute("title") == labeler.notebook.kernel.eval("labeler._controller.open_image.reason")
    labeler.notebook.kernel.run("labeler.open('case_0')")
    labeler.wait_for_image("case_0")
    assert reason.count() == 0


def test_the_list_is_sorted_by_score_and_follows_scores_that_arrive(show: Callable[..., LabelerPage]) -> None:
    labeler = show(labels_cell(5) + scores_cell())
    labeler.do("images")
    rows = labeler.root.locator(".jl-gallery-row[data-image]")
    rows.first.wait_for()
    assert rows.first.get_attribute("data-image") == "case_0"
    labeler.root.locator('[data-choose="image-order"]').select_option("score")
    labeler.root.locator('.jl-gallery-row[aria-posinset="1"][data-image="case_7"]').wait_for()
    assert labeler.root.locator('[data-image="case_7"] .jl-gallery-score').inner_text() == "0.2"
    assert labeler.root.locator('[data-image="case_0"] .jl-gallery-score').count() == 0
    labeler.notebook.kernel.run("manager.datastore.scores.save([Score('case_2', 'brightness', 3.0)])")
    labeler.root.locator('.jl-gallery-row[aria-posinset="1"][data-image="case_2"]').wait_for()
    assert labeler.root.locator('[data-image="case_2"] .jl-gallery-score').inner_text() == "3"
    least = labeler.root.locator('[data-choose="least-score"]')
    least.fill("0.2")
    labeler.root.locator(".jl-count", has_text="2 images").wait_for()
    assert [row.get_attribute("data-image") for row in rows.all()] == ["case_2", "case_7"]
    least.fill("9")
    labeler.root.locator(".jl-gallery .jl-hint", has_text="No image here has a score from 9.").wait_for()


def test_where_a_person_is_needed_the_crosshair_goes_place_by_place(show: Callable[..., LabelerPage]) -> None:
    labeler = show()
    labeler.root.focus()
    labeler.page.keyboard.press("Shift+W")
    labeler.root.locator(".jl-activity", has_text="1 of 2").wait_for()
    assert labeler.root.locator(".jl-activity", has_text="the border of first").count() == 1
    assert np.linalg.norm(np.subtract(labeler.debug("cursor()"), (28, 20, 22))) <= 2
    labeler.do("where-needed")
    labeler.root.locator(".jl-activity", has_text="2 of 2").wait_for()
    assert np.linalg.norm(np.subtract(labeler.debug("cursor()"), (8, 8, 5))) <= 2
    labeler.root.focus()
    labeler.page.keyboard.press("Shift+W")
    labeler.root.locator(".jl-activity", has_text="1 of 2").wait_for()


def test_the_uncertainty_is_drawn_while_it_is_wanted_and_never_saved(show: Callable[..., LabelerPage]) -> None:
    labeler = show()
    page, kernel = labeler.page, labeler.notebook.kernel
    labeler.notebook.kernel.run("labeler.open('case_1')")
    labeler.wait_for_image("case_1")
    # Beside the crosshair.
    spot = (7, 7, 5)
    labeler.root.focus()
    labeler.page.keyboard.press("Shift+W")
    labeler.root.locator(".jl-activity", has_text="1 of 2").wait_for()
    labeler.do("where-needed")
    labeler.root.locator(".jl-activity", has_text="2 of 2").wait_for()
    before = labeler.color("axial", spot)
    assert before[0] == before[1] == before[2]
    labeler.root.focus()
    page.keyboard.press("Shift+U")
    page.wait_for_function("(root) => root.jlabelDebug.unsure() > 0", arg=labeler.root.element_handle())
    page.wait_for_timeout(200)
    red, green, blue = labeler.color("axial", spot)
    assert red > green + 60
    assert blue > green + 60
    assert kernel.eval("int(labeler.mask.sum())") == 0
    assert not kernel.eval("labeler.dirty")
    page.keyboard.press("Shift+U")
    page.wait_for_function("(root) => root.jlabelDebug.unsure() === 0", arg=labeler.root.element_handle())
    page.wait_for_timeout(200)
    assert labeler.color("axial", spot) == before


def test_a_review_goes_through_the_labels_and_ends(show: Callable[..., LabelerPage]) -> None:
    labeler = show(labels_cell(5) + MOST_SUSPICIOUS)
    kernel = labeler.notebook.kernel
    labeler.do("review")
    labeler.wait_for_image("case_3")
    reason = labeler.root.locator('[data-part="reason"]')
    assert reason.inner_text() == "<img src=x onerror=alert(1)> slice 20 is empty"
    assert labeler.root.locator(".jl-reason .jl-chip").inner_text() == "Review 1 of 5"
    assert labeler.root.locator('[data-action="skip"]').is_disabled()
    labeler.do("looks-right")
    labeler.root.locator(".jl-reason .jl-chip", has_text="Review 2 of 5").wait_for()
    kernel.wait_for("[one.image_id for one in review() if one.looked_at]", ["case_3"])
    # A label that is corrected and saved was looked at.
    second = labeler.root.get_attribute("data-image-id")
    labeler.tool("brush")
    labeler.drag("axial", [(5, 5, 15), (8, 5, 15)])
    labeler.do("save")
    kernel.wait_for("sorted(one.image_id for one in review() if one.looked_at)", sorted(["case_3", second]))
    labeler.do("next")
    labeler.root.locator(".jl-reason .jl-chip", has_text="Review 3 of 5").wait_for()
    labeler.root.locator('.jl-reason [data-action="review"]').click()
    labeler.root.locator(".jl-reason .jl-chip").wait_for(state="detached")
    assert kernel.eval("manager.datastore.current_version('case_3').number") == 1
