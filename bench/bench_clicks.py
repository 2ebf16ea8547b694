"""200 clicks in 20 seconds: ``python -m bench.bench_clicks``.

Real clicks in a real JupyterLab, one every 90 ms, 50 at each of four structures of a 256×256×128 volume: with a model
that answers at once, and with the shipped click tool, which has no bar, since it takes a tenth of a second and more for
each click. The figure is the time from the first press to the drawn frame that is the first to show the last answer.
The floor is the clicks' own pace: the same ones just before, on an empty page of the same browser, which a busy machine
slows down as well. A click that is not answered, or a structure without voxels, is an error.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
from playwright.sync_api import Page

from bench.browser import lab_and_browser
from bench.report import emit
from bench.volumes import SHAPES, size_name
from tests.browser.labeler import LabelerPage
from tests.browser.notebook import Notebook, open_notebook
from tests.browser.server import Lab

SHAPE = SHAPES[0]
MODELS = ("ball", "click")
Clicks = Sequence[tuple[int, float, float]]
LABELS = ["one", "two", "three", "four"]
CLICKS = 200
PACE_S = 0.09
# 20 s where the machine lets a click come every 90 ms.
BAR = 20.0 / (CLICKS * PACE_S)
# Voxels from click to click: far enough that a press does not take hold of the prompt before.
STEP, SIDE = 5, 8
_CELL = "from bench.widget_app import *\nlabeler = clicking_labeler({!r}, {!r})\nlabeler"
_ANSWERED = (
    "sum(not one.waits(given) for one in labeler._controller.require_image().draft.groups for given in one.given)"
)
# When a button went down or up, and every frame that was the first to show an answer.
_WATCH = """() => {
  const pace = (window.pace = { down: [], up: [], painted: [] });
  for (const what of ["down", "up"])
    window.addEventListener(`pointer${what}`, (event) => pace[what].push(event.timeStamp), true);
  new PerformanceObserver((list) => {
    pace.painted.push(...list.getEntriesByName("jlabel:painted").map((mark) => mark.startTime));
  }).observe({ entryTypes: ["mark"] });
}"""


def main() -> int:
    good = True
    with lab_and_browser() as (home, lab, chromium):
        for model in MODELS:
            studies = make_study(home / model)
            page = chromium.new_context(viewport={"width": 1600, "height": 1500}).new_page()
            good &= measure(lab, page, studies, model)
            page.context.close()
            lab.end_kernels()
    return 0 if good else 1


def make_study(studies: Path) -> Path:
    """Four even boxes in noise, beside each other in the middle slice."""
    studies.mkdir()
    volume = np.random.default_rng(0).normal(0, 20, SHAPE).astype(np.int16)
    for x, y in corners():
        volume[x - STEP : x + SIDE * STEP, y - STEP : y + SIDE * STEP, 45:85] += 200
    nib.save(nib.Nifti1Image(volume, np.eye(4)), studies / "case.nii.gz")
    return studies


def corners() -> list[tuple[int, int]]:
    """Where the first click at each structure goes."""
    return [(x, y) for x in (50, 160) for y in (50, 160)]


def measure(lab: Lab, page: Page, studies: Path, model: str) -> bool:
    page.set_default_timeout(60_000)
    notebook = open_notebook(lab, page, model, [_CELL.format(str(studies), model)])
    notebook.run_all()
    labeler = LabelerPage(notebook)
    labeler.wait_for_image()
    labeler.pane("axial").locator('[aria-label^="Enlarge"]').click()
    labeler.root.locator('[aria-label^="Show all panes"]').wait_for()
    clicks = [(label, *labeler.point("axial", voxel)) for label, voxel in places()]
    floor = bare_pace(page, clicks)
    labeler.tool("click-add")
    page.evaluate(_WATCH)
    click_all(page, clicks)
    notebook.kernel.wait_for("len(labeler.prompts)", CLICKS // len(LABELS), timeout=60)
    notebook.kernel.wait_for(_ANSWERED, CLICKS, timeout=300)
    labeler.wait_idle()
    check(notebook, labeler)
    marks = page.evaluate("() => new Promise((done) => setTimeout(() => done(window.pace), 500))")
    start, last = marks["down"][0], marks["up"][-1]
    took = (marks["painted"][-1] - start) / 1000
    pace = max(b - a for a, b in zip(marks["down"], marks["down"][1:], strict=False))
    more = {"clicks": len(marks["up"]), "last_click": round((last - start) / 1000, 1), "slowest_pace_ms": round(pace)}
    notebook.close()
    name = f"clicks.200.{model}.{size_name(SHAPE)}"
    if model != "ball":
        return emit(name, took, "s", floor, **more)
    return emit(name, took, "s", floor, 20.0, bar_over_floor=BAR, **more)


def bare_pace(page: Page, clicks: Clicks) -> float:
    """Seconds from the first press to the last release on a page that does nothing with them."""
    empty = page.context.new_page()
    empty.evaluate(_WATCH)
    click_all(empty, clicks)
    marks = empty.evaluate("window.pace")
    empty.close()
    page.bring_to_front()
    return float(marks["up"][-1] - marks["down"][0]) / 1000


def click_all(page: Page, clicks: Clicks) -> None:
    """As a hand does it, at an even pace; a number key chooses the next label."""
    begin = time.monotonic()
    for number, (label, x, y) in enumerate(clicks):
        if number % (CLICKS // len(LABELS)) == 0:
            page.keyboard.press(str(label))
        time.sleep(max(0.0, begin + number * PACE_S - time.monotonic()))
        page.mouse.click(x, y)


def places() -> Iterator[tuple[int, tuple[int, int, int]]]:
    """The number of each click's label, and its voxel."""
    for label, (x, y) in enumerate(corners(), start=1):
        for number in range(CLICKS // len(LABELS)):
            column, row = divmod(number, SIDE)
            yield label, (x + STEP * column, y + STEP * row, SHAPE[2] // 2)


def check(notebook: Notebook, labeler: LabelerPage) -> None:
    mask = {label: notebook.kernel.eval(f"int((labeler.mask == {label}).sum())") for label in range(1, 5)}
    seen = labeler.debug("maskSum()")
    known = notebook.kernel.eval("int(labeler.mask.astype(int).sum())")
    if not all(mask.values()) or seen != known:
        raise RuntimeError(f"voxels of each label: {mask}; the page shows a sum of {seen}, the kernel has {known}")


if __name__ == "__main__":
    sys.exit(main())
