"""A click while images are scored on the same CPU: ``python -m bench.bench_while_scoring``.

The same labeler, page and kernel, before the scoring begins, while it runs and after it has ended; it is by entropy
with the shipped network, in its own process, as ``manager.score`` begins it. The floor is the idle labeler: the mean of
before and after, so that what else the machine does in the meantime counts for both.
"""

from __future__ import annotations

import sys

from bench.browser import lab_and_browser
from bench.clicking import measure_clicks, opened
from bench.report import emit
from bench.volumes import SHAPES, make_studies

BAR = 2.0
SHAPE = SHAPES[0]


def main() -> int:
    with lab_and_browser() as (home, lab, chromium):
        studies = make_studies(home / "studies", SHAPE, 2)
        page = chromium.new_context(viewport={"width": 1600, "height": 1500}).new_page()
        with opened(lab, page, studies, SHAPE) as (notebook, labeler):
            before, _, _ = measure_clicks(notebook, labeler, SHAPE, "scoring.click.before")
            notebook.kernel.run(f"job, scored = start_scoring({str(studies)!r})", timeout=120)
            notebook.kernel.wait_for("scored() > 0", True, timeout=180)
            labeler.do("clear")
            busy, _, _ = measure_clicks(notebook, labeler, SHAPE, "scoring.click.meanwhile")
            state = notebook.kernel.eval("job.state")
            notebook.kernel.run("job.cancel(); job.wait(60)", timeout=90)
            labeler.do("clear")
            after, _, _ = measure_clicks(notebook, labeler, SHAPE, "scoring.click.after")
            if state != "running":
                raise RuntimeError(f"the scoring was {state} before the clicks were measured")
    return 0 if emit("scoring.click", busy, "ms", [*before, *after], bar_over_floor=BAR) else 1


if __name__ == "__main__":
    sys.exit(main())
