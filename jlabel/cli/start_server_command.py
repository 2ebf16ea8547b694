"""``jlabel start_server``: the command of MONAI Label for the same; there is no server to start here."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from jlabel.cli.cvat_conf import CVAT, DATASTORE
from jlabel.cli.options import STUDIES_HELP, App, Browser, Conf, Labels, Port
from jlabel.cli.runner_options import Queue, Runner, RunnerOptions
from jlabel.cli.studies_folder import studies_argument


def start_server(
    studies: Annotated[
        Path, typer.Option("--studies", "-s", metavar="STUDIES", help=STUDIES_HELP, parser=studies_argument)
    ],
    app: App = "",
    labels: Labels = None,
    conf: Conf = None,
    runner: Runner = "",
    queue: Queue = "",
    runner_option: RunnerOptions = None,
    port: Port = None,
    browser: Browser = "",
) -> None:
    """Do what this command does in MONAI Label: label the studies with an app.

    It opens JupyterLab, as 'jlabel lab' does. With JLABEL_DATASTORE=cvat (or MONAI_LABEL_DATASTORE=cvat) it is the loop
    of active learning with CVAT, as 'jlabel cvat loop'.
    """
    if any(os.environ.get(name, "").strip().lower() == CVAT for name in DATASTORE):
        from jlabel.cli.cvat_commands import loop

        sys.stderr.write("jlabel: no server is started; this is 'jlabel cvat loop'\n")
        loop(studies, labels, app, conf, runner, queue, runner_option)
        return
    from jlabel.cli.lab_commands import lab

    sys.stderr.write("jlabel: no server is started; this is 'jlabel lab'\n")
    lab(studies, labels, app, conf, runner, queue, runner_option, port, browser)
