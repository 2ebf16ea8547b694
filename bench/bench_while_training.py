"""A click while a training uses the machine, beside one on an idle machine: ``python -m bench.bench_while_training``.

The same labeler, page and kernel, before the training begins and while it runs; the training is the shipped network's,
in its own process, as ``manager.train`` begins it. The floor is the idle labeler.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.bench_widget import SHAPES, make_studies, measure_clicks, opened
from bench.report import emit
from scripts import find_browser, frontend
from tests.browser.conftest import FLAGS
from tests.browser.server import running_lab

BAR = 2.0
SHAPE = SHAPES[0]


def main() -> int:
    browser = find_browser.find_browser()
    if browser is None:
        raise RuntimeError(f"no browser: {find_browser.HELP}")
    frontend.build()
    with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder:
        home = Path(folder)
        studies = make_studies(home / "studies", SHAPE, 2)
        with running_lab(home / "lab") as lab, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=browser, args=FLAGS)
            page = chromium.new_context(viewport={"width": 1600, "height": 1500}).new_page()
            with opened(lab, page, studies, SHAPE) as (notebook, labeler):
                idle, _ = measure_clicks(notebook, labeler, SHAPE, "training.click.idle")
                labeler.do("clear")
                notebook.kernel.run(f"job = start_training({str(studies)!r})")
                notebook.kernel.wait_for("len(job.metrics) > 0", True, timeout=120)
                busy, _ = measure_clicks(notebook, labeler, SHAPE, "training.click.busy")
                state = notebook.kernel.eval("job.state")
                notebook.kernel.run("job.cancel(); job.wait(60)")
                if state != "running":
                    raise RuntimeError(f"the training was {state} before the clicks were measured")
            chromium.close()
    return 0 if emit("training.click", busy, "ms", idle, BAR * idle) else 1


if __name__ == "__main__":
    sys.exit(main())
