"""A JupyterLab and a headless browser, for as long as something is measured in them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from scripts import find_browser, frontend
from tests.browser.conftest import FLAGS
from tests.browser.server import Lab, running_lab


def browser_path() -> str:
    """The browser to measure in, with the front end built for it.

    Raises:
        RuntimeError: There is none.
    """
    browser = find_browser.find_browser()
    if browser is None:
        raise RuntimeError(f"no browser: {find_browser.HELP}")
    frontend.build()
    return str(browser)


@contextmanager
def lab_and_browser() -> Iterator[tuple[Path, Lab, Browser]]:
    """A folder that goes afterwards, a JupyterLab in it, and a browser without a GPU."""
    browser = browser_path()
    with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder:
        home = Path(folder)
        with running_lab(home / "lab") as lab, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=browser, args=FLAGS)
            yield home, lab, chromium
            chromium.close()
