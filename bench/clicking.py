"""Clicks in the labeler and in a bare widget beside it, each timed in the page until its answer is on the screen."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from bench.report import emit
from bench.volumes import size_name
from tests.browser.labeler import LabelerPage
from tests.browser.notebook import Notebook, open_notebook
from tests.browser.server import Lab

ROUNDS = 30
WARM_UP = 5
# As many clicks as a structure gets before the person goes on to the next.
CLICKS_A_STRUCTURE = 5
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


@contextmanager
def opened(lab: Lab, page: Page, studies: Path, shape: tuple[int, ...]) -> Iterator[tuple[Notebook, LabelerPage]]:
    """A labeler and the bare widget, and what times them in the page as ``window.bench``."""
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


def measure_clicks(
    notebook: Notebook, labeler: LabelerPage, shape: tuple[int, ...], name: str, bar: float | None = None
) -> tuple[list[float], list[float], bool]:
    """Milliseconds from the button to the answer on the screen, their floor, and whether the bar holds."""
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
    took, floor_ms = [_took(time) for time in times], [_took(time) for time in floors]
    where = legs(times, notebook.kernel.eval("stamps")) if notebook.kernel.eval("labeler.model") == "ball" else {}
    ok = emit(f"{name}.{size_name(shape)}", took, "ms", floor_ms, bar, clicks=len(times), **where)
    return took, floor_ms, ok


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
