"""The means of the browser tests: cells run, a widget renders, a click reaches the kernel, nothing gets out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from tests.browser.notebook import Notebook, set_theme

Open = Callable[[Sequence[str]], Notebook]

COUNTER = '''
import anywidget, traitlets

class Counter(anywidget.AnyWidget):
    _esm = """
    function render({ model, el }) {
      const button = document.createElement("button");
      const show = () => { button.textContent = `count ${model.get("count")}`; };
      button.className = "counter";
      button.addEventListener("click", () => { model.set("count", model.get("count") + 1); model.save_changes(); });
      model.on("change:count", show);
      show();
      el.append(button);
    }
    export default { render };
    """
    count = traitlets.Int(0).tag(sync=True)

counter = Counter()
counter
'''


def test_a_click_on_a_widget_changes_the_kernel(notebook: Open, blocked: list[str]) -> None:
    opened = notebook([COUNTER])
    opened.run(0)
    button = opened.output_area(0).locator("button.counter")
    button.click()
    button.click()
    opened.kernel.wait_for("counter.count", 2)
    opened.kernel.run("counter.count = 7")
    button.get_by_text("count 7").wait_for()
    assert blocked == []


def test_cells_run_in_order_and_their_output_is_read(notebook: Open) -> None:
    opened = notebook(["x = 20", "print('x is', x)", "x + 1"])
    opened.run_all()
    assert opened.output(1) == "x is 20\n"
    assert opened.output(2) == "21"
    assert opened.kernel.eval("[x, {'half': x / 2}]") == [20, {"half": 10.0}]


def test_a_cell_that_raises_fails_the_test_in_its_words(notebook: Open) -> None:
    opened = notebook(["raise ValueError('no such study')"])
    with pytest.raises(AssertionError, match="no such study"):
        opened.run(0)
    with pytest.raises(AssertionError, match="NameError"):
        opened.kernel.eval("undefined_name")


def test_an_exception_that_nothing_catches_is_heard(notebook: Open, page_errors: list[str]) -> None:
    opened = notebook(["1"])
    assert page_errors == []
    with opened.page.expect_event("pageerror"):
        opened.page.evaluate("() => { setTimeout(() => { throw new Error('lost stroke'); }); }")
    assert [error for error in page_errors if "lost stroke" in error]


def test_nothing_reaches_an_outside_address(notebook: Open, blocked: list[str]) -> None:
    opened = notebook(["1"])
    refused = opened.page.evaluate("() => fetch('https://outside.example/x').then(() => false, () => true)")
    assert refused
    assert blocked == ["https://outside.example/x"]


def test_a_widget_survives_a_reload_and_the_dark_theme(notebook: Open) -> None:
    opened = notebook([COUNTER])
    opened.run(0)
    opened.output_area(0).locator("button.counter").click()
    opened.kernel.wait_for("counter.count", 1)
    opened.reload()
    opened.output_area(0).get_by_text("count 1").wait_for()
    set_theme(opened.page, "JupyterLab Dark")
    assert opened.page.evaluate("() => document.body.dataset.jpThemeLight") == "false"
