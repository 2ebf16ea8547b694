"""What a person waits for in JupyterLab: ``python -m bench.bench_widget``.

A real JupyterLab and a headless Chromium with real pointer events. A click is timed in the page, from the event that
lets the button go to the drawn frame that is the first to show the answer: of a model that answers at once, and of the
click tool that is part of the package. The floor is clicked in turn with the labeler, in the same page and kernel: a
bare widget that gets as many bytes for a click and draws them on a canvas of the same size.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

import numpy as np

from bench.browser import lab_and_browser
from bench.clicking import measure_clicks, opened
from bench.report import emit, emit_pairs
from bench.volumes import SHAPES, make_studies, size_name
from tests.browser.labeler import LabelerPage
from tests.browser.notebook import Notebook

CLICK_BAR_MS = 100.0
SHIPPED_CLICK_BAR_MS = 500.0
GROWTH_BAR = 1.3
# Beyond what reading the file takes.
NEXT_BAR_MS = 500.0
STREAM_BAR = 1.3
NEXTS = 3
# From the button "Next" to the frame with the slices on screen, and to the last voxel.
_NEXT = """(root) => new Promise((resolve, reject) => {
  const { bench } = window;
  const late = setTimeout(() => reject(new Error("no image within 60 s")), 60000);
  const [epoch, start] = [root.dataset.epoch, performance.now()];
  const times = { header: 0, slices: 0 };
  const look = () => {
    const now = performance.now();
    const on = root.dataset.epoch !== epoch && root.dataset.epoch !== "";
    if (on) times.header ||= now;
    if (on && bench.probes.every((at) => root.jlabelDebug.voxelAt(at)?.[0])) times.slices ||= now;
    if (!times.slices || root.dataset.loaded !== "1") return requestAnimationFrame(look);
    clearTimeout(late);
    resolve({ slices: times.slices - start, loaded: now - start, stream: now - times.header });
  };
  root.querySelector('[data-action="next"]').click();
  look();
})"""
_STREAM = """async (canvas, bytes) => {
  const start = performance.now();
  canvas.stream(bytes);
  return (await window.bench.next("floor:streamed", start)) - start;
}"""


def main() -> int:
    good, clicks = True, []
    with lab_and_browser() as (home, lab, chromium):
        for shape in SHAPES:
            studies = make_studies(home / size_name(shape), shape, NEXTS + 2)
            # High enough for both widgets, so that nothing scrolls while it is measured.
            page = chromium.new_context(viewport={"width": 1600, "height": 1500}).new_page()
            with opened(lab, page, studies, shape) as (notebook, labeler):
                good &= measure_next(notebook, labeler, studies, shape)
                *figures, ok = measure_clicks(notebook, labeler, shape, "widget.click", CLICK_BAR_MS)
                good &= bool(ok)
                clicks.append(figures)
                good &= measure_shipped(notebook, labeler, shape)
            page.context.close()
    unit = f"x from {size_name(SHAPES[0])} to {size_name(SHAPES[1])}"
    growth, floor = (statistics.median(large) / statistics.median(small) for small, large in zip(*clicks, strict=True))
    # The bare widget does the same for both: where it has become slower, the machine has.
    good &= emit("widget.click.growth", growth, unit, floor, GROWTH_BAR, bar_over_floor=GROWTH_BAR)
    return 0 if good else 1


def measure_shipped(notebook: Notebook, labeler: LabelerPage, shape: tuple[int, ...]) -> bool:
    """The same with the click tool that a person has on the first day."""
    labeler.do("clear")
    notebook.kernel.run("labeler.model = 'click'")
    return measure_clicks(notebook, labeler, shape, "widget.shipped_click", SHIPPED_CLICK_BAR_MS)[2]


def measure_next(notebook: Notebook, labeler: LabelerPage, studies: Path, shape: tuple[int, ...]) -> bool:
    size = int(np.prod(shape)) * 2
    canvas = notebook.page.locator(".bench-floor")
    next_, stream, read, bare = [], [], [], []
    for number in range(NEXTS):
        times = labeler.root.evaluate(_NEXT)
        labeler.wait_idle()
        next_.append(times["slices"])
        stream.append(times["stream"])
        bare.append(canvas.evaluate(_STREAM, size))
        read.append(notebook.kernel.eval(f"bare_read_ms({str(studies / f'case_{number}.nii.gz')!r})"))
    beyond = [whole - bare_ms for whole, bare_ms in zip(next_, read, strict=True)]
    name, unit = f"widget.next.{size_name(shape)}", "ms to the first slices, beyond reading the file"
    good = emit(name, beyond, unit, read, NEXT_BAR_MS)
    name = f"widget.stream.{size_name(shape)}"
    return good & emit_pairs(name, stream, bare, "ms", STREAM_BAR, megabytes=size / 1e6)


if __name__ == "__main__":
    sys.exit(main())
