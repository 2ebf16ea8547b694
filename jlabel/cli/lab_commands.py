"""``jlabel lab`` and ``jlabel demo``: JupyterLab on a notebook that is ready to run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from jlabel.cli.options import App, Browser, Conf, Labels, Port, Studies, named_labels, pairs
from jlabel.cli.runner_options import Queue, Runner, RunnerOptions, runner_choice


def lab(
    studies: Studies,
    labels: Labels = None,
    app: App = "",
    conf: Conf = None,
    runner: Runner = "",
    queue: Queue = "",
    runner_option: RunnerOptions = None,
    port: Port = None,
    browser: Browser = "",
) -> None:
    """Open JupyterLab on a notebook that labels the studies.

    The notebook is kept in your data folder of jlabel, one for each app and studies. What you have changed in it is
    never written over.
    """
    from jlabel.cli.lab import serve
    from jlabel.cli.notebook import label_notebook, notebooks_folder, write_notebook
    from jlabel.cli.studies_app import AppChoice
    from jlabel.cli.studies_folder import studies_folder

    where = runner_choice(runner, queue, runner_option)
    choice = AppChoice(studies, app, named_labels(labels), pairs(conf, "--conf"))
    made = choice.make()  # so that what is wrong is told here
    folder = studies_folder(studies)
    place = notebooks_folder([Path(app).expanduser().absolute() if app else folder], folder)
    notebook = write_notebook(place, label_notebook(made.name, choice.code(made), where.arguments))
    raise typer.Exit(serve(place, notebook, port, browser))


def demo(
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="Where; if not given, in your data folder of jlabel.")
    ] = None,
    port: Port = None,
    browser: Browser = "",
) -> None:
    """Open JupyterLab on example studies, which are made here.

    They are brain scans made from a template, with three structures to label: nothing is downloaded. It needs
    pip install "jlabel[demo]".
    """
    import platformdirs

    from jlabel.cli.lab import serve
    from jlabel.cli.notebook import label_notebook, write_notebook
    from jlabel.demo import EXAMPLE_LABELS, example_studies

    home = (Path(platformdirs.user_data_path("jlabel")) / "demo" if to is None else to.expanduser()).absolute()
    studies = home / "studies"
    if not studies.exists():
        sys.stderr.write("jlabel: making the example studies …\n")
    example_studies(studies)
    code = ["app = jlabel.RadiologyApp(", f"    studies={str(studies)!r},", f"    labels={EXAMPLE_LABELS!r},", ")"]
    notebook = write_notebook(home, label_notebook("Example studies", code))
    raise typer.Exit(serve(home, notebook, port, browser))
