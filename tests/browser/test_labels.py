"""The labels panel as a person uses it: rules, names, colours, order, merging and deleting, sizes, 300 labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from playwright.sync_api import CDPSession, Locator

from tests.browser.labeler import LabelerPage, app_cell
from tests.browser.notebook import Notebook

Open = Callable[[Sequence[str]], Notebook]
SHAPE = (40, 36, 30)
SPACING = (1.0, 1.0, 2.5)
VOXEL_ML = 0.0025


@pytest.fixture
def labeler(notebook: Open, tmp_path: Path) -> LabelerPage:
    """A flat volume; a block of "first" in the slices 10 to 19 is there already, and labels of two others are saved."""
    for name in ("case_1", "case_2", "case_3"):
        image = nib.Nifti1Image(np.full(SHAPE, 90, np.int16), np.diag([*SPACING, 1]))
        nib.save(image, tmp_path / f"{name}.nii.gz")
    cell = f"""
block = np.zeros({SHAPE}, np.uint8)
block[10:20, 10:26, 10:20] = 1
for name in ("case_1", "case_2", "case_3"):
    manager.save_label(name, block)
labeler = manager.labeler("case_1")
labeler"""
    opened = notebook([app_cell(tmp_path, cell)])
    opened.run(0)
    page = LabelerPage(opened)
    page.wait_for_image("case_1")
    return page


def row(labeler: LabelerPage, name: str) -> Locator:
    return labeler.root.locator(f'.jl-label[data-label="{name}"]')


def names(labeler: LabelerPage) -> list[str]:
    return [str(one.get_attribute("data-label")) for one in labeler.root.locator(".jl-label").all()]


def more(labeler: LabelerPage, name: str) -> Locator:
    """The details of a label, opened."""
    row(labeler, name).hover()
    row(labeler, name).locator(".jl-more").click()
    return row(labeler, name)


def voxels(labeler: LabelerPage, value: int) -> set[tuple[int, ...]]:
    labeler.wait_idle()
    return {tuple(v) for v in labeler.notebook.kernel.eval(f"np.argwhere(labeler.mask == {value}).tolist()")}


def paint(labeler: LabelerPage, way: Sequence[Sequence[int]]) -> None:
    labeler.tool("brush")
    labeler.notebook.kernel.run("revision = labeler._controller.open_image.draft.history.position")
    labeler.drag("axial", way)
    labeler.notebook.kernel.wait_for("labeler._controller.open_image.draft.history.position > revision", True)


def test_a_locked_label_keeps_every_voxel(labeler: LabelerPage) -> None:
    before = voxels(labeler, 1)
    row(labeler, "first").hover()
    row(labeler, "first").locator(".jl-lock").click()
    labeler.notebook.kernel.wait_for("sorted(labeler._controller.features.paint_settings.guard.locked)", [1])
    row(labeler, "second").locator(".jl-label-name").click()
    labeler.notebook.kernel.wait_for("labeler.label", "second")
    paint(labeler, [(4, 18, 15), (30, 18, 15)])
    assert voxels(labeler, 1) == before
    painted = voxels(labeler, 2)
    assert {(i, 18, 15) for i in (*range(4, 10), *range(20, 31))} <= painted
    assert not painted & before
    labeler.tool("eraser")
    labeler.drag("axial", [(25, 18, 15), (12, 18, 15)])
    labeler.notebook.kernel.wait_for("int(labeler.mask[24, 18, 15])", 0)
    assert voxels(labeler, 1) == before
    # The key does the same for the chosen label.
    labeler.root.focus()
    labeler.page.keyboard.press("1")
    labeler.page.keyboard.press("Shift+L")
    labeler.notebook.kernel.wait_for("sorted(labeler._controller.features.paint_settings.guard.locked)", [])


def test_painting_over_the_background_alone(labeler: LabelerPage) -> None:
    before = voxels(labeler, 1)
    labeler.root.get_by_label("Paint only over background").check()
    labeler.notebook.kernel.wait_for("labeler._controller.features.paint_settings.guard.over_background", True)
    row(labeler, "second").locator(".jl-label-name").click()
    paint(labeler, [(4, 18, 15), (30, 18, 15)])
    assert voxels(labeler, 1) == before
    assert {(5, 18, 15), (29, 18, 15)} <= voxels(labeler, 2)
    labeler.root.get_by_label("Paint only over background").uncheck()
    labeler.notebook.kernel.wait_for("labeler._controller.features.paint_settings.guard.over_background", False)
    paint(labeler, [(12, 18, 15), (16, 18, 15)])
    assert {(i, 18, 15) for i in range(12, 17)} <= voxels(labeler, 2)


def test_add_paint_rename_recolour_and_save(labeler: LabelerPage) -> None:
    kernel = labeler.notebook.kernel
    labeler.do("add-label")
    labeler.page.keyboard.type("tumour")
    labeler.page.keyboard.press("Enter")
    kernel.wait_for("labeler.label", "tumour")
    paint(labeler, [(4, 4, 15), (8, 4, 15)])
    assert {(i, 4, 15) for i in range(4, 9)} <= voxels(labeler, 3)
    plain = labeler.color("axial", (6, 4, 15))

    row(labeler, "tumour").locator(".jl-label-name").dblclick()
    labeler.page.keyboard.type("<b>lesion</b>")
    labeler.page.keyboard.press("Enter")
    kernel.wait_for("labeler.label", "<b>lesion</b>")
    assert row(labeler, "<b>lesion</b>").locator("b").count() == 0
    more(labeler, "<b>lesion</b>").locator(".jl-color").nth(5).click()
    kernel.wait_for("labeler.labels[2].color", "#d55e00")
    labeler.page.mouse.move(0, 0)
    labeler.page.wait_for_timeout(200)
    assert labeler.color("axial", (6, 4, 15)) != plain
    row(labeler, "<b>lesion</b>").locator('input[type="color"]').fill("#00ff00")
    kernel.wait_for("labeler.labels[2].color", "#00ff00")

    kernel.run("labeler.rename_label('<b>lesion</b>', 'lesion')")
    row(labeler, "lesion").wait_for()
    labeler.do("save")
    kernel.wait_for("labeler.dirty", False)
    assert kernel.eval("manager.datastore.get_label_info('case_1')['labels']") == {"first": 1, "second": 2, "lesion": 3}
    kernel.run("import nibabel; saved = nibabel.load(manager.datastore.get_label_uri('case_1'))")
    assert kernel.eval("np.unique(saved.dataobj).tolist()") == [0, 1, 3]
    assert kernel.eval("bool((np.asarray(saved.dataobj) == labeler.mask).all())")
    assert kernel.eval("[(one.name, one.value) for one in AppManager(manager.app).labels]") == [
        ["first", 1],
        ["second", 2],
        ["lesion", 3],
    ]


def test_merge_and_undo(labeler: LabelerPage) -> None:
    before = voxels(labeler, 1)
    details = more(labeler, "first")
    details.locator(".jl-merge").select_option("second")
    question = labeler.root.get_by_role("alertdialog")
    assert "first has 1,600 voxels (4.00 ml) in this image." in question.inner_text()
    question.get_by_role("button", name="Merge into second").click()
    labeler.notebook.kernel.wait_for("[one.name for one in labeler.labels]", ["second"])
    assert voxels(labeler, 2) == before
    labeler.page.wait_for_timeout(300)
    assert labeler.debug("maskSum()") == 2 * len(before)
    assert names(labeler) == ["second"]
    labeler.root.focus()
    labeler.page.keyboard.press("Control+z")
    labeler.notebook.kernel.wait_for("[one.name for one in labeler.labels]", ["first", "second"])
    assert voxels(labeler, 1) == before
    assert voxels(labeler, 2) == set()
    row(labeler, "first").wait_for()
    labeler.page.wait_for_timeout(300)
    assert labeler.debug("maskSum()") == len(before)


def test_delete_asks_first_by_keys_alone(labeler: LabelerPage) -> None:
    kernel, keyboard = labeler.notebook.kernel, labeler.page.keyboard
    row(labeler, "second").locator(".jl-label-name").focus()
    slice_before = labeler.slice("axial")
    keyboard.press("ArrowUp")
    assert row(labeler, "first").locator(".jl-label-name").evaluate("(name) => name === document.activeElement")
    assert labeler.slice("axial") == slice_before
    keyboard.press("Delete")
    question = labeler.root.get_by_role("alertdialog")
    assert "first has 1,600 voxels (4.00 ml) in this image." in question.inner_text()
    assert "Labels saved for 2 other images keep theirs." in question.inner_text()
    keyboard.press("Escape")
    assert question.count() == 0
    assert len(voxels(labeler, 1)) == 1600
    keyboard.press("Delete")
    question.locator('[data-answer="delete"]:focus').wait_for()
    keyboard.press("Enter")
    kernel.wait_for("int(labeler.mask.sum())", 0)
    kernel.wait_for("[one.name for one in labeler.labels]", ["second"])
    assert kernel.eval("int((manager.label('case_2') == 1).sum())") == 1600
    assert kernel.eval("labeler.add_label('third').value") == 3


def test_the_size_that_is_shown_is_what_the_kernel_counts(labeler: LabelerPage) -> None:
    size = row(labeler, "first").locator(".jl-size")
    labeler.page.wait_for_function("(size) => size.textContent === '4.00 ml'", arg=size.element_handle())
    paint(labeler, [(4, 30, 15), (35, 30, 15)])
    count = len(voxels(labeler, 1))
    assert count > 1600
    assert labeler.notebook.kernel.eval("labeler.volumes['first']") == pytest.approx(count * VOXEL_ML)
    shown = f"{count * VOXEL_ML:.2f} ml"
    labeler.page.wait_for_function("([size, ml]) => size.textContent === ml", arg=[size.element_handle(), shown])
    assert f"{count:,} voxels ({shown})" in str(row(labeler, "first").locator(".jl-label-name").get_attribute("title"))


def test_order_by_dragging_and_by_keys(labeler: LabelerPage) -> None:
    kernel = labeler.notebook.kernel
    labeler.do("add-label")
    labeler.page.keyboard.type("third")
    labeler.page.keyboard.press("Enter")
    row(labeler, "third").wait_for()
    row(labeler, "third").locator(".jl-label-name").drag_to(row(labeler, "first").locator(".jl-label-name"))
    wait_for_order(labeler, "third", "first", "second")
    assert kernel.eval("labeler.label") == "third"
    # With the mouse and with a finger by the handle.
    start, end = middle(handle(labeler, "third")), middle(handle(labeler, "second"))
    labeler.page.mouse.move(*start)
    labeler.page.mouse.down()
    labeler.page.mouse.move(*end, steps=4)
    row(labeler, "second").and_(labeler.page.locator(".jl-drop-below")).wait_for()
    labeler.page.mouse.up()
    wait_for_order(labeler, "first", "second", "third")
    client = labeler.page.context.new_cdp_session(labeler.page)
    start, end = middle(handle(labeler, "third")), middle(handle(labeler, "first"))
    touch(client, "touchStart", start)
    row(labeler, "third").and_(labeler.page.locator(".jl-dragged")).wait_for()
    touch(client, "touchMove", ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
    touch(client, "touchMove", end)
    row(labeler, "first").and_(labeler.page.locator(".jl-drop-above")).wait_for()
    touch(client, "touchEnd")
    wait_for_order(labeler, "third", "first", "second")
    assert labeler.root.locator(".jl-dragged").count() == 0

    row(labeler, "third").locator(".jl-label-name").focus()
    labeler.page.keyboard.press("Alt+ArrowDown")
    kernel.wait_for("[one.name for one in labeler.labels]", ["first", "third", "second"])
    labeler.root.focus()
    labeler.page.keyboard.press("2")
    kernel.wait_for("labeler.label", "third")


def wait_for_order(labeler: LabelerPage, *wanted: str) -> None:
    """Wait until the labels stand so in the kernel and on the page."""
    labeler.notebook.kernel.wait_for("[one.name for one in labeler.labels]", list(wanted))
    labeler.page.wait_for_function(
        "([root, wanted]) => [...root.querySelectorAll('.jl-label')].map((row) => row.dataset.label).join() === wanted",
        arg=[labeler.root.element_handle(), ",".join(wanted)],
    )


def handle(labeler: LabelerPage, name: str) -> Locator:
    return row(labeler, name).locator(".jl-grip")


def middle(element: Locator) -> tuple[float, float]:
    box = element.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def touch(client: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})


def test_300_labels_with_values_to_40000(notebook: Open, tmp_path: Path) -> None:
    nib.save(nib.Nifti1Image(np.full(SHAPE, 90, np.int16), np.eye(4)), tmp_path / "case.nii.gz")
    labels = "{f'part {n + 1}': 1 + n * 39999 // 299 for n in range(300)}"
    cell = f"manager = AppManager(App({str(tmp_path)!r}, labels={labels}))\nlabeler = manager.labeler()\nlabeler"
    opened = notebook([app_cell(tmp_path, cell)])
    opened.run(0)
    labeler = LabelerPage(opened)
    labeler.wait_for_image("case")
    assert labeler.root.locator(".jl-label").count() == 300
    labeler.root.get_by_label("Find a label").fill("part 300")
    row(labeler, "part 300").locator(".jl-label-name").click()
    labeler.notebook.kernel.wait_for("labeler.label", "part 300")
    paint(labeler, [(8, 18, 15), (12, 18, 15)])
    painted = voxels(labeler, 40_000)
    assert {(i, 18, 15) for i in range(8, 13)} <= painted
    assert labeler.debug("maskSum()") == 40_000 * len(painted)
    more(labeler, "part 300").locator(".jl-merge").select_option("part 299")
    labeler.root.locator('[data-answer="merge"]').click()
    labeler.notebook.kernel.wait_for("int((labeler.mask == 39866).sum())", len(painted))
    labeler.page.wait_for_timeout(300)
    assert labeler.debug("maskSum()") == 39_866 * len(painted)


def test_a_value_above_255_in_a_draft_of_bytes(labeler: LabelerPage) -> None:
    assert labeler.notebook.kernel.eval("labeler.mask.dtype.name") == "uint8"
    labeler.notebook.kernel.run("labeler.add_label('far', value=300)")
    row(labeler, "far").wait_for()
    assert labeler.notebook.kernel.eval("labeler.mask.dtype.name") == "uint16"
    paint(labeler, [(4, 4, 15), (8, 4, 15)])
    painted = voxels(labeler, 300)
    assert {(i, 4, 15) for i in range(4, 9)} <= painted
    assert labeler.debug("maskSum()") == 1600 + 300 * len(painted)
    labeler.notebook.reload()
    again = LabelerPage(labeler.notebook)
    again.wait_for_image("case_1")
    again.page.wait_for_timeout(300)
    assert again.debug("maskSum()") == 1600 + 300 * len(painted)


def test_a_value_that_nobody_named_is_chosen_locked_and_named(notebook: Open, tmp_path: Path) -> None:
    nib.save(nib.Nifti1Image(np.full(SHAPE, 90, np.int16), np.diag([*SPACING, 1])), tmp_path / "case_1.nii.gz")
    cell = f"""
block = np.zeros({SHAPE}, np.uint8)
block[10:20, 10:26, 10:20] = 255
manager.save_label("case_1", block)
labeler = manager.labeler("case_1")
labeler"""
    opened = notebook([app_cell(tmp_path, cell)])
    opened.run(0)
    labeler = LabelerPage(opened)
    labeler.wait_for_image("case_1")
    found = row(labeler, "value 255")
    found.wait_for()
    found.locator(".jl-label-name").click()
    opened.kernel.wait_for("labeler.label", "value 255")
    found.hover()
    found.locator(".jl-lock").click()
    opened.kernel.wait_for("sorted(labeler._controller.features.paint_settings.guard.locked)", [255])
    found.locator(".jl-label-name").dblclick()
    field = labeler.root.locator('input[aria-label="New name of value 255"]')
    field.fill("polyp")
    field.press("Enter")
    row(labeler, "polyp").wait_for()
    opened.kernel.wait_for("{one.name: one.value for one in manager.labels}['polyp']", 255)
    assert row(labeler, "value 255").count() == 0


def test_what_a_model_finds_is_added_as_a_label_by_one_click(notebook: Open, tmp_path: Path) -> None:
    nib.save(nib.Nifti1Image(np.full(SHAPE, 90, np.int16), np.diag([*SPACING, 1])), tmp_path / "case_1.nii.gz")
    cell = """
manager.app.infers["ball"].labels = {"first": 1, "spleen": 2, "left kidney": 3, "right kidney": 4}
labeler = manager.labeler("case_1")
labeler"""
    opened = notebook([app_cell(tmp_path, cell)])
    opened.run(0)
    labeler = LabelerPage(opened)
    labeler.wait_for_image("case_1")
    labeler.do("add-label")
    labeler.root.locator('[data-offered="left kidney"]').click()
    row(labeler, "left kidney").wait_for()
    assert names(labeler) == ["first", "second", "left kidney"]
    labeler.do("add-label")
    # By keys alone: past the names to all of them.
    labeler.page.keyboard.press("Tab")
    labeler.page.keyboard.press("Tab")
    labeler.page.keyboard.press("Tab")
    labeler.page.keyboard.press("Enter")
    row(labeler, "right kidney").wait_for()
    assert names(labeler) == ["first", "second", "left kidney", "spleen", "right kidney"]
    labeler.do("add-label")
    assert labeler.root.locator(".jl-offered").count() == 0
