"""``jlabel start_server``: the command of MONAI Label for the same; there is no server to start here."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from jlabel.cli.cvat_conf import CVAT, DATASTORE
from jlabel.cli.options import App, Browser, Conf, Labels, Port


def start_server(
    studies: Annotated[Path, typer.Option("--studies", "-s", metavar="DIR", help="The folder of images.")],
    app: App = "",
    labels: Labels = None,
    conf: Conf = None,
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
        loop(studies, labels=labels, app=app, conf=conf)
        return
    from jlabel.cli.lab_commands import lab

    sys.stderr.write("jlabel: no server is started; this is 'jlabel lab'\n")
    lab(studies, labels=labels, app=app, conf=conf, port=port, browser=browser)
