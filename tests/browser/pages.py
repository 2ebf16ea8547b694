"""Pages with JupyterLab, used by one test after the other: loading it takes longer than most tests.

A test that fails leaves its page to nobody. One with the mark ``own_page`` has a page to itself: it changes more than
is put back here, or what JupyterLab reads as it is loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Error, Page

_MOST_TESTS = 24  # for one page: what they leave in its memory adds up
VIEWPORT: Any = {"width": 1600, "height": 1000}
_CLOSE_DOCUMENTS = """async () => {
  const app = window.jupyterapp;
  if (app?.name !== "JupyterLab") return false;
  for (const widget of [...app.shell.widgets("main")]) {
    if (widget.context) widget.context.model.dirty = false;
    widget.dispose();
  }
  if (document.body.dataset.jpThemeName !== "JupyterLab Light")
    await app.commands.execute("apputils:change-theme", { theme: "JupyterLab Light" });
  localStorage.clear();
  sessionStorage.clear();
  return !document.querySelector(".jp-Dialog");
}"""
_IS_EMPTY = """() => {
  const app = window.jupyterapp;
  return app?.name === "JupyterLab" && [...app.shell.widgets("main")].every((widget) => !widget.context);
}"""
# Without an answer: Playwright would copy the widget that is made, and all that hangs on it, to the test.
_OPEN = (
    "async (path) => { await window.jupyterapp.commands.execute('docmanager:open', { path, factory: 'Notebook' }); }"
)


class Pages:
    """The pages of a browser that wait for a test.

    Args:
        browser: Where they are.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._waiting: list[Page] = []
        self._used: dict[Page, int] = {}

    def take(self) -> Page:
        """A page without documents, or one where nothing is loaded yet."""
        return self._waiting.pop() if self._waiting else self.fresh()

    def fresh(self) -> Page:
        """A page where nothing is loaded yet."""
        return self._browser.new_context(viewport=VIEWPORT).new_page()

    def give_back(self, page: Page) -> None:
        """Let another test have the page, unless it has had its share of them."""
        self._used[page] = self._used.get(page, 0) + 1
        if self._used[page] >= _MOST_TESTS:
            page.context.close()
            return
        page.mouse.move(0, 0)
        if page.viewport_size != VIEWPORT:
            page.set_viewport_size(VIEWPORT)
        self._waiting.append(page)


def close_documents(page: Page) -> bool:
    """Close every document without saving it, and forget what the page keeps; whether it can be used again."""
    try:
        return bool(page.evaluate(_CLOSE_DOCUMENTS))
    except Error:
        return False


def is_empty(page: Page, url: str) -> bool:
    """Whether the JupyterLab of that address is loaded, and shows no document."""
    return page.url.startswith(f"{url}/") and bool(page.evaluate(_IS_EMPTY))


def open_document(page: Page, path: str) -> None:
    """Open a notebook in the JupyterLab that is loaded."""
    page.evaluate(_OPEN, path)


def listening(page: Page, handlers: dict[str, Callable[..., Any]]) -> Callable[[], None]:
    """Have functions called with the events of a page; what ends it."""
    emitter: Any = page
    for name, handler in handlers.items():
        emitter.on(name, handler)

    def end() -> None:
        for name, handler in handlers.items():
            emitter.remove_listener(name, handler)

    return end
