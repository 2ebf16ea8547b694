"""A click while a training uses the machine, beside one on an idle machine: ``python -m bench.bench_while_training``.

The same labeler, page and kernel, before the training begins, while it runs and after it has ended; the training is
the shipped network's, in its own process, as ``manager.train`` begins it. The floor is the idle labeler: the mean of
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
            before, _, _ = measure_clicks(notebook, labeler, SHAPE, "training.click.before")
            notebook.kernel.run(f"job = start_training({str(studies)!r})")
            notebook.kernel.wait_for("len(job.metrics) > 0", True, timeout=120)
            labeler.do("clear")
            busy, _, _ = measure_clicks(notebook, labeler, SHAPE, "training.click.meanwhile")
            state = notebook.kernel.eval("job.state")
            notebook.kernel.run("job.cancel(); job.wait(60)", timeout=90)
            labeler.do("clear")
            after, _, _ = measure_clicks(notebook, labeler, SHAPE, "training.click.after")
            if state != "running":
                raise RuntimeError(f"the training was {state} before the clicks were measured")
    return 0 if emit("training.click", busy, "ms", [*before, *after], bar_over_floor=BAR) else 1


if __name__ == "__main__":
    sys.exit(main())
