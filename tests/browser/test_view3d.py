"""The 3D view in a browser that draws it, in software."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Playwright, TimeoutError
from scipy import ndimage

from tests.browser.conftest import SOFTWARE_3D_FLAGS
from tests.browser.labeler import LabelerPage, app_cell
from tests.browser.notebook import Notebook

Open = Callable[[Sequence[str]], Notebook]
SHAPE = (40, 36, 30)


@pytest.fixture(scope="module")
def browser(playwright: Playwright, browser_path: str) -> Iterator[Browser]:
    chromium = playwright.chromium.launch(executable_path=browser_path, args=SOFTWARE_3D_FLAGS)
    yield chromium
    chromium.close()


@pytest.fixture
def labeler(notebook: Open, tmp_path: Path) -> LabelerPage:
    """A bright cube in the dark, and a label in the patient's left half: the right half of a picture from the front."""
    array = np.zeros(SHAPE, np.int16)
    array[10:30, 8:28, 6:24] = 900
    # The first axis goes from right to left.
    nib.save(nib.Nifti1Image(array, np.diag([-1.5, 1, 2, 1])), tmp_path / "case.nii.gz")
    cell = app_cell(tmp_path, "labeler = manager.labeler('case')\nlabeler")
    opened = notebook([cell])
    opened.run(0)
    page = LabelerPage(opened)
    page.wait_for_image()
    paint(page, (28, 10, 8), (36, 26, 22), "first")
    return page


def paint(labeler: LabelerPage, lower: tuple[int, ...], upper: tuple[int, ...], label: str) -> None:
    """Fill a box with a label, as a stroke would."""
    labeler.notebook.kernel.run(
        "import numpy as np\n"
        "from jlabel.imaging import Region\n"
        f"region = Region({lower}, {upper})\n"
        "controller = labeler._controller\n"
        "with controller.lock:\n"
        "    painting = controller.features.painting\n"
        f"    painting.paint(region, np.ones(region.shape, bool), controller.values[{label!r}])\n"
        "    controller.pages.show_mask(controller.open_image, region)\n"
    )


def pane(labeler: LabelerPage, **data: object) -> Locator:
    """The 3D pane once it has these data attributes."""
    wanted = "".join(f'[data-{name}="{value}"]' for name, value in data.items())
    found = labeler.root.locator(f".jl-pane3d{wanted}")
    found.wait_for()
    return found


def picture(labeler: LabelerPage) -> np.ndarray:
    """The canvas as it is on the screen, drawn in full."""
    labeler.page.wait_for_timeout(600)
    shot = labeler.root.locator(".jl-solid canvas").screenshot()
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"), int)


def look_from(labeler: LabelerPage, side: str) -> None:
    labeler.root.locator('[data-choose="side3d"]').select_option(side)


def where(pixels: np.ndarray, color: str) -> np.ndarray:
    """Where a picture has a label's colour, lit or in shade; thin lines, as the crosshair's, are left out."""
    wanted = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)], float)
    length = np.linalg.norm(pixels, axis=-1)
    alike = (pixels @ wanted / np.linalg.norm(wanted) > 0.97 * length) & (length > 80)
    return np.asarray(ndimage.binary_erosion(alike, iterations=2))


def colors(labeler: LabelerPage) -> list[str]:
    """Of the labels."""
    found: list[str] = labeler.notebook.kernel.eval("[one.color for one in manager.app.labels]")
    return found


def in_right_half(mask: np.ndarray) -> bool:
    """Whether there is something, and all of it lies right of the middle."""
    return bool(mask.any()) and bool(np.argwhere(mask)[:, 1].min() > mask.shape[1] / 2)


def test_a_label_is_seen_where_it_lies_and_follows_the_draft(labeler: LabelerPage, blocked: list[str]) -> None:
    labeler.root.focus()
    labeler.page.keyboard.press("t")
    pane(labeler, solid="ready", surfaces=1, left=0)
    look_from(labeler, "Front")
    first, second = colors(labeler)
    front = where(picture(labeler), first)
    assert front.sum() > 500
    assert in_right_half(front)
    look_from(labeler, "Back")
    assert in_right_half(where(picture(labeler), first)[:, ::-1])

    look_from(labeler, "Front")
    paint(labeler, (2, 10, 8), (10, 26, 22), "second")
    pane(labeler, solid="ready", surfaces=2, left=0)
    both = picture(labeler)
    assert in_right_half(where(both, first))
    assert in_right_half(where(both, second)[:, ::-1])
    labeler.root.locator('[data-label="first"] .jl-eye').click()
    hidden = picture(labeler)
    assert not where(hidden, first).any()
    assert in_right_half(where(hidden, second)[:, ::-1])
    labeler.root.focus()
    labeler.page.keyboard.press("Control+z")
    pane(labeler, solid="ready", surfaces=1, left=0)
    assert not where(picture(labeler), second).any()
    assert blocked == []


def test_it_turns_zooms_and_points_at_the_surface(labeler: LabelerPage) -> None:
    labeler.root.locator('[data-layout="four"]').click()
    pane(labeler, solid="ready", surfaces=1, left=0)
    look_from(labeler, "Front")
    canvas = labeler.root.locator(".jl-solid canvas")
    first = colors(labeler)[0]
    small = where(picture(labeler), first)
    row, column = np.argwhere(small).mean(axis=0)
    canvas.click(position={"x": column, "y": row})
    i, j, k = labeler.debug("cursor()")
    assert 27 <= i <= 36
    assert j in (25, 26)
    assert 7 <= k <= 22

    labeler.page.keyboard.press("+")
    labeler.page.keyboard.press("+")
    assert where(picture(labeler), first).sum() > 1.5 * small.sum()
    labeler.page.keyboard.press("Home")
    box = canvas.bounding_box()
    assert box is not None
    before = picture(labeler)
    labeler.page.mouse.move(box["x"] + 100, box["y"] + 100)
    labeler.page.mouse.down()
    labeler.page.mouse.move(box["x"] + 200, box["y"] + 100, steps=4)
    labeler.page.mouse.up()
    assert np.abs(picture(labeler) - before).mean() > 0.5
    # Keys that are not the pane's go to the labeler.
    labeler.page.keyboard.press("b")
    assert labeler.root.locator('[data-tool="brush"]').get_attribute("aria-pressed") == "true"
    canvas.dblclick(position={"x": 5, "y": 5})
    assert labeler.root.locator(".jl-pane").count() == 1
    canvas.dblclick(position={"x": 5, "y": 5})
    assert labeler.root.locator(".jl-pane").count() == 4


def wait_for_orbit(labeler: LabelerPage, **expected: float) -> None:
    """Wait until the camera stands so, in degrees and as a zoom."""
    root = labeler.root.element_handle()
    try:
        labeler.page.wait_for_function(
            "([root, expected]) => Object.entries(expected).every(([name, value]) => "
            "Math.abs(root.jlabelDebug.orbit()[name] - value) < 1e-6)",
            arg=[root, expected],
            polling=100,
        )
    except TimeoutError as error:
        stands, focus = labeler.page.evaluate(
            "root => [root.jlabelDebug.orbit(), document.activeElement.outerHTML.slice(0, 200)]", root
        )
        raise AssertionError(f"the camera stands at {stands}, not at {expected}; the focus is at {focus}") from error


def test_its_keys_come_from_python_and_the_planes_keep_theirs(labeler: LabelerPage) -> None:
    keyboard = labeler.page.keyboard
    labeler.root.locator('[data-layout="four"]').click()
    pane(labeler, solid="ready", surfaces=1, left=0)
    look_from(labeler, "Front")
    wait_for_orbit(labeler, azimuth=0, elevation=0)
    labeler.root.locator(".jl-solid canvas").focus()
    keyboard.press("ArrowLeft")
    wait_for_orbit(labeler, azimuth=15, elevation=0)

    labeler.notebook.kernel.run("labeler.keymap = {'turn-3d-left': 'b', 'reset-3d': 'F2', 'look-3d-back': '1'}")
    reset = labeler.root.locator('[data-action="reset-3d"]')
    reset.and_(labeler.page.locator('[title="Reset the 3D view (F2)"]')).wait_for()
    keyboard.press("b")
    wait_for_orbit(labeler, azimuth=30, elevation=0)
    keyboard.press("1")
    wait_for_orbit(labeler, azimuth=180, elevation=0)
    # The key that it had, and those of tools and slices, are the labeler's.
    slice_before = labeler.slice("axial")
    keyboard.press("ArrowLeft")
    labeler.pane("axial").and_(labeler.page.locator(f':not([data-slice="{slice_before}"])')).wait_for()
    wait_for_orbit(labeler, azimuth=180, elevation=0)
    assert labeler.root.locator('[data-tool="brush"]').get_attribute("aria-pressed") == "false"
    keyboard.press("F2")
    wait_for_orbit(labeler, azimuth=25, elevation=15, zoom=1.25)
    labeler.root.focus()
    keyboard.press("b")
    assert labeler.root.locator('[data-tool="brush"]').get_attribute("aria-pressed") == "true"

    keyboard.press("?")
    shown = labeler.root.locator(".jl-help section", has_text="In the 3D pane")
    assert "These work while it has the focus: click it, or go to it with F6." in shown.inner_text()
    assert shown.locator('[title*="turn-3d-left"] kbd').all_inner_texts() == ["B", "→", "↑", "↓"]


def test_f6_goes_around_the_planes_and_3d(labeler: LabelerPage) -> None:
    keyboard = labeler.page.keyboard
    labeler.root.locator('[data-layout="four"]').click()
    pane(labeler, solid="ready", surfaces=1, left=0)
    look_from(labeler, "Front")
    canvas = labeler.root.locator(".jl-solid canvas")
    labeler.root.focus()

    def step_in(plane: str) -> None:
        """The arrow key steps in this plane, and in no other."""
        labeler.root.locator(f'.jl-active[data-plane="{plane}"]').wait_for()
        before = {name: labeler.slice(name) for name in ("axial", "coronal", "sagittal")}
        keyboard.press("ArrowUp")
        labeler.pane(plane).and_(labeler.page.locator(f':not([data-slice="{before[plane]}"])')).wait_for()
        assert [name for name, slice in before.items() if labeler.slice(name) != slice] == [plane]

    step_in("axial")
    for plane in ("coronal", "sagittal"):
        keyboard.press("F6")
        step_in(plane)
    keyboard.press("F6")
    assert canvas.evaluate("(canvas) => canvas === document.activeElement")
    keyboard.press("ArrowUp")
    wait_for_orbit(labeler, azimuth=0, elevation=-15)
    keyboard.press("F6")
    assert labeler.root.evaluate("(root) => root === document.activeElement")
    step_in("axial")
    keyboard.press("Shift+F6")
    assert canvas.evaluate("(canvas) => canvas === document.activeElement")
    keyboard.press("Shift+F6")
    step_in("sagittal")
    wait_for_orbit(labeler, azimuth=0, elevation=-15)


def test_the_volume_is_shown_through_the_window(labeler: LabelerPage) -> None:
    labeler.root.locator('[data-layout="four"]').click()
    pane(labeler, solid="ready", surfaces=1, left=0)
    look_from(labeler, "Front")
    plain = picture(labeler)
    middle = tuple(n // 2 + 25 for n in plain.shape[:2])
    labeler.root.locator('[data-choose="content3d"]').select_option("volume")
    pane(labeler, solid="ready", volume="true")
    volume = picture(labeler)
    assert not where(volume, colors(labeler)[0]).any()
    assert volume[middle].min() > plain[middle].max() + 40
    labeler.root.locator('[data-choose="content3d"]').select_option("both")
    both = picture(labeler)
    assert in_right_half(where(both, colors(labeler)[0]))
    assert both[middle].min() > plain[middle].max() + 10


def test_a_script_that_does_not_come_can_be_asked_for_again(labeler: LabelerPage) -> None:
    kernel = labeler.notebook.kernel
    kernel.run(
        "view3d = labeler._controller.features.view3d\n"
        "whole = view3d._script\n"
        "view3d._script = lambda: 'export const createScene = ;'"
    )
    labeler.root.locator('[data-layout="four"]').click()
    failed = pane(labeler, solid="failed")
    assert "The 3D view did not load" in failed.inner_text()
    kernel.run("view3d._script = whole")
    labeler.do("retry-3d")
    pane(labeler, solid="ready", surfaces=1, left=0)
