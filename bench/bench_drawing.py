"""What drawing costs in the browser: ``python -m bench.bench_drawing``.

A real JupyterLab and a headless Chromium without a GPU. "Script" is the time that the page's own code takes for one
thing: its event handler and the drawn frames that follow, counted by wrapping what a page is called back through. Its
floor is the same for an empty handler and an empty frame. Memory is that of the page's process over what it had before
the image was opened; its floor is the bytes of the voxels and of the mask.
"""

from __future__ import annotations

import gzip
import math
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from bench.bench_widget import SHAPES, _name, make_studies
from bench.report import emit
from scripts import find_browser, frontend
from tests.browser.conftest import FLAGS
from tests.browser.labeler import LabelerPage
from tests.browser.notebook import Notebook, open_notebook
from tests.browser.server import Lab, running_lab

REDRAW_BARS_MS = (4.0, 12.0)
FRAME_BAR_MS = 1000 / 58
MOVE_BAR_MS = 8.0
UNDO_BAR_MS = 30.0
MEMORY_BAR = 2.5
BUNDLE_BAR_KB = 150.0
STEPS = 60
MB = 1e6
_CELL = "from bench.widget_app import *\nlabeler = painted_labeler({!r})\nlabeler"
# Adds up what the page's own code takes: frames here, event handlers by `timed` below.
_COUNT = """(() => {
  const later = window.requestAnimationFrame.bind(window);
  window.script = 0;
  window.requestAnimationFrame = (call) => later((time) => {
    const start = performance.now();
    try { call(time); } finally { window.script += performance.now() - start; }
  });
  window.frame = () => new Promise((resolve) => later(() => setTimeout(resolve, 0)));
})()"""
# Script time of `count` wheel notches over a pane, one after the other, forth and back around the middle.
WHEEL = """async ([canvas, count]) => {
  const times = [];
  for (let step = 0; step < count; step++) {
    await window.frame();
    window.script = 0;
    const start = performance.now();
    const deltaY = step % 20 < 10 ? 100 : -100;
    canvas.dispatchEvent(new WheelEvent("wheel", { deltaY, bubbles: true, cancelable: true }));
    const handled = performance.now() - start;
    await window.frame();
    await window.frame();
    times.push(handled + window.script);
  }
  return times;
}"""
# Milliseconds from frame to frame while the wheel is turned in every one of them, or while nothing happens.
_FRAMES = """([canvas, count, turning]) => new Promise((resolve) => {
  const times = [];
  const run = (time) => {
    times.push(time);
    if (times.length > count) return resolve((times.at(-1) - times[0]) / count);
    const deltaY = times.length % 20 < 10 ? 100 : -100;
    if (turning) canvas.dispatchEvent(new WheelEvent("wheel", { deltaY, bubbles: true, cancelable: true }));
    requestAnimationFrame(run);
  };
  requestAnimationFrame(run);
})"""
# From here on every pointer move over the canvas adds what its handlers take; the window hears of it first, we last.
MOVES = """(canvas) => {
  window.moves = [];
  let start = 0;
  window.addEventListener("pointermove", () => { start = performance.now(); window.script = 0; }, true);
  canvas.addEventListener("pointermove", () => {
    const handled = performance.now() - start;
    window.frame().then(() => window.frame()).then(() => window.moves.push(handled + window.script));
  });
}"""


def main() -> int:
    browser = find_browser.find_browser()
    if browser is None:
        raise RuntimeError(f"no browser: {find_browser.HELP}")
    frontend.build()
    good = measure_bundle()
    with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder:
        home = Path(folder)
        with running_lab(home / "lab") as lab, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=browser, args=FLAGS)
            for shape, bar in zip(SHAPES, REDRAW_BARS_MS, strict=True):
                studies = make_studies(home / _name(shape), shape, 1)
                context = chromium.new_context(viewport={"width": 1600, "height": 1100})
                with opened(lab, context.new_page(), studies) as (notebook, labeler, before_mb):
                    if shape == SHAPES[-1]:
                        good &= measure_memory(notebook.page, shape, before_mb)
                    good &= measure_redraw(labeler, shape, bar)
                    good &= measure_brushes(notebook, labeler, shape)
                context.close()
            chromium.close()
    return 0 if good else 1


def measure_bundle() -> bool:
    """What every page loads, packed as a server sends it."""
    static = Path(frontend.ROOT / frontend.STATIC)
    packed = sum(len(gzip.compress((static / name).read_bytes(), 9)) for name in ("index.js", "index.css"))
    return emit("drawing.bundle", packed / 1000, "KB gzip", bar=BUNDLE_BAR_KB)


@contextmanager
def opened(lab: Lab, page: Page, studies: Path) -> Iterator[tuple[Notebook, LabelerPage, float]]:
    """A labeler with a painted image, and the memory of its page before."""
    page.set_default_timeout(60_000)
    page.add_init_script(_COUNT)
    notebook = open_notebook(lab, page, studies.name, [_CELL.format(str(studies))])
    before = page_mb(page)
    notebook.run_all()
    labeler = LabelerPage(notebook)
    labeler.wait_for_image()
    yield notebook, labeler, before
    notebook.close()
    lab.end_kernels()


def measure_redraw(labeler: LabelerPage, shape: tuple[int, ...], bar: float) -> bool:
    """Stepping through slices with three planes on the screen, each with labels."""
    canvas = labeler.pane("axial").locator("canvas").element_handle()
    page = labeler.page
    other = page.evaluate_handle("document.createElement('canvas')")
    steps, floor = (page.evaluate(WHEEL, [on, STEPS]) for on in (canvas, other))
    good = emit(
        f"drawing.redraw.{_name(shape)}", statistics.median(steps), "ms script", statistics.median(floor), bar,
        worst=round(max(steps), 1),
    )  # fmt: skip
    turning, still = (page.evaluate(_FRAMES, [canvas, STEPS, on]) for on in (True, False))
    return emit(f"drawing.frame.{_name(shape)}", turning, "ms a frame, wheel turning", still, FRAME_BAR_MS) and good


def measure_brushes(notebook: Notebook, labeler: LabelerPage, shape: tuple[int, ...]) -> bool:
    """A stroke across the slice with the disc and with the ball, and undo of the ball's."""
    page, good = notebook.page, True
    canvas = labeler.pane("axial").locator("canvas").element_handle()
    page.evaluate(MOVES, canvas)
    labeler.tool("brush")
    for kind in ("disc", "ball"):
        if kind == "ball":
            labeler.do("brush-ball")
        page.evaluate("window.moves.length = 0")
        stroke(labeler, shape)
        moves = page.evaluate("window.moves")
        good &= emit(f"drawing.{kind}.{_name(shape)}", statistics.median(moves), "ms script a move", bar=MOVE_BAR_MS)
    labeler.wait_idle()
    page.wait_for_timeout(500)
    return measure_undo(notebook, labeler, shape) and good


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
    page, cdp, kernel, times = notebook.page, notebook.page.context.new_cdp_session(notebook.page), notebook.kernel, []
    cdp.send("Performance.enable")
    for _ in range(5):
        before = script_ms(cdp)
        took = kernel.eval("timed(labeler.undo)")
        page.wait_for_timeout(300)
        times.append(took + script_ms(cdp) - before)
        kernel.run("labeler.redo()")
        page.wait_for_timeout(300)
    bar = UNDO_BAR_MS if shape == SHAPES[-1] else None
    return emit(f"drawing.undo_ball.{_name(shape)}", statistics.median(times), "ms", bar=bar)


def script_ms(cdp: CDPSession) -> float:
    metrics = {item["name"]: item["value"] for item in cdp.send("Performance.getMetrics")["metrics"]}
    return float(metrics["ScriptDuration"]) * 1000


def measure_memory(page: Page, shape: tuple[int, ...], before: float) -> bool:
    held = math.prod(shape) * 3 / MB
    return emit("drawing.memory", page_mb(page) - before, "MB", held, MEMORY_BAR * held, shape=_name(shape))


def page_mb(page: Page) -> float:
    """Memory of the largest page of the browser after a collection of garbage."""
    cdp = page.context.new_cdp_session(page)
    for _ in range(2):
        cdp.send("HeapProfiler.collectGarbage")
        page.wait_for_timeout(300)
    return max((_pss_mb(folder) for folder in Path("/proc").iterdir() if _is_page(folder)), default=math.nan)


def _is_page(folder: Path) -> bool:
    try:
        command: Any = (folder / "cmdline").read_bytes() if folder.name.isdigit() else b""
    except OSError:
        return False
    return b"--type=renderer" in command


def _pss_mb(folder: Path) -> float:
    try:
        lines = (folder / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / MB


if __name__ == "__main__":
    sys.exit(main())
