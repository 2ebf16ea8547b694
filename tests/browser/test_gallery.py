"""Going on as a person does it: back and forth, and by the list of images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from playwright.sync_api import Locator

from tests.browser.axe import load_axe, violations
from tests.browser.labeler import LabelerPage, app_cell
from tests.browser.notebook import Notebook, set_theme

Open = Callable[[Sequence[str]], Notebook]
SHAPE = (20, 18, 12)


@pytest.fixture
def labeler(notebook: Open, tmp_path: Path) -> LabelerPage:
    """Three volumes and many pictures' worth of names; a person's label, a model's and none."""
    ramp = np.indices(SHAPE).sum(axis=0).astype(np.int16)
    for name in ("case_1", "case_2", "case_3", *(f"more/scan_{n:03}" for n in range(200))):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        nib.save(nib.Nifti1Image(ramp, np.eye(4)), tmp_path / f"{name}.nii.gz")
    labels = """
mask = np.zeros((20, 18, 12), np.uint8)
mask[5:10, 5:10, 4:8] = 1
manager.save_label('case_2', mask, 'original')
manager.save_label('case_3', mask)
labeler = manager.labeler('case_1', strategy='first')
labeler"""
    opened = notebook([app_cell(tmp_path, labels)])
    opened.run(0)
    page = LabelerPage(opened)
    page.wait_for_image("case_1")
    return page


def images(labeler: LabelerPage) -> Locator:
    """Open the list, and wait for its rows."""
    labeler.root.focus()
    labeler.page.keyboard.press("j")
    labeler.root.locator("[data-image]").first.wait_for()
    return labeler.root.locator("[data-image]")


def row(labeler: LabelerPage, image_id: str) -> Locator:
    return labeler.root.locator(f'[data-image="{image_id}"]')


def paint(labeler: LabelerPage) -> None:
    labeler.tool("brush")
    labeler.drag("axial", [(4, 4, 6), (12, 4, 6)])
    labeler.notebook.kernel.wait_for("labeler.dirty")


def test_the_list_shows_states_and_finds_images(labeler: LabelerPage, page_errors: list[str]) -> None:
    paint(labeler)
    images(labeler)
    for name, state in (("case_1", "Unlabelled"), ("case_2", "Model's"), ("case_3", "Labelled")):
        assert row(labeler, name).locator(".jl-chip").last.inner_text() == state
    assert row(labeler, "case_1").locator(".jl-chip").all_inner_texts() == ["Open", "Unsaved draft", "Unlabelled"]
    count = labeler.root.locator(".jl-gallery .jl-count")
    assert count.inner_text() == "203 images"
    assert labeler.root.locator("[data-image]").count() < 60

    picture = row(labeler, "case_3").locator("img")
    picture.wait_for()
    assert picture.evaluate("(img) => img.naturalWidth") == 96

    labeler.page.keyboard.type("SCAN_19")
    row(labeler, "more/scan_199").wait_for()
    assert labeler.root.locator("[data-image]").count() == 10
    for _ in "SCAN_19":
        labeler.page.keyboard.press("Backspace")
    labeler.root.locator('[data-choose="image-state"]').select_option("final")
    row(labeler, "case_3").wait_for()
    labeler.page.wait_for_function("(count) => count.innerText === '1 image'", arg=count.element_handle())
    labeler.root.locator('[data-choose="image-state"]').select_option("draft")
    row(labeler, "case_1").wait_for()
    assert labeler.root.locator("[data-image]").count() == 1
    labeler.page.keyboard.press("Escape")
    labeler.root.locator(".jl-gallery").wait_for(state="detached")
    assert page_errors == []


def test_opening_from_the_list_with_the_keyboard_and_the_pointer(labeler: LabelerPage) -> None:
    images(labeler)
    labeler.page.keyboard.press("End")
    labeler.page.keyboard.press("PageDown")
    labeler.page.keyboard.press("ArrowUp")
    labeler.page.keyboard.press("Enter")
    labeler.root.locator(".jl-gallery").wait_for(state="detached")
    opened = labeler.root.get_attribute("data-image-id")
    labeler.wait_for_image()
    labeler.notebook.kernel.wait_for("labeler.image_id != 'case_1'")
    images(labeler)
    row(labeler, "case_3").click()
    labeler.wait_for_image("case_3")
    labeler.notebook.kernel.wait_for("int(labeler.mask.sum())", 100)
    assert opened is not None


def test_the_far_end_of_the_list_comes_when_it_is_scrolled_to(labeler: LabelerPage) -> None:
    images(labeler)
    labeler.root.locator(".jl-gallery-list").evaluate("(list) => { list.scrollTop = list.scrollHeight; }")
    row(labeler, "more/scan_199").wait_for()
    assert labeler.root.locator("[data-image]").count() < 60


def test_unsaved_changes_are_asked_about_and_going_back_finds_the_way(labeler: LabelerPage) -> None:
    paint(labeler)
    images(labeler)
    row(labeler, "case_2").click()
    labeler.root.locator('[data-answer="save"]').click()
    labeler.wait_for_image("case_2")
    assert labeler.notebook.kernel.eval("manager.datastore.get_labeled_images()") == ["case_1", "case_3"]

    labeler.root.focus()
    labeler.page.keyboard.press("Shift+N")
    labeler.wait_for_image("case_1")
    labeler.page.keyboard.press("n")
    labeler.wait_for_image("case_2")
    paint(labeler)
    labeler.do("previous")
    labeler.root.locator('[data-answer="stay"]').click()
    labeler.do("previous")
    labeler.root.locator('[data-answer="discard"]').click()
    labeler.wait_for_image("case_1")
    labeler.notebook.kernel.wait_for("labeler.image_id", "case_1")
    assert labeler.root.locator('[data-action="previous"]').is_disabled()


def dice(labeler: LabelerPage, value: int) -> str:
    shown = labeler.root.locator(f'[data-agreement="{value}"] [data-dice]').get_attribute("data-dice")
    return shown or ""


def test_comparing_with_the_models_label(labeler: LabelerPage, page_errors: list[str]) -> None:
    kernel = labeler.notebook.kernel
    kernel.run("labeler.open('case_2')")
    labeler.wait_for_image("case_2")
    labeler.tool("brush")
    labeler.drag("axial", [(3, 3, 6), (12, 12, 6)])
    kernel.wait_for("labeler.dirty")
    labeler.root.focus()
    labeler.page.keyboard.press("k")
    labeler.root.locator('[data-agreement="1"]').wait_for()
    kernel.run(
        "a, b = labeler.mask == 1, manager.label('case_2', 'original') == 1\n"
        "expected = 2 * int((a & b).sum()) / int(a.sum() + b.sum())"
    )
    expected = float(kernel.eval("expected"))
    assert float(dice(labeler, 1)) == pytest.approx(expected)
    assert 0 < expected < 1
    assert labeler.root.locator('[data-agreement="2"] td').all_inner_texts() == ["–", "–", "–"]

    # What was erased from the draft is still there in the other label's panes.
    labeler.tool("eraser")
    labeler.drag("axial", [(5, 9, 6), (9, 9, 6)])
    kernel.wait_for("bool(labeler.mask[7, 9, 6])", False)
    kernel.run("a = labeler.mask == 1")
    panes = labeler.root.locator('.jl-pane[data-whose="other"]')
    labeler.root.locator('[data-compare-by="sides"]').click()
    panes.nth(2).wait_for()
    assert panes.count() == 3
    labeler.page.mouse.move(0, 0)
    labeler.page.wait_for_timeout(300)
    mine, other = (
        labeler.root.locator(f'.jl-pane[data-whose="{whose}"][data-plane="axial"] canvas').screenshot()
        for whose in ("draft", "other")
    )
    assert mine != other
    labeler.root.locator('[data-compare-by="outline"]').click()
    panes.first.wait_for(state="detached")

    labeler.do("take-over")
    kernel.wait_for("bool((labeler.mask == manager.label('case_2', 'original')).all())")
    labeler.page.wait_for_function(
        "(root) => root.querySelector('[data-agreement=\"1\"] [data-dice]').dataset.dice === '1'",
        arg=labeler.root.element_handle(),
    )
    labeler.do("undo")
    kernel.wait_for("bool((labeler.mask == a).all())")
    labeler.do("stop-comparing")
    labeler.root.locator(".jl-compare").wait_for(state="detached")
    assert page_errors == []


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_serious_while_comparing(labeler: LabelerPage, theme: str) -> None:
    load_axe(labeler.page)
    set_theme(labeler.page, theme)
    labeler.notebook.kernel.run("labeler.open('case_2')")
    labeler.wait_for_image("case_2")
    labeler.do("compare")
    labeler.root.locator('[data-agreement="1"]').wait_for()
    assert violations(labeler.page) == []
    labeler.root.locator('[data-compare-by="sides"]').click()
    labeler.root.locator('.jl-pane[data-whose="other"]').first.wait_for()
    labeler.do("versions")
    labeler.root.locator("[data-version]").first.wait_for()
    assert violations(labeler.page) == []


SENT_BACK = """
class Elsewhere:
    sent_back = []

    def sent(self, image_id):
        return 'CVAT, by bob' if image_id == 'case_2' else ''

    def send_back_at(self, image_id, message, index, progress=None):
        self.sent_back.append([image_id, message, list(index)])
        return 'bob'

manager.annotation_server = Elsewhere()
"""


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_a_label_that_is_compared_is_sent_back_with_a_comment_at_the_crosshair(
    labeler: LabelerPage, page_errors: list[str], theme: str
) -> None:
    load_axe(labeler.page)
    set_theme(labeler.page, theme)
    kernel, keyboard = labeler.notebook.kernel, labeler.page.keyboard
    kernel.run(SENT_BACK)
    kernel.run("labeler.open('case_3')")
    labeler.wait_for_image("case_3")
    labeler.do("compare")
    labeler.root.locator('[data-agreement="1"]').wait_for()
    assert labeler.root.locator('[data-action="send-back"]').count() == 0
    kernel.run("labeler.open('case_2')")
    labeler.wait_for_image("case_2")
    labeler.do("compare")
    labeler.root.get_by_text("From CVAT, by bob.").wait_for()
    button, field = labeler.root.locator('[data-action="send-back"]'), labeler.root.locator(".jl-send-back input")
    assert button.is_disabled()
    assert violations(labeler.page) == []

    labeler.tool("navigate")
    labeler.click("axial", (4, 7, 6))
    field.fill("the lower edge is missing")
    button.click()
    labeler.root.get_by_text("Sent back to bob").wait_for()
    assert kernel.eval("Elsewhere.sent_back") == [["case_2", "the lower edge is missing", [4, 7, 6]]]

    # By keys alone, and the keys are the labeler's again after.
    field.focus()
    keyboard.type("n is a letter here")
    keyboard.press("Tab")
    keyboard.press("Enter")
    kernel.wait_for("len(Elsewhere.sent_back)", 2)
    labeler.page.wait_for_function("(field) => field.value === ''", arg=field.element_handle())
    keyboard.press("k")
    labeler.root.locator(".jl-compare").wait_for(state="detached")
    assert page_errors == []


def test_an_earlier_version_comes_back_into_the_draft(labeler: LabelerPage) -> None:
    kernel = labeler.notebook.kernel
    kernel.run("labeler.open('case_3')")
    labeler.wait_for_image("case_3")
    labeler.tool("eraser")
    labeler.drag("axial", [(5, 7, 6), (9, 7, 6)])
    kernel.wait_for("labeler.dirty")
    labeler.do("save")
    kernel.wait_for("labeler.dirty", False)
    labeler.root.focus()
    labeler.page.keyboard.press("h")
    version = labeler.root.locator('[data-version="final 1"]')
    version.wait_for()
    assert labeler.root.locator('[data-version="final 2"] .jl-chip').inner_text() == "Current"
    version.locator('[data-do="open-version"]').click()
    kernel.wait_for("int(labeler.mask.sum())", 100)
    assert kernel.eval("labeler.dirty")
    labeler.do("undo")
    kernel.wait_for("bool((labeler.mask == manager.label('case_3')).all())")
    kernel.wait_for("labeler.dirty", False)


def test_frames_of_a_4d_image(notebook: Open, tmp_path: Path, page_errors: list[str]) -> None:
    ramp = np.indices(SHAPE).sum(axis=0)[..., None] + 100 * np.arange(3)
    nib.save(nib.Nifti1Image(ramp.astype(np.int16), np.eye(4)), tmp_path / "series.nii.gz")
    opened = notebook([app_cell(tmp_path, "labeler = manager.labeler('series', model='ball')\nlabeler")])
    opened.run(0)
    labeler = LabelerPage(opened)
    labeler.wait_for_image("series")
    kernel = labeler.notebook.kernel
    paint(labeler)
    painted = kernel.eval("labeler.mask.tolist()")
    labeler.root.focus()
    labeler.page.keyboard.press(".")
    labeler.root.locator('[data-frame="1"]').wait_for()
    labeler.wait_for_image("series")
    assert kernel.eval("labeler.frame") == 1
    assert labeler.debug("voxelAt([10, 9, 6])") == [125]
    labeler.root.locator('.jl-frames input[type="range"]').focus()
    labeler.page.keyboard.press("End")
    labeler.root.locator('[data-frame="2"]').wait_for()
    labeler.wait_for_image("series")
    assert labeler.debug("voxelAt([10, 9, 6])") == [225]
    labeler.root.focus()
    for _ in "ab":
        labeler.page.keyboard.press(",")
    labeler.root.locator('[data-frame="0"]').wait_for()
    labeler.wait_for_image("series")
    assert labeler.debug("voxelAt([10, 9, 6])") == [25]
    assert kernel.eval("labeler.mask.tolist()") == painted
    assert labeler.debug("maskSum()") == int(np.sum(painted))
    assert page_errors == []


def test_the_list_shows_what_has_come_and_what_was_left_out(
    labeler: LabelerPage, tmp_path: Path, page_errors: list[str]
) -> None:
    (tmp_path / "old.ppm").write_bytes(b"P6")
    nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.int16), np.eye(4)), tmp_path / "case_9.nii.gz")
    images(labeler)
    row(labeler, "case_9").wait_for()
    labeler.root.get_by_text("204 images").wait_for()
    labeler.root.get_by_text("Notes about the folder (1)").click()
    labeler.root.get_by_text("1 file was left out: 1 of a format that is not supported: old.ppm").wait_for()
    load_axe(labeler.page)
    assert violations(labeler.page) == []
    row(labeler, "case_9").click()
    labeler.wait_for_image("case_9")
    assert page_errors == []


def test_what_cannot_be_read_is_named_so(labeler: LabelerPage, tmp_path: Path, page_errors: list[str]) -> None:
    (tmp_path / "case_0.nii.gz").write_bytes(b"no image")
    folder = tmp_path / "labels" / "final"
    folder.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(np.ones((3, 3, 3), np.uint8), np.eye(4)), folder / "case_2.nii.gz")
    images(labeler)
    row(labeler, "case_0").click()
    labeler.root.locator(".jl-error").get_by_text("case_0.nii.gz").wait_for()
    images(labeler)
    row(labeler, "case_2").click()
    labeler.root.locator("[data-unshown-label]").wait_for()
    images(labeler)
    row(labeler, "case_0").get_by_text("Cannot be read").wait_for()
    row(labeler, "case_2").get_by_text("Label cannot be shown").wait_for()
    labeler.root.locator('[data-choose="image-state"]').select_option("unreadable")
    labeler.root.get_by_text("2 images").wait_for()
    load_axe(labeler.page)
    assert violations(labeler.page) == []
    # One of the three labels does not count.
    assert labeler.notebook.kernel.eval("manager.datastore.count_labeled()") == 1
    assert page_errors == []
