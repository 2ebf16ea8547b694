"""Browser tests: one JupyterLab and one Chromium for all of them, one notebook for each.

A test asks for ``notebook``, opens cells with it, acts with Playwright's real pointer and key events on ``.page``, and
asserts on ``.kernel`` and on what is painted. The screenshot of a failed test lies in test-results/.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, Request, sync_playwright

from scripts import find_browser, frontend
from tests.browser.notebook import Notebook, open_notebook
from tests.browser.pages import Pages, close_documents, listening
from tests.browser.server import REPOSITORY, Lab, running_lab
from tests.forked.kernels import write_kernel_spec

_EVERYWHERE = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing but this machine is reached. A route that refuses the rest would see every request of the page.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
FLAGS = [*_EVERYWHERE, "--disable-gpu", "--disable-3d-apis", "--disable-software-rasterizer"]
SOFTWARE_3D_FLAGS = [*_EVERYWHERE, "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
OUTSIDE = re.compile(r"^(?!https?://127\.0\.0\.1[:/]|wss?://127\.0\.0\.1[:/]|data:|blob:|about:)")
_FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            # A browser now and then loses a race with a busy machine; the summary names what needed a second try.
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The Chromium of the tests: without one they are skipped, and on CI they fail."""
    try:
        path, reason = find_browser.find_browser(), f"no browser: {find_browser.HELP}"
    except find_browser.BrowserError as error:
        path, reason = None, str(error)
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    return path


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright, browser_path: str) -> Iterator[Browser]:
    chromium = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
    yield chromium
    chromium.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory, browser_path: str) -> Iterator[Lab]:
    """A real JupyterLab with the front end of the present sources; its kernels have their libraries loaded."""
    frontend.build()
    with running_lab(tmp_path_factory.mktemp("lab"), write_kernel_spec) as lab:
        yield lab


@pytest.fixture
def blocked() -> list[str]:
    """The addresses outside this machine that the page asked for, each of which was refused."""
    return []


@pytest.fixture
def page_errors() -> list[str]:
    """The exceptions that nothing in the page caught, in words."""
    return []


@pytest.fixture(scope="session")
def pages_of() -> dict[Browser, Pages]:
    """The pages that tests use one after the other, by browser."""
    return {}


@pytest.fixture
def page(
    pages_of: dict[Browser, Pages],
    browser: Browser,
    blocked: list[str],
    page_errors: list[str],
    request: pytest.FixtureRequest,
) -> Iterator[Page]:
    """A page that reaches nothing but this machine; a failed test leaves a screenshot of it."""

    def note(request: Request) -> None:
        if OUTSIDE.match(request.url):
            blocked.append(request.url)

    pages = pages_of.setdefault(browser, Pages(browser))
    own = request.node.get_closest_marker("own_page") is not None
    page = pages.fresh() if own else pages.take()
    page.set_default_timeout(40_000)
    loads: list[Page] = []
    allowed = int(page.url == "about:blank")
    handlers = {
        "request": note,
        "pageerror": lambda error: page_errors.append(str(error)),
        "load": lambda loaded: loads.append(loaded),
    }
    end = listening(page, handlers)
    yield page
    failed = request.node.stash.get(_FAILED, False)
    if failed:
        name = re.sub(r"[^\w.-]+", "_", request.node.nodeid)
        page.screenshot(path=REPOSITORY / "test-results" / f"{name}.png")
    # What is loaded again opens what was open, some time later.
    spoilt = failed or own or page_errors or len(loads) > allowed
    if spoilt or not close_documents(page):
        page.context.close()
    else:
        end()
        pages.give_back(page)


@pytest.fixture
def notebook(lab: Lab, page: Page, request: pytest.FixtureRequest) -> Iterator[Callable[[Sequence[str]], Notebook]]:
    """Open a notebook: ``notebook(["x = 1", "x"])``. Its kernel ends with the test."""
    opened: list[Notebook] = []
    name = re.sub(r"\W+", "_", request.node.name)

    def open_cells(cells: Sequence[str]) -> Notebook:
        opened.append(open_notebook(lab, page, f"{name}_{len(opened)}", cells))
        return opened[-1]

    yield open_cells
    for one in opened:
        one.close()
    if not request.node.stash.get(_FAILED, False):
        close_documents(page)
    lab.end_kernels()
