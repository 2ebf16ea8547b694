"""One notebook, open in JupyterLab in a page of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from tests.browser.kernel import Kernel
from tests.browser.pages import is_empty, open_document
from tests.browser.server import Lab

OPEN_MS = 60_000
_OPENED = """async ([path, timeout]) => {
  const deadline = Date.now() + timeout;
  const until = async (get) => {
    for (;;) {
      const value = get();
      if (value) return value;
      if (Date.now() > deadline) throw new Error(`${path} is not open after ${timeout} ms`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const shown = () => window.jupyterapp?.shell?.currentWidget;
  const panel = await until(() => shown()?.context?.path === path && shown());
  await panel.context.ready;
  await panel.sessionContext.ready;
  const kernel = await until(() => panel.sessionContext.session?.kernel);
  await kernel.info;
  await until(() => kernel.connectionStatus === "connected" && shown() === panel);
}"""
_RUN = """async (index) => {
  const app = window.jupyterapp;
  app.shell.currentWidget.content.activeCellIndex = index;
  app.shell.currentWidget.content.deselectAll();
  await app.commands.execute("notebook:run-cell");
}"""
_OUTPUTS = "(index) => window.jupyterapp.shell.currentWidget.content.widgets[index].model.sharedModel.getOutputs()"
_KERNEL_ID = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.id"


class Notebook:
    """A notebook with given cells; each test opens its own.

    Args:
        runtime: Where the connection files of its server's kernels lie.
        page: The page that shows it.
        path: Its path on the server.

    Attributes:
        page: The page that shows it, for real pointer and key events.
        path: Its path on the server.
    """

    def __init__(self, runtime: Path, page: Page, path: str) -> None:
        self._runtime = runtime
        self.page = page
        self.path = path

    @cached_property
    def kernel(self) -> Kernel:
        """A second client on this notebook's kernel."""
        return Kernel(self._runtime / f"kernel-{self.page.evaluate(_KERNEL_ID)}.json")

    def run(self, index: int, *, wait: bool = True, check: bool = True) -> None:
        """Run one cell.

        Args:
            index: Which, from 0.
            wait: Until it has ended; without, a cell that takes long runs on while the test does something.
            check: Fail the test when the cell raises.
        """
        if not wait:
            self.page.evaluate(f"(index) => {{ void ({_RUN})(index); }}", index)
            return
        self.page.evaluate(_RUN, index)
        errors = [output for output in self.outputs(index) if output["output_type"] == "error"]
        if check and errors:
            raise AssertionError(f"cell {index} raised {errors[0]['ename']}: {errors[0]['evalue']}")

    def run_all(self) -> None:
        """Run every cell in order; the test fails at the first that raises."""
        count = self.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets.length")
        for index in range(count):
            self.run(index)

    def outputs(self, index: int) -> list[dict[str, Any]]:
        """Return the outputs of a cell as the notebook format has them."""
        return list(self.page.evaluate(_OUTPUTS, index))

    def output(self, index: int) -> str:
        """Return what a cell printed, returned or raised, as plain text."""
        return "".join(_text(output) for output in self.outputs(index))

    def cell(self, index: int) -> Locator:
        """The cell on the page."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell").nth(index)

    def output_area(self, index: int) -> Locator:
        """What lies under the cell on the page: a widget, a picture, text."""
        return self.cell(index).locator(".jp-Cell-outputWrapper .jp-OutputArea").first

    def reload(self) -> None:
        """Save, and load the page again: the kernel lives on, the front end starts anew."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")
        self.page.reload()
        wait_until_open(self.page, self.path)

    def close(self) -> None:
        """Let go of the kernel's connection, where one was made; the next use of it makes a new one."""
        if "kernel" in self.__dict__:
            self.__dict__.pop("kernel").close()


def open_notebook(lab: Lab, page: Page, name: str, cells: Sequence[str], app: str = "lab/tree") -> Notebook:
    """Write a notebook with these cells, open it in the page, and wait until its kernel is ready.

    Args:
        lab: The server.
        page: The page.
        name: The notebook's name.
        cells: Their sources.
        app: ``"lab/tree"`` is JupyterLab, ``"notebooks"`` is Notebook 7.
    """
    path = f"{name}.ipynb"
    write_notebook(lab.root / path, cells)
    if app == "lab/tree" and is_empty(page, lab.url):
        open_document(page, path)
    else:
        page.goto(f"{lab.url}/{app}/{path}?token={lab.token}&reset")
    wait_until_open(page, path)
    return Notebook(lab.runtime, page, path)


def wait_until_open(page: Page, path: str) -> None:
    """Wait until the notebook is the page's, drawn, and connected to its kernel."""
    page.evaluate(_OPENED, [path, OPEN_MS])
    page.locator("#jupyterlab-splash").wait_for(state="detached")


def set_theme(page: Page, theme: str) -> None:
    """Change JupyterLab's theme ("JupyterLab Dark", "JupyterLab Light") and wait until it is on."""
    page.evaluate("(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
    page.wait_for_function("(theme) => document.body.dataset.jpThemeName === theme", arg=theme)


def write_notebook(file: Path, cells: Sequence[str]) -> None:
    """Write a notebook with these cells."""
    kind = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    content = {
        "cells": [{**kind, "id": f"cell-{number}", "source": source} for number, source in enumerate(cells)],
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    file.write_text(json.dumps(content), encoding="utf-8")


def _text(output: dict[str, Any]) -> str:
    if output["output_type"] == "stream":
        return "".join(output["text"])
    if output["output_type"] == "error":
        return f"{output['ename']}: {output['evalue']}"
    return "".join(output["data"].get("text/plain", ""))
