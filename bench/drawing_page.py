"""A page with a painted image in a labeler, and how the script that draws it is counted."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page

from tests.browser.labeler import LabelerPage
from tests.browser.notebook import Notebook, open_notebook
from tests.browser.server import Lab

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


def script_ms(cdp: CDPSession) -> float:
    metrics = {item["name"]: item["value"] for item in cdp.send("Performance.getMetrics")["metrics"]}
    return float(metrics["ScriptDuration"]) * 1000


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
