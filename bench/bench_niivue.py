"""The labeler beside NiiVue, on the same machine in the same run, without a GPU: ``python -m bench.bench_niivue``.

The same volume with the same label, three planes each. A slice step, a change of the window and the replacement of the
whole label, from the call to the drawn frame. NiiVue draws with WebGL, here in software, and its frame is done when a
pixel of it can be read; of the labeler all script is counted, and of the new label also that it is unpacked. ``ratio``
is the labeler's time over NiiVue's.
"""

from __future__ import annotations

import functools
import http.server
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nibabel as nib
import numpy as np
from playwright.sync_api import Browser, Playwright, sync_playwright

from bench.browser import browser_path
from bench.drawing_page import MOVES, STEPS, WHEEL, opened, script_ms
from bench.report import emit
from bench.volumes import SHAPES, make_studies
from scripts import frontend
from tests.browser.conftest import FLAGS
from tests.browser.labeler import LabelerPage
from tests.browser.notebook import Notebook
from tests.browser.server import running_lab

SHAPE = SHAPES[0]
SOFTWARE_GL = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
ROUNDS = {"step": 20, "window": 3, "overlay": 7}
_PAGE = Path(__file__).with_name("niivue")
_HTML = '<!doctype html><canvas width="1000" height="800"></canvas><script type="module" src="built.js"></script>'


def main() -> int:
    browser = browser_path()
    with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder, sync_playwright() as playwright:
        home = Path(folder)
        studies = make_studies(home / "studies", SHAPE, 1)
        ours = measure_labeler(playwright, browser, home, studies)
        theirs = measure_niivue(playwright, browser, home, studies)
    good = True
    for what, milliseconds in ours.items():
        good &= emit(f"niivue.{what}", milliseconds, "ms, the labeler", theirs[what], bar_over_floor=1.0)
    return 0 if good else 1


def measure_labeler(playwright: Playwright, browser: str, home: Path, studies: Path) -> dict[str, list[float]]:
    chromium = playwright.chromium.launch(executable_path=browser, args=FLAGS)
    page = chromium.new_context(viewport={"width": 1600, "height": 1100}).new_page()
    with running_lab(home / "lab") as lab, opened(lab, page, studies) as (notebook, labeler, _):
        figures = {
            "step": _steps(labeler),
            "window": _window_changes(labeler),
            "overlay": _overlays(notebook, labeler),
        }
    chromium.close()
    return figures


def _steps(labeler: LabelerPage) -> list[float]:
    canvas = labeler.pane("axial").locator("canvas").element_handle()
    times: list[float] = labeler.page.evaluate(WHEEL, [canvas, STEPS])
    return times


def _window_changes(labeler: LabelerPage) -> list[float]:
    """A drag with the right button: every move is another window."""
    page, start = labeler.page, tuple(n // 2 for n in SHAPE)
    page.evaluate(MOVES, labeler.pane("axial").locator("canvas").element_handle())
    page.mouse.move(*labeler.point("axial", start))
    page.mouse.down(button="right")
    for step in range(STEPS):
        page.mouse.move(*labeler.point("axial", (start[0] + step, start[1], start[2])))
        page.wait_for_timeout(40)
    page.mouse.up(button="right")
    times: list[float] = page.evaluate("window.moves")
    return times


def _overlays(notebook: Notebook, labeler: LabelerPage) -> list[float]:
    """The kernel sends another label of the whole volume."""
    cdp = labeler.page.context.new_cdp_session(labeler.page)
    cdp.send("Performance.enable")
    times = []
    for _ in range(ROUNDS["overlay"]):
        before = script_ms(cdp)
        notebook.kernel.run("turn_label(labeler)")
        labeler.page.wait_for_timeout(500)
        times.append(script_ms(cdp) - before)
    return times


def measure_niivue(playwright: Playwright, browser: str, home: Path, studies: Path) -> dict[str, list[float]]:
    site = build_page(home / "site", studies)
    flags = [flag for flag in FLAGS if flag not in ("--disable-3d-apis", "--disable-software-rasterizer")]
    chromium: Browser = playwright.chromium.launch(
        executable_path=browser, args=[*(flag for flag in flags if flag != "--disable-gpu"), *SOFTWARE_GL]
    )
    page = chromium.new_page(viewport={"width": 1100, "height": 900})
    page.set_default_timeout(120_000)
    with served(site) as address:
        page.goto(address)
        page.wait_for_function("window.ready")
        page.evaluate("window.load()")
        times = {what: page.evaluate("([a, b]) => window.measure(a, b)", [what, n]) for what, n in ROUNDS.items()}
    chromium.close()
    return times


def build_page(site: Path, studies: Path) -> Path:
    """The page with NiiVue, the volume and its label."""
    packages = site.with_name("niivue")
    shutil.copytree(_PAGE, packages, ignore=shutil.ignore_patterns("node_modules"))
    frontend.npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], packages, quiet=True)
    site.mkdir()
    command = ["node_modules/.bin/esbuild", "page.js", "--bundle", "--format=esm", f"--outfile={site / 'built.js'}"]
    subprocess.run(command, cwd=packages, check=True, capture_output=True)
    (site / "index.html").write_text(_HTML)
    shutil.copy(studies / "case_0.nii.gz", site)
    half = [np.linspace(-2, 2, n) ** 2 for n in SHAPE]
    ball = half[0][:, None, None] + half[1][:, None] + half[2] < 1
    nib.save(nib.Nifti1Image(ball.astype(np.uint8), np.eye(4)), site / "label.nii.gz")
    return site


@contextmanager
def served(site: Path) -> Iterator[str]:
    """The folder on a port of its own."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    sys.exit(main())
