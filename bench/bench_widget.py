"""What a person waits for in JupyterLab: ``python -m bench.bench_widget``.

A real JupyterLab and a headless Chromium with real pointer events. A click is timed in the page, from the event that
lets the button go to the drawn frame that is the first to show the answer; the model answers at once. The floor is
clicked in turn with the labeler, in the same page and kernel: a bare widget that gets as many bytes for a click and
draws them on a canvas of the same size.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nibabel as nib
import numpy as np
from playwright.sync_api import Page, sync_playwright

from bench.report import emit
from scripts import find_browser, frontend
from tests.browser.conftest import FLAGS
from tests.browser.labeler import LabelerPage
from tests.browser.notebook import Notebook, open_notebook
from tests.browser.server import Lab, running_lab

SHAPES = ((256, 256, 128), (512, 512, 300))
CLICK_BAR_MS = 100.0
GROWTH_BAR = 1.3
# Beyond what reading the file takes.
NEXT_BAR_MS = 500.0
STREAM_BAR = 1.3
ROUNDS = 30
WARM_UP = 5
# As many clicks as a structure gets before the person goes on to the next.
CLICKS_A_STRUCTURE = 5
NEXTS = 3
_CELLS = (
    "from bench.widget_app import *\nfloor = Echo()\nfloor",
    "labeler = make_labeler({!r})\nlabeler",
)
# Notes the last released button and every drawn answer; `waits` are called with each new mark.
_WATCH = """([floor, canvas]) => {
  const bench = (window.bench = { up: 0, taken: 0, marks: [], waits: new Set() });
  window.addEventListener("pointerup", (event) => {
    [bench.up, bench.taken] = [event.timeStamp, performance.now()];
  }, true);
  new PerformanceObserver((list) => {
    bench.marks.push(...list.getEntries().map(({ name, startTime }) => ({ name, at: startTime })));
    for (const look of bench.waits) look();
  }).observe({ entryTypes: ["mark"] });
  bench.next = (name, from) => new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no ${name} within 20 s`)), 20000);
    const look = () => {
      const found = bench.marks.find((mark) => mark.name === name && mark.at > from);
      if (!found) return;
      clearTimeout(late);
      bench.waits.delete(look);
      resolve(found.at);
    };
    bench.waits.add(look);
    look();
  });
  [floor.width, floor.height] = [canvas.width, canvas.height];
  Object.assign(floor.style, { width: "300px", height: "200px", display: "block" });
}"""
_CLICKED = """async (name) => {
  const { bench } = window;
  const painted = await bench.next(name, bench.up);
  const sent = bench.marks.find((mark) => mark.name === "jlabel:prompt-sent" && mark.at > bench.up);
  return { up: bench.up, taken: bench.taken, sent: sent?.at ?? 0, painted, origin: performance.timeOrigin };
}"""
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
    browser = find_browser.find_browser()
    if browser is None:
        raise RuntimeError(f"no browser: {find_browser.HELP}")
    frontend.build()
    good, clicks = True, []
    with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder:
        home = Path(folder)
        with running_lab(home / "lab") as lab, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=browser, args=FLAGS)
            for shape in SHAPES:
                studies = make_studies(home / _name(shape), shape)
                # High enough for both widgets, so that nothing scrolls while it is measured.
                page = chromium.new_context(viewport={"width": 1600, "height": 1500}).new_page()
                with opened(lab, page, studies, shape) as (notebook, labeler):
                    good &= measure_next(notebook, labeler, studies, shape)
                    median, ok = measure_clicks(notebook, labeler, shape)
                    good &= ok
                    clicks.append(median)
                page.context.close()
            chromium.close()
    unit = f"x from {_name(SHAPES[0])} to {_name(SHAPES[1])}"
    good &= emit("widget.click.growth", clicks[1] / clicks[0], unit, bar=GROWTH_BAR)
    return 0 if good else 1


def make_studies(studies: Path, shape: tuple[int, ...], count: int = NEXTS + 2) -> Path:
    """Equal volumes without a 0, so that the page can tell whether a voxel has come."""
    studies.mkdir()
    plane = 1 + np.add.outer(np.arange(shape[0]), np.arange(shape[1])).astype(np.int16) // 8
    volume = np.stack([plane + np.int16(k) for k in range(shape[2])], axis=-1)
    nib.openers.Opener.default_compresslevel = 1
    first = studies / "case_0.nii.gz"
    nib.save(nib.Nifti1Image(volume, np.eye(4)), first)
    for number in range(1, count):
        (studies / f"case_{number}.nii.gz").write_bytes(first.read_bytes())
    return studies


@contextmanager
def opened(lab: Lab, page: Page, studies: Path, shape: tuple[int, ...]) -> Iterator[tuple[Notebook, LabelerPage]]:
    page.set_default_timeout(60_000)
    cells = [cell.format(str(studies)) for cell in _CELLS]
    notebook = open_notebook(lab, page, studies.name, cells)
    notebook.run_all()
    labeler = LabelerPage(notebook, cell=1)
    labeler.wait_for_image()
    canvas = labeler.pane("axial").locator("canvas").first.element_handle()
    page.evaluate(_WATCH, [page.locator(".bench-floor").element_handle(), canvas])
    x, y, z = (n // 2 for n in shape)
    # Each lies in one of the three slices on screen and in no other.
    probes = [[x - 9, y - 9, z], [x - 9, y, z - 9], [x, y - 9, z - 9]]
    page.evaluate("(probes) => { window.bench.probes = probes; }", probes)
    labeler.root.scroll_into_view_if_needed()
    yield notebook, labeler
    notebook.close()
    lab.end_kernels()


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
    reading, floor = statistics.median(read), statistics.median(bare)
    good = emit(
        f"widget.next.{_name(shape)}",
        statistics.median(next_),
        "ms to the first slices",
        reading,
        reading + NEXT_BAR_MS,
    )
    return good & emit(
        f"widget.stream.{_name(shape)}",
        statistics.median(stream),
        "ms",
        floor,
        STREAM_BAR * floor,
        megabytes=size / 1e6,
    )


def measure_clicks(
    notebook: Notebook, labeler: LabelerPage, shape: tuple[int, ...], name: str = "widget.click"
) -> tuple[float, bool]:
    page, floor = notebook.page, notebook.page.locator(".bench-floor")
    labeler.tool("click-add")
    times, floors = [], []
    for number, voxel in enumerate(_voxels(shape, WARM_UP + ROUNDS)):
        if number == WARM_UP:
            notebook.kernel.run("stamps.clear()")
            times, floors = [], []
        if number % CLICKS_A_STRUCTURE == 0 and number > 0:
            labeler.do("clear")
        _settle(labeler)
        _press(page, *labeler.point("axial", voxel))
        times.append(page.evaluate(_CLICKED, "jlabel:painted"))
        if labeler.debug(f"maskAt({list(voxel)})") != 1:
            raise RuntimeError(f"the click on {voxel} was not answered by a mask there")
        _settle(labeler)
        box = floor.bounding_box() or {"x": 0, "y": 0}
        _press(page, box["x"] + 50, box["y"] + 50)
        floors.append(page.evaluate(_CLICKED, "floor:painted"))
    median = statistics.median(_took(time) for time in times)
    floor_ms = statistics.median(_took(time) for time in floors)
    where = legs(times, notebook.kernel.eval("stamps"))
    ok = emit(f"{name}.{_name(shape)}", median, "ms", floor_ms, CLICK_BAR_MS, clicks=len(times), **where)
    return median, ok


def legs(times: list[dict[str, float]], stamps: list[tuple[str, float]]) -> dict[str, float]:
    """Median milliseconds of each part of the way of a click."""
    by_name: dict[str, list[float]] = {}
    for what, at in stamps:
        by_name.setdefault(what, []).append(at)
    rows = [
        [*(time["origin"] + time[what] for what in ("up", "taken", "sent")), *kernel, time["origin"] + time["painted"]]
        for time, *kernel in zip(
            times, *(by_name[what] for what in ("heard", "asked", "answered", "sent")), strict=True
        )
    ]
    names = ("up_to_taken", "taken_to_sent", "sent_to_heard", "heard_to_asked", "model", "masks_sent", "to_painted")
    return {name: round(statistics.median(r[i + 1] - r[i] for r in rows), 2) for i, name in enumerate(names)}


def _took(time: dict[str, float]) -> float:
    return time["painted"] - time["up"]


def _settle(labeler: LabelerPage) -> None:
    """What the last click left to do is none of the next one's."""
    labeler.wait_idle()
    labeler.page.wait_for_timeout(60)


def _press(page: Page, x: float, y: float) -> None:
    """As a hand does it: the pointer rests before the button goes down, and the button is down for a moment."""
    page.mouse.move(x, y)
    page.wait_for_timeout(60)
    page.mouse.click(x, y, delay=60)


def _voxels(shape: tuple[int, ...], count: int) -> Iterator[tuple[int, int, int]]:
    """Clicks near each other on a structure, then on the next one, all in the middle slice."""
    steps = ((0, 0), (9, 0), (0, 9), (-9, 0), (0, -9))
    for number in range(count):
        structure, step = divmod(number, CLICKS_A_STRUCTURE)
        x = shape[0] // 4 + (structure % 3) * shape[0] // 4 + steps[step][0]
        y = shape[1] // 4 + (structure // 3 % 3) * shape[1] // 4 + steps[step][1]
        yield x, y, shape[2] // 2


def _name(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


if __name__ == "__main__":
    sys.exit(main())
