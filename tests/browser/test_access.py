"""Without a mouse: keys for everything, keys from Python, full screen, several views, every width."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.axe import load_axe, violations
from tests.browser.labeler import LabelerPage, app_cell
from tests.browser.notebook import Notebook, open_notebook, set_theme
from tests.browser.server import Lab

Open = Callable[[Sequence[str]], Notebook]
SHAPE = (40, 36, 30)


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    """Two ramps."""
    for name in ("one", "two"):
        ramp = np.indices(SHAPE).sum(axis=0).astype(np.int16)
        nib.save(nib.Nifti1Image(ramp, np.eye(4)), tmp_path / f"{name}.nii.gz")
    return tmp_path


@pytest.fixture
def labeler(notebook: Open, studies: Path) -> LabelerPage:
    opened = notebook(
        [app_cell(studies, "labeler = manager.labeler('one', strategy='first', model='shapes')\nlabeler")]
    )
    opened.run(0)
    page = LabelerPage(opened)
    page.wait_for_image("one")
    return page


def press(labeler: LabelerPage, *keys: str) -> None:
    for key in keys:
        labeler.page.keyboard.press(key)


def test_an_image_is_labelled_without_a_pointer(labeler: LabelerPage) -> None:
    kernel, keyboard = labeler.notebook.kernel, labeler.page.keyboard
    labeler.root.focus()
    press(labeler, "2", "b", "[", "[", "[", "[", "[", "[", "[", "[", "[", "[", "[", "[", "[", "[")
    # The crosshair begins in the middle; in this grid the screen's right is the patient's left, a smaller index.
    press(labeler, "ArrowUp", "Shift+ArrowRight", "Shift+ArrowUp", "Control+Shift+ArrowDown")
    i, j, k = labeler.debug("cursor()")
    assert k == 16
    press(labeler, "Enter")
    kernel.wait_for("np.argwhere(labeler.mask == 2).tolist()", [[i, j, k]])

    keyboard.down("Enter")
    press(labeler, "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown")
    keyboard.up("Enter")
    assert labeler.slice("axial") == 16
    end = labeler.debug("cursor()")
    kernel.wait_for("int((labeler.mask == 2).sum())", 4)
    painted = {tuple(v) for v in kernel.eval("np.argwhere(labeler.mask == 2).tolist()")}
    step = 1 if end[0] > i else -1
    assert painted == {(i, j, k), (i + step, j, k), (i + 2 * step, j, k), tuple(end)}
    press(labeler, "Control+z")
    kernel.wait_for("np.argwhere(labeler.mask == 2).tolist()", [[i, j, k]])
    press(labeler, "Control+y")
    kernel.wait_for("int((labeler.mask == 2).sum())", 4)

    # A box is pressed, drawn and pressed again in another plane: nothing needs to be held.
    press(labeler, "F6", "1", "m")
    assert labeler.root.locator(".jl-active").get_attribute("data-plane") == "coronal"
    corner = labeler.debug("cursor()")
    press(labeler, "Enter", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown", "Enter")
    other = labeler.debug("cursor()")
    kernel.wait_for("len(labeler.prompts)", 1)
    box = [[min(p) for p in zip(corner, other, strict=True)], [max(p) for p in zip(corner, other, strict=True)]]
    assert kernel.eval("[labeler.prompts[0].lower, labeler.prompts[0].upper]") == box
    assert other[1] == corner[1]
    labeler.wait_idle()
    press(labeler, "c", "Shift+ArrowDown", "Shift+ArrowDown", "Enter")
    kernel.wait_for("[type(p).__name__ for p in labeler.prompts]", ["Box", "Click"])
    labeler.wait_idle()

    press(labeler, "s")
    kernel.wait_for("manager.datastore.count_labeled()", 1)
    labeler.root.and_(labeler.page.locator('[data-dirty="false"]')).wait_for()
    press(labeler, "n")
    labeler.wait_for_image("two")
    saved = kernel.eval("np.argwhere(np.asarray(manager.label('one')) == 2).tolist()")
    assert {tuple(v) for v in saved} >= {(i, j, k)}


def test_keys_come_from_python_and_show_in_the_help(labeler: LabelerPage) -> None:
    labeler.notebook.kernel.run("labeler.keymap = {'next': 'space', 'brush': 'shift+q', 'drag-pans': 'F2'}")
    button = labeler.root.locator('[data-action="next"]')
    button.and_(labeler.page.locator('[title="Next image (Space)"]')).wait_for()
    labeler.root.focus()
    press(labeler, "Shift+Q")
    assert labeler.root.locator('[data-tool="brush"]').get_attribute("aria-pressed") == "true"
    press(labeler, "?")
    help_panel = labeler.root.get_by_role("dialog", name="Keys and mouse")
    assert help_panel.get_by_role("searchbox").evaluate("(field) => field === document.activeElement")
    labeler.page.keyboard.type("brush paint label")
    assert help_panel.locator("kbd").all_inner_texts() == ["Shift+Q"]
    press(labeler, "Escape")
    help_panel.wait_for(state="detached")
    assert labeler.root.evaluate("(root) => root === document.activeElement")
    press(labeler, "n")
    press(labeler, "Space")
    labeler.wait_for_image("two")


def test_full_screen_uses_the_room_and_gives_it_back(labeler: LabelerPage) -> None:
    before = labeler.root.bounding_box()
    labeler.root.focus()
    press(labeler, "f")
    labeler.page.wait_for_function("() => document.fullscreenElement?.classList.contains('jlabel')")
    labeler.page.wait_for_timeout(200)
    screen = labeler.page.evaluate("[innerWidth, innerHeight]")
    box = labeler.root.bounding_box()
    stage = labeler.root.locator(".jl-stage").bounding_box()
    assert before is not None
    assert box is not None
    assert stage is not None
    assert [box["width"], box["height"]] == screen
    assert stage["height"] > 0.75 * screen[1]
    press(labeler, "b", "Enter")
    labeler.notebook.kernel.wait_for("bool(labeler.mask.any())", True)
    press(labeler, "f")
    labeler.page.wait_for_function("() => document.fullscreenElement === null")
    labeler.page.wait_for_timeout(200)
    after = labeler.root.bounding_box()
    assert after is not None
    assert after["width"] == before["width"]
    assert after["height"] == before["height"]

    # Where the browser refuses, it covers the page, and Escape leaves.
    labeler.root.evaluate("(root) => { root.requestFullscreen = () => Promise.reject(new Error('refused')); }")
    press(labeler, "f")
    labeler.page.wait_for_timeout(200)
    covering = labeler.root.bounding_box()
    assert covering is not None
    assert [covering["width"], covering["height"]] == screen
    assert labeler.page.evaluate("document.elementFromPoint(5, 5).closest('.jlabel') !== null")
    press(labeler, "Escape")
    labeler.page.wait_for_timeout(200)
    assert labeler.root.bounding_box() == after


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"])
def test_axe_finds_nothing_serious(labeler: LabelerPage, theme: str) -> None:
    page = labeler.page
    load_axe(page)
    set_theme(page, theme)
    labeler.tool("click-add")
    labeler.click("axial", (20, 18, 15))
    labeler.notebook.kernel.wait_for("bool(labeler.mask.any())", True)
    labeler.wait_idle()
    assert violations(page) == []
    for name in ("help", "images"):
        labeler.do(name)
        labeler.root.locator(".jl-panel").wait_for()
        assert violations(page) == [], name
        press(labeler, "Escape")
        labeler.root.locator(".jl-panel").wait_for(state="detached")
    # The question before changes are lost, and an error.
    labeler.do("next")
    labeler.root.get_by_role("alertdialog").wait_for()
    labeler.notebook.kernel.run("labeler._controller.report_error('something is wrong')")
    labeler.root.locator(".jl-error").wait_for()
    assert violations(page) == []


def test_two_views_of_one_labeler_agree(notebook: Open, studies: Path) -> None:
    opened = notebook([app_cell(studies, "labeler = manager.labeler('one', strategy='first')\nlabeler"), "labeler"])
    opened.run_all()
    views = [LabelerPage(opened, 0), LabelerPage(opened, 1)]
    for view in views:
        view.wait_for_image("one")
    first, second = views
    first.root.focus()
    press(first, "b", "Shift+ArrowUp", "Enter")
    opened.kernel.wait_for("bool(labeler.mask.any())", True)
    total = int(opened.kernel.eval("int(labeler.mask.sum())"))
    for view in views:
        view.page.wait_for_function(
            "([root, total]) => root.jlabelDebug.maskSum() === total", arg=[view.root.element_handle(), total]
        )
    assert second.debug("cursor()") == first.debug("cursor()")
    second.root.focus()
    press(second, "2", "Control+z")
    first.page.wait_for_function("(root) => root.jlabelDebug.maskSum() === 0", arg=first.root.element_handle())
    assert first.root.locator('[data-label="second"] .jl-label-name').get_attribute("aria-pressed") == "true"
    # How large it is and what lies open belongs to one view alone.
    press(second, "?")
    assert second.root.locator(".jl-panel").count() == 1
    assert first.root.locator(".jl-panel").count() == 0
    press(second, "Escape")
    second.do("next")
    for view in views:
        view.wait_for_image("two")


def test_a_view_beside_the_notebook_has_its_own_size(labeler: LabelerPage) -> None:
    page = labeler.page
    labeler.notebook.cell(0).locator(".jp-OutputArea").first.click(button="right", position={"x": 4, "y": 4})
    page.get_by_text("Create New View for Cell Output").click()
    beside = page.locator(".jp-LinkedOutputView .jlabel")
    beside.and_(page.locator('[data-image-id="one"][data-loaded="1"]')).wait_for()
    page.wait_for_timeout(500)
    pane = page.locator(".jp-LinkedOutputView").bounding_box()
    box = beside.bounding_box()
    assert pane is not None
    assert box is not None
    assert pane["width"] - 40 <= box["width"] <= pane["width"]
    assert pane["height"] - 40 <= box["height"] <= pane["height"]
    scrolled = beside.evaluate(
        """(root) => {
          const found = [];
          for (let at = root; at; at = at.parentElement) {
            const style = getComputedStyle(at);
            if (/auto|scroll/.test(style.overflowX) && at.scrollWidth > at.clientWidth + 1) found.push(at.className);
            if (/auto|scroll/.test(style.overflowY) && at.scrollHeight > at.clientHeight + 1) found.push(at.className);
          }
          return found;
        }"""
    )
    assert scrolled == []
    page.set_viewport_size({"width": 1200, "height": 1000})
    page.wait_for_timeout(500)
    narrower = beside.bounding_box()
    assert narrower is not None
    assert narrower["width"] < box["width"] - 100
    canvas = beside.locator(".jl-pane canvas").first
    sizes = canvas.evaluate("(c) => [c.width, c.clientWidth, c.height, c.clientHeight]")
    assert sizes[0] == sizes[1]
    assert sizes[2] == sizes[3]


@pytest.mark.parametrize("width", [500, 760, 1200, 1900])
def test_every_width_shows_everything(labeler: LabelerPage, width: int) -> None:
    page = labeler.page
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    labeler.root.evaluate("(root, width) => { root.style.width = `${width}px`; }", width)
    page.wait_for_timeout(300)
    hidden = labeler.root.evaluate(
        """(root) => {
          const outer = root.getBoundingClientRect();
          const out = [...root.querySelectorAll('button, select, input, output, h3')].filter((element) => {
            const box = element.getBoundingClientRect();
            if (box.width === 0 || element.closest('.jl-sidebar')) return false;
            return box.left < outer.left - 1 || box.right > outer.right + 1;
          });
          return out.map((element) => element.outerHTML.slice(0, 100));
        }"""
    )
    assert hidden == []
    small = labeler.root.evaluate(
        """(root) => [...root.querySelectorAll('button, select, input')].filter((element) => {
          const box = element.getBoundingClientRect();
          const target = element.closest('label')?.getBoundingClientRect() ?? box;
          return box.width > 0 && (target.width < 23.5 || target.height < 23.5);
        }).map((element) => element.outerHTML.slice(0, 120))"""
    )
    assert small == []


def test_the_tools_take_one_row_in_a_usual_notebook(labeler: LabelerPage) -> None:
    labeler.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    rows = """(root) => {
      const tops = [...root.querySelectorAll('.jl-toolbar button')].map((one) => one.getBoundingClientRect().top);
      return new Set(tops.map((top) => Math.round(top / 10))).size;
    }"""
    labeler.root.evaluate("(root) => { root.style.width = '1020px'; }")
    labeler.page.wait_for_function(f"(root) => ({rows})(root) === 1", arg=labeler.root.element_handle())


@pytest.fixture
def between_cells(lab: Lab) -> Iterator[None]:
    """Widgets are heard between cells alone, as with an older ipykernel."""
    settings = "/lab/api/settings/@jupyterlab/apputils-extension:kernels-settings"
    lab.request("PUT", settings, {"raw": '{"commsOverSubshells": "disabled"}'})
    yield
    lab.request("PUT", settings, {"raw": "{}"})


@pytest.mark.own_page
@pytest.mark.usefixtures("between_cells")
def test_it_says_that_it_waits_for_a_cell_and_loses_nothing(notebook: Open, studies: Path) -> None:
    wait = f"import time\nwhile not Path({str(studies / 'go')!r}).exists():\n    time.sleep(0.02)"
    call = "from pathlib import Path\nlabeler = manager.labeler('one', strategy='first')\nlabeler"
    opened = notebook([app_cell(studies, call), wait])
    opened.run(0)
    labeler = LabelerPage(opened)
    labeler.wait_for_image("one")
    opened.run(1, wait=False)
    labeler.page.wait_for_function(
        "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'busy'"
    )
    labeler.root.focus()
    press(labeler, "b", "Enter", "Shift+ArrowRight", "2", "Enter")
    note = labeler.root.get_by_text("A cell is running; what you do here is done when it ends.")
    note.wait_for()
    painted = labeler.debug("maskSum()")
    assert painted > 0
    (studies / "go").touch()
    note.wait_for(state="detached")
    opened.kernel.wait_for("int(labeler.mask.sum())", painted)
    press(labeler, "Control+z")
    opened.kernel.wait_for("sorted(set(labeler.mask.ravel().tolist()))", [0, 1])


def test_it_works_in_notebook_7(lab: Lab, page: Page, studies: Path) -> None:
    cells = [app_cell(studies, "labeler = manager.labeler('one', strategy='first')\nlabeler")]
    opened = open_notebook(lab, page, "notebook_7", cells, app="notebooks")
    try:
        opened.run(0)
        labeler = LabelerPage(opened)
        labeler.wait_for_image("one")
        box, cell = labeler.root.bounding_box(), opened.output_area(0).bounding_box()
        assert box is not None
        assert cell is not None
        assert box["width"] > 0.85 * cell["width"]
        labeler.root.focus()
        press(labeler, "b", "Enter")
        opened.kernel.wait_for("bool(labeler.mask.any())", True)
        # Keys of the notebook, such as a and x for cells, stay with the labeler.
        press(labeler, "a", "x", "s")
        opened.kernel.wait_for("manager.datastore.count_labeled()", 1)
        assert page.locator(".jp-Notebook .jp-Cell").count() == 1
        press(labeler, "f")
        page.wait_for_function("() => document.fullscreenElement?.classList.contains('jlabel')")
        press(labeler, "f")
        page.wait_for_function("() => document.fullscreenElement === null")
        labeler.do("next")
        labeler.wait_for_image("two")
    finally:
        opened.close()
        lab.end_kernels()
