"""What drawing costs in the browser: ``python -m bench.bench_drawing``.

A real JupyterLab and a headless Chromium without a GPU. "Script" is the time that the page's own code takes for one
thing: its event handler and the drawn frames that follow, counted by wrapping what a page is called back through. Its
floor is the same for an empty handler and an empty frame; that of undo is as long a time in which nothing is done, and
that of a frame is one in which three bare canvases of the size of the planes get other pixels. Memory is that of the
page's process over what it had before the image was opened; its floor is the bytes of the voxels and of the mask.
"""

from __future__ import annotations

import gzip
import math
import sys
from pathlib import Path

from playwright.sync_api import Page

from bench.browser import lab_and_browser
from bench.drawing_page import MB, MOVES, STEPS, WHEEL, opened, page_mb, script_ms
from bench.report import emit
from bench.volumes import SHAPES, make_studies, size_name
from scripts import frontend
from tests.browser.labeler import LabelerPage
from tests.browser.notebook import Notebook

REDRAW_BARS_MS = (4.0, 12.0)
FRAME_BAR_MS = 1000 / 58
# Where others on the machine keep even bare canvases from 60 frames a second.
FRAME_BAR = 1.05
FRAME_ROUNDS = 7
MOVE_BAR_MS = 8.0
UNDO_BAR_MS = 30.0
MEMORY_BAR = 2.5
BUNDLE_BAR_KB = 150.0
_BARE = """() => {
  const canvas = document.body.appendChild(document.createElement("canvas"));
  Object.assign(canvas.style, { position: "fixed", inset: "0 auto auto 0", zIndex: 10000 });
  return canvas;
}"""
# Milliseconds from frame to frame while the wheel is turned in every one of them, or while bare canvases are filled.
_FRAMES = """([canvas, count, turning]) => new Promise((resolve) => {
  const { width, height } = canvas;
  const bare = [0, 1, 2].map(() => Object.assign(document.createElement("canvas"), { width, height }));
  const pixels = [0, 99].map((grey) => new ImageData(new Uint8ClampedArray(4 * width * height).fill(grey), width));
  const box = canvas.getBoundingClientRect();
  const style = { position: "fixed", top: 0, zIndex: 10000, width: `${box.width}px`, height: `${box.height}px` };
  if (!turning) for (const one of bare) Object.assign(document.body.appendChild(one).style, style);
  const times = [];
  const run = (time) => {
    times.push(time);
    if (times.length > count) {
      for (const one of bare) one.remove();
      return resolve((times.at(-1) - times[0]) / count);
    }
    const deltaY = times.length % 20 < 10 ? 100 : -100;
    if (turning) canvas.dispatchEvent(new WheelEvent("wheel", { deltaY, bubbles: true, cancelable: true }));
    else for (const one of bare) one.getContext("2d").putImageData(pixels[times.length % 2], 0, 0);
    requestAnimationFrame(run);
  };
  requestAnimationFrame(run);
})"""


def main() -> int:
    good = True
    with lab_and_browser() as (home, lab, chromium):
        good &= measure_bundle()
        for shape, bar in zip(SHAPES, REDRAW_BARS_MS, strict=True):
            studies = make_studies(home / size_name(shape), shape, 1)
            context = chromium.new_context(viewport={"width": 1600, "height": 1100})
            with opened(lab, context.new_page(), studies) as (notebook, labeler, before_mb):
                if shape == SHAPES[-1]:
                    good &= measure_memory(notebook.page, shape, before_mb)
                good &= measure_redraw(labeler, shape, bar)
                good &= measure_brushes(notebook, labeler, shape)
            context.close()
    return 0 if good else 1


def measure_bundle() -> bool:
    """What every page loads, packed as a server sends it."""
    static = Path(frontend.ROOT / frontend.STATIC)
    packed = sum(len(gzip.compress((static / name).read_bytes(), 9)) for name in ("index.js", "index.css"))
    return emit("drawing.bundle", packed / 1000, "KB gzip", bar=BUNDLE_BAR_KB)


def measure_redraw(labeler: LabelerPage, shape: tuple[int, ...], bar: float) -> bool:
    """Stepping through slices with three planes on the screen, each with labels."""
    canvas = labeler.pane("axial").locator("canvas").element_handle()
    page = labeler.page
    other = page.evaluate_handle("document.createElement('canvas')")
    steps, floor = (page.evaluate(WHEEL, [on, STEPS]) for on in (canvas, other))
    name, worst = f"drawing.redraw.{size_name(shape)}", round(max(steps), 1)
    good = emit(name, steps, "ms script", floor, bar, worst=worst)
    rounds = [[page.evaluate(_FRAMES, [canvas, STEPS // 2, on]) for on in (True, False)] for _ in range(FRAME_ROUNDS)]
    turning, bare = (list(figures) for figures in zip(*rounds, strict=True))
    name, unit = f"drawing.frame.{size_name(shape)}", "ms a frame, wheel turning"
    return emit(name, turning, unit, bare, FRAME_BAR_MS, bar_over_floor=FRAME_BAR) and good


def measure_brushes(notebook: Notebook, labeler: LabelerPage, shape: tuple[int, ...]) -> bool:
    """A stroke across the slice with the disc and with the ball, and undo of the ball's."""
    page, good = notebook.page, True
    floor = bare_moves(page)
    page.evaluate(MOVES, labeler.pane("axial").locator("canvas").element_handle())
    labeler.tool("brush")
    for kind in ("disc", "ball"):
        if kind == "ball":
            labeler.do("brush-ball")
        page.evaluate("window.moves.length = 0")
        stroke(labeler, shape)
        took = page.evaluate("window.moves")
        good &= emit(f"drawing.{kind}.{size_name(shape)}", took, "ms script a move", floor, MOVE_BAR_MS)
    labeler.wait_idle()
    page.wait_for_timeout(500)
    return measure_undo(notebook, labeler, shape) and good


def bare_moves(page: Page) -> list[float]:
    """Script time of a pointer move over a canvas that takes no notice."""
    canvas = page.evaluate_handle(_BARE)
    page.evaluate(MOVES, canvas)
    for step in range(STEPS):
        page.mouse.move(20 + step, 20 + step % 7)
        page.wait_for_timeout(20)
    moves: list[float] = page.evaluate("window.moves")
    canvas.evaluate("(canvas) => canvas.remove()")
    return moves


def stroke(labeler: LabelerPage, shape: tuple[int, ...]) -> None:
    """From the left to the right through the middle of the axial slice."""
    x, y, z = (n // 2 for n in shape)
    page = labeler.page
    page.mouse.move(*labeler.point("axial", (x // 2, y, z)))
    page.mouse.down()
    for step in range(STEPS):
        page.mouse.move(*labeler.point("axial", (x // 2 + step * x // STEPS, y + step % 7, z)))
        page.wait_for_timeout(20)
    page.mouse.up()


def measure_undo(notebook: Notebook, labeler: LabelerPage, shape: tuple[int, ...]) -> bool:
    """The kernel's part, messages written, and the page's script from the message to the drawn frame."""
    page, cdp, times, floors = notebook.page, notebook.page.context.new_cdp_session(notebook.page), [], []
    cdp.send("Performance.enable")
    # In turn with nothing at all: what the page does by itself in that time.
    for call, took in [("labeler.undo", times), ("int", floors)] * 7:
        before = script_ms(cdp)
        kernel_ms = notebook.kernel.eval(f"timed({call})")
        page.wait_for_timeout(300)
        took.append(kernel_ms + script_ms(cdp) - before)
        if call == "labeler.undo":
            notebook.kernel.run("labeler.redo()")
            page.wait_for_timeout(300)
    return emit(
        f"drawing.undo_ball.{size_name(shape)}", times, "ms", floors, UNDO_BAR_MS, quickest=round(min(times), 1)
    )


def measure_memory(page: Page, shape: tuple[int, ...], before: float) -> bool:
    held = math.prod(shape) * 3 / MB
    figure = page_mb(page) - before
    return emit("drawing.memory", figure, "MB", held, bar_over_floor=MEMORY_BAR, shape=size_name(shape))


if __name__ == "__main__":
    sys.exit(main())
