"""Painting as a person does it, with mouse, pen and fingers: the kernel's mask is the one that plain geometry gives."""

from __future__ import annotations

import dataclasses
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import CDPSession, Page, WebSocket

from tests.browser.labeler import LabelerPage, app_cell
from tests.browser.notebook import Notebook, open_notebook
from tests.browser.server import Lab
from tests.browser.wire import Wire

Open = Callable[[Sequence[str]], Notebook]
Mask = NDArray[np.bool_]
SHAPE = (40, 36, 30)
SPACING = np.array((1.0, 1.5, 2.0))


@pytest.fixture
def labeler(notebook: Open, tmp_path: Path) -> LabelerPage:
    return on_ramp(notebook, tmp_path)


@pytest.fixture
def wire(lab: Lab) -> Iterator[Wire]:
    wire = Wire(lab.url)
    yield wire
    wire.close()
    lab.end_kernels()


def on_ramp(notebook: Open, tmp_path: Path) -> LabelerPage:
    """A labeler with a ramp whose voxels are not cubes."""
    ramp = np.indices(SHAPE).sum(axis=0).astype(np.int16)
    nib.save(nib.Nifti1Image(ramp, np.diag([*SPACING, 1.0])), tmp_path / "case.nii.gz")
    opened = notebook([app_cell(tmp_path, "labeler = manager.labeler('case')\nlabeler")])
    opened.run(0)
    page = LabelerPage(opened)
    page.wait_for_image()
    return page


def capsules(way: Sequence[Sequence[float]], radius: float) -> Mask:
    """All voxels within ``radius`` mm of a way through the points, in voxel coordinates."""
    at = np.stack(np.indices(SHAPE), axis=-1) * SPACING
    near = np.zeros(SHAPE, bool)
    for a, b in zip(way, way[1:] or way, strict=False):
        start, end = np.array(a) * SPACING, np.array(b) * SPACING
        line = end - start
        along = np.clip((at - start) @ line / max(1e-12, line @ line), 0, 1)
        near |= np.linalg.norm(at - start - along[..., None] * line, axis=-1) <= radius
    return near


Pixel = tuple[float, float]


def pixel(labeler: LabelerPage, plane: str, voxel: Sequence[float]) -> tuple[Pixel, list[float]]:
    """The whole pixel next to a place, for that is what a press tells, and where exactly that is in the image."""
    points = [labeler.point(plane, voxel)]
    for axis in range(3):
        points.append(labeler.point(plane, [v + (n == axis) for n, v in enumerate(voxel)]))
    steps = np.array(points[1:]) - np.array(points[0])
    x, y = (round(v) for v in points[0])
    return (x, y), list(np.array(voxel) + np.linalg.lstsq(steps.T, np.array((x, y)) - points[0], rcond=None)[0])


def drag(labeler: LabelerPage, plane: str, way: Sequence[Sequence[float]]) -> list[list[float]]:
    """Draw from point to point; returns the way that the pointer really took."""
    spots = [pixel(labeler, plane, voxel) for voxel in way]
    labeler.page.mouse.move(*spots[0][0])
    labeler.page.mouse.down()
    for point, _ in spots[1:]:
        labeler.page.mouse.move(*point)
    labeler.page.mouse.up()
    return [exact for _, exact in spots]


def in_slice(voxels: Mask, axis: int, index: int) -> Mask:
    """Those of one slice alone."""
    inside = np.zeros(SHAPE, bool)
    slices = [slice(None)] * 3
    slices[axis] = slice(index, index + 1)
    inside[tuple(slices)] = voxels[tuple(slices)]
    return inside


def mask(labeler: LabelerPage, value: int = 1) -> Mask:
    """The kernel's voxels of a label, once the page has nothing left to say; the page's own are the same."""
    labeler.page.wait_for_function("(root) => root.jlabelDebug.unacked() === 0", arg=labeler.root.element_handle())
    found = np.array(labeler.notebook.kernel.eval("labeler.mask.tolist()"))
    labeler.page.wait_for_function(
        f"(root) => root.jlabelDebug.maskSum() === {int(found.sum())}", arg=labeler.root.element_handle()
    )
    return np.asarray(found == value)


def press(labeler: LabelerPage, *keys: str) -> None:
    labeler.root.focus()
    for key in keys:
        labeler.page.keyboard.press(key)


def radius(labeler: LabelerPage, mm: float) -> None:
    """Set the brush's radius to one that no voxel's centre is exactly away by."""
    labeler.root.evaluate(f"(root) => root.jlabelDebug.setRadius({mm})")


def touch(client: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})


def test_a_ball_reaches_into_the_slices_beside(labeler: LabelerPage) -> None:
    press(labeler, "b", "q")
    radius(labeler, 4.3)
    painted = capsules(drag(labeler, "axial", [(12, 18, 15), (26, 12, 15), (27, 22, 15)]), 4.3)
    np.testing.assert_array_equal(mask(labeler), painted)
    press(labeler, "e")
    erased = capsules(drag(labeler, "sagittal", [(20, 15, 16)]), 4.3)
    labeler.notebook.kernel.wait_for("bool(labeler.mask[20, 15, 16])", False)
    np.testing.assert_array_equal(mask(labeler), painted & ~erased)
    press(labeler, "Control+z")
    labeler.notebook.kernel.wait_for("bool(labeler.mask[20, 15, 16])", True)
    np.testing.assert_array_equal(mask(labeler), painted)


def test_a_disc_stays_in_its_slice_and_leaves_what_is_locked(labeler: LabelerPage) -> None:
    kernel = labeler.notebook.kernel
    press(labeler, "b")
    radius(labeler, 5.2)
    first = in_slice(capsules(drag(labeler, "coronal", [(10, 18, 10), (22, 18, 14)]), 5.2), 1, 18)
    np.testing.assert_array_equal(mask(labeler), first)
    kernel.run("labeler._controller.features.paint_settings.lock(1)")
    labeler.page.wait_for_timeout(200)
    labeler.click("coronal", (30, 18, 20))
    assert "first is locked; unlock it to paint" in labeler.root.locator(".jl-error").inner_text()
    press(labeler, "2")
    kernel.wait_for("labeler.label", "second")
    second = in_slice(capsules(drag(labeler, "coronal", [(16, 18, 4), (16, 18, 20)]), 5.2), 1, 18)
    np.testing.assert_array_equal(mask(labeler), first)
    np.testing.assert_array_equal(mask(labeler, 2), second & ~first)


def test_a_range_of_intensities_taken_from_the_image(labeler: LabelerPage) -> None:
    press(labeler, "b", "q", "Shift+Q")
    labeler.root.get_by_label("Brush tolerance").fill("4")
    labeler.root.get_by_label("Brush tolerance").press("Enter")
    labeler.page.keyboard.down("Alt")
    labeler.click("axial", (14, 16, 15))
    labeler.page.keyboard.up("Alt")
    assert labeler.root.get_by_label("Brush from intensity").input_value() == "41"
    assert labeler.root.get_by_label("Brush to intensity").input_value() == "49"
    radius(labeler, 7.3)
    ball = capsules(drag(labeler, "axial", [(14, 16, 15)]), 7.3)
    ramp = np.indices(SHAPE).sum(axis=0)
    np.testing.assert_array_equal(mask(labeler), ball & (ramp >= 41) & (ramp <= 49))


def test_a_polygon_by_clicks_and_one_by_dragging(labeler: LabelerPage) -> None:
    press(labeler, "y")
    corners: list[tuple[float, float, float]] = [(8.5, 6.5, 15), (30.5, 6.5, 15), (30.5, 20.5, 15), (8.5, 20.5, 15)]
    for corner in corners[:3]:
        labeler.click("axial", corner)
    labeler.click("axial", (33.5, 30.5, 15))
    labeler.page.keyboard.press("Backspace")
    labeler.click("axial", corners[3])
    labeler.page.keyboard.press("Enter")
    wanted = np.zeros(SHAPE, bool)
    wanted[9:31, 7:21, 15] = True
    np.testing.assert_array_equal(mask(labeler), wanted)
    labeler.page.keyboard.down("Shift")
    labeler.drag("axial", [(12.5, 9.5, 15), (20.5, 9.5, 15), (20.5, 15.5, 15), (12.5, 15.5, 15)])
    labeler.page.keyboard.up("Shift")
    wanted[13:21, 10:16, 15] = False
    np.testing.assert_array_equal(mask(labeler), wanted)
    labeler.click("axial", corners[0])
    labeler.page.keyboard.press("Escape")
    assert labeler.root.locator('[data-tool="polygon"]').get_attribute("aria-pressed") == "true"
    labeler.page.keyboard.press("Control+z")
    labeler.notebook.kernel.wait_for("int(labeler.mask.sum())", 22 * 14)


def test_a_polygons_corners_are_set_by_keys(labeler: LabelerPage) -> None:
    keyboard = labeler.page.keyboard
    press(labeler, "y", "Enter")
    start = labeler.debug("cursor()")
    press(labeler, "Control+Shift+ArrowRight", "Shift+ArrowRight", "Enter", "Control+Shift+ArrowDown", "Enter")
    end = labeler.debug("cursor()")
    assert end[2] == start[2]
    # One that was set wrongly is taken back.
    press(labeler, "Shift+ArrowDown", "Shift+ArrowDown", "Enter", "Backspace", "Shift+ArrowUp", "Shift+ArrowUp")
    press(labeler, "Control+Shift+ArrowLeft", "Shift+ArrowLeft", "Enter")
    assert not mask(labeler).any()
    keyboard.press("Enter")
    # Of two polygons with a common edge, each voxel on it belongs to the one with the larger indices.
    i, j = (slice(min(pair), max(pair)) for pair in zip(start[:2], end[:2], strict=True))
    wanted = np.zeros(SHAPE, bool)
    wanted[i, j, start[2]] = True
    assert wanted.sum() == 11 * 10
    np.testing.assert_array_equal(mask(labeler), wanted)
    # The first corner closes too, and shift erases; what is given up leaves nothing.
    press(labeler, "Shift+ArrowUp", "Shift+Enter", "Control+Shift+ArrowRight", "Enter")
    press(labeler, "Shift+ArrowUp", "Shift+ArrowUp", "Shift+ArrowUp", "Enter", "Control+Shift+ArrowLeft", "Enter")
    press(labeler, "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown", "Enter")
    assert mask(labeler).sum() == 11 * 10 - 10 * 3
    press(labeler, "Control+z", "Enter", "Shift+ArrowRight", "Enter", "Escape", "Enter", "Escape")
    np.testing.assert_array_equal(mask(labeler), wanted)


def test_a_pen_presses_and_is_turned_round(labeler: LabelerPage) -> None:
    client = labeler.page.context.new_cdp_session(labeler.page)
    press(labeler, "b")
    radius(labeler, 6.1)

    (x, y), exact = pixel(labeler, "axial", (12, 18, 15))
    shared = {"x": x, "y": y, "pointerType": "pen", "button": "left", "clickCount": 1}
    client.send("Input.dispatchMouseEvent", {**shared, "type": "mousePressed", "buttons": 1, "force": 0.5})
    client.send("Input.dispatchMouseEvent", {**shared, "type": "mouseReleased", "buttons": 0, "force": 0})
    painted = in_slice(capsules([exact], 6.1 * 0.65), 2, 15)
    np.testing.assert_array_equal(mask(labeler), painted)
    # Chromium's protocol has no button for the other end, so the page is told itself what the browser would tell it.
    (x, y), exact = pixel(labeler, "axial", (14, 18, 15))
    labeler.pane("axial").locator("canvas").evaluate(
        """(canvas, [x, y]) => {
          canvas.setPointerCapture = () => {};
          const pen = { pointerType: "pen", pointerId: 77, clientX: x, clientY: y, bubbles: true };
          canvas.dispatchEvent(new PointerEvent("pointerdown", { ...pen, button: 5, buttons: 32, pressure: 0.2 }));
          canvas.dispatchEvent(new PointerEvent("pointerup", { ...pen, button: 5, buttons: 0, pressure: 0 }));
        }""",
        [x, y],
    )
    erased = in_slice(capsules([exact], 6.1 * 0.44), 2, 15)
    np.testing.assert_array_equal(mask(labeler), painted & ~erased)


def test_a_finger_paints_and_two_fingers_zoom(labeler: LabelerPage) -> None:
    client = labeler.page.context.new_cdp_session(labeler.page)
    press(labeler, "b")
    radius(labeler, 3.1)
    (start, first), (end, last) = (pixel(labeler, "axial", voxel) for voxel in [(10, 18, 15), (24, 18, 15)])
    touch(client, "touchStart", start)
    labeler.page.wait_for_timeout(250)
    touch(client, "touchMove", end)
    touch(client, "touchEnd")
    wanted = in_slice(capsules([first, last], 3.1), 2, 15)
    np.testing.assert_array_equal(mask(labeler), wanted)

    middle = labeler.point("axial", (17, 18, 15))
    apart = labeler.point("axial", (27, 18, 15))[0] - labeler.point("axial", (7, 18, 15))[0]
    fingers = [(middle[0] - 30, middle[1]), (middle[0] + 30, middle[1])]
    touch(client, "touchStart", fingers[0])
    touch(client, "touchStart", *fingers)
    for step in range(1, 6):
        touch(client, "touchMove", (fingers[0][0] - 6 * step, middle[1]), (fingers[1][0] + 6 * step, middle[1]))
    touch(client, "touchEnd")
    labeler.page.wait_for_timeout(300)
    zoomed = labeler.point("axial", (27, 18, 15))[0] - labeler.point("axial", (7, 18, 15))[0]
    assert zoomed / apart == pytest.approx(2, rel=0.05)
    assert labeler.point("axial", (17, 18, 15)) == pytest.approx(middle, abs=3)
    np.testing.assert_array_equal(mask(labeler), wanted)


def test_what_is_done_while_the_connection_is_lost_arrives_in_order(
    lab: Lab, wire: Wire, page: Page, tmp_path: Path
) -> None:
    over_wire = dataclasses.replace(lab, url=wire.url)
    labeler = on_ramp(lambda cells: open_notebook(over_wire, page, "over_a_wire", cells), tmp_path)
    press(labeler, "b")
    radius(labeler, 3.1)
    one = drag(labeler, "axial", [(8, 18, 15)])
    wire.cut()
    labeler.root.get_by_text("The connection to the kernel is lost").wait_for()
    other = drag(labeler, "axial", [(20, 18, 15)])
    drag(labeler, "axial", [(30, 18, 15)])
    press(labeler, "Control+z", "2")
    labeler.click("axial", (14, 28, 15))
    assert labeler.notebook.kernel.eval("int((labeler.mask == 2).sum())") == 0
    wire.mend()
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.reconnect()")
    labeler.notebook.kernel.wait_for("bool(labeler.mask[14, 28, 15])", True, timeout=60)
    wanted = in_slice(capsules(one, 3.1) | capsules(other, 3.1), 2, 15)
    np.testing.assert_array_equal(mask(labeler), wanted)


def test_a_kernel_killed_in_the_middle_of_a_stroke_costs_nothing(labeler: LabelerPage) -> None:
    press(labeler, "b")
    labeler.drag("axial", [(8, 30, 15), (14, 30, 15)])
    painted = mask(labeler)
    pid = labeler.notebook.kernel.eval("__import__('os').getpid()")
    labeler.page.wait_for_timeout(300)
    labeler.page.mouse.move(*labeler.point("axial", (20, 10, 15)))
    labeler.page.mouse.down()
    labeler.page.mouse.move(*labeler.point("axial", (24, 10, 15)), steps=3)
    os.kill(pid, signal.SIGKILL)
    labeler.page.mouse.move(*labeler.point("axial", (28, 10, 15)), steps=3)
    labeler.page.mouse.up()
    ended = labeler.root.get_by_role("alertdialog", name="The kernel has ended")
    ended.get_by_text("The kernel was restarted").wait_for()
    assert "What the kernel had not heard at its end is kept in this page" in ended.inner_text()
    seen = labeler.debug("maskSum()")
    # Nothing more is taken, by pointer or key.
    labeler.page.mouse.click(*labeler.point("axial", (5, 5, 15)))
    press(labeler, "Control+z")
    assert labeler.debug("maskSum()") == seen
    labeler.notebook.run(0)
    again = LabelerPage(labeler.notebook)
    again.wait_for_image("case")
    again.root.get_by_text("The last stroke had not been heard by the kernel that ended").wait_for()
    again.notebook.kernel.wait_for("bool(labeler.mask[24, 10, 15])", True, timeout=60)
    found = mask(again)
    assert (found & painted == painted).all()
    assert found[20:29, 10, 15].all()
    press(again, "Control+z")
    np.testing.assert_array_equal(mask(again), painted)


def test_two_hundred_strokes_in_a_hurry(labeler: LabelerPage) -> None:
    press(labeler, "b")
    radius(labeler, 0.9)
    dots = [(2 + 3 * (n % 12), 3 + 2 * (n // 12), 15) for n in range(200)]
    for dot in dots:
        x, y = labeler.point("axial", dot)
        labeler.page.mouse.click(x, y)
    assert len({*dots}) == 200
    found = mask(labeler)
    assert {tuple(v) for v in np.argwhere(found).tolist()} == {*dots}
    assert labeler.notebook.kernel.eval("len(labeler._controller.open_image.draft.history._done)") == 200


@pytest.mark.own_page
def test_a_stroke_too_large_for_a_message_travels_in_pieces(notebook: Open, page: Page, tmp_path: Path) -> None:
    sent: list[int] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: sent.append(len(frame)))

    page.on("websocket", listen)
    # The box of the ball has 25 million voxels, and a message holds a million at most. Noise does not pack.
    shape = (400, 400, 160)
    noise = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    nib.save(nib.Nifti1Image(noise, np.eye(4)), tmp_path / "case.nii")
    opened = notebook([app_cell(tmp_path, "labeler = manager.labeler('case')\nlabeler")])
    opened.run(0)
    labeler = LabelerPage(opened)
    labeler.wait_for_image()
    press(labeler, "b", "q", "Shift+Q")
    for field, value in (("Brush from intensity", 100), ("Brush to intensity", 227)):
        labeler.root.get_by_label(field).fill(str(value))
        labeler.root.get_by_label(field).press("Enter")
    radius(labeler, 199)
    (x, y), centre = pixel(labeler, "axial", (200, 200, 80))
    before = len(sent)
    page.mouse.click(x, y)
    page.wait_for_function("(root) => root.jlabelDebug.unacked() === 0", arg=labeler.root.element_handle())
    pieces = [size for size in sent[before:] if size > 50_000]
    assert len(pieces) >= 25
    assert max(sent) < 4_000_000

    kernel = opened.kernel
    kernel.run(
        f"""
i, j, k = np.ogrid[:400, :400, :160]
apart = np.sqrt((i - {centre[0]}) ** 2 + (j - {centre[1]}) ** 2 + (k - {centre[2]}) ** 2) - 199
import nibabel as nib
noise = np.asarray(nib.load({str(tmp_path / "case.nii")!r}).dataobj)
wanted = (apart <= 0) & (noise >= 100) & (noise <= 227)
sure = abs(apart) > 1e-6  # arithmetic may take a voxel on the very border or leave it
"""
    )
    assert kernel.eval("int((wanted & sure).sum())") > 5_000_000
    assert kernel.eval("bool(np.array_equal(labeler.mask[sure] == 1, wanted[sure]))")
    assert labeler.debug("maskSum()") == kernel.eval("int(labeler.mask.sum())")
    press(labeler, "Control+z")
    kernel.wait_for("bool(labeler.mask.any())", False)
    page.wait_for_function("(root) => root.jlabelDebug.maskSum() === 0", arg=labeler.root.element_handle())
    assert not kernel.eval("labeler._controller.open_image.draft.history._done")
