"""A loop of active learning in its cell: followed, started and stopped, and gone through by hand, without a server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import load_axe, violations
from tests.browser.notebook import Notebook, set_theme

Open = Callable[[Sequence[str]], Notebook]
# The cell defines the loop: its rounds and its problems are what a test says.
LOOP = (Path(__file__).parents[1] / "widget" / "loop_for_tests.py").read_text(encoding="utf-8")
SHOW = "from jlabel.widget.loop_panel import show_loop\nloop = {}\nshown = show_loop(loop)"
# What the notebook would be saved with for readers without a kernel, once that says so.
STILL = """([cell, said]) => {
  const outputs = window.jupyterapp.shell.currentWidget.content.widgets[cell].model.sharedModel.getOutputs();
  const stills = outputs.map(({ data }) => [data?.["text/html"] ?? ""].flat().join(""));
  return stills.find((html) => html.includes("data-jlabel-loop") && html.includes(said));
}"""
expect.set_options(timeout=30_000)


def panel_of(opened: Notebook) -> Locator:
    """The live panel under the second cell."""
    panel = opened.output_area(1).locator(".jll-panel[data-running]")
    panel.wait_for()
    return panel


def test_a_round_is_sent_and_fetched_by_hand(notebook: Open) -> None:
    opened = notebook([LOOP, SHOW.format("LoopForTests()")])
    opened.run_all()
    panel, page = panel_of(opened), opened.page
    expect(panel.locator("h3")).to_have_text("liver")
    expect(panel.locator(".jll-next")).to_contain_text("Next: The next round goes out.")
    expect(panel).to_contain_text("No round has gone out yet.")

    opened.kernel.run("loop.gate.clear()")
    panel.get_by_role("button", name="Send a round").click()
    expect(panel.get_by_role("progressbar", name="Sending a round")).to_have_attribute("aria-valuenow", "50")
    expect(panel.get_by_role("button", name="Start")).to_have_attribute("aria-disabled", "true")
    opened.kernel.run("loop.gate.set()")
    expect(panel.locator(".jll-said")).to_have_text("Round 1 went out with 10 images.")
    row = panel.locator(".jll-rounds tbody tr")
    expect(row).to_contain_text("With annotators")
    expect(row).to_contain_text("0 of 10")
    link = panel.get_by_role("link", name="Open in CVAT: task 101")
    expect(link).to_have_attribute("href", "https://cvat.example.org/tasks/101")
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "noopener noreferrer")

    # With keys alone.
    panel.get_by_role("button", name="Fetch now").focus()
    page.keyboard.press("Enter")
    expect(panel.locator(".jll-said")).to_have_text("10 new labels came back.")
    expect(row).to_contain_text("Came back")
    expect(panel.locator('[data-count="labelled"] dd')).to_have_text("10")
    assert opened.kernel.eval("loop.asked") == ["send", "pull"]

    opened.kernel.run("loop.refuses = 'https://cvat.example.org: the server cannot be reached: is it up?'")
    panel.get_by_role("button", name="Send a round").click()
    expect(panel.get_by_role("alert")).to_have_text("https://cvat.example.org: the server cannot be reached: is it up?")


def test_it_is_followed_while_a_cell_runs_and_after_a_reload(notebook: Open, tmp_path: Path) -> None:
    free = tmp_path / "free"
    busy = f"import pathlib, time\nwhile not pathlib.Path({str(free)!r}).exists():\n    time.sleep(0.1)"
    opened = notebook([LOOP, SHOW.format("LoopForTests()"), busy])
    opened.run(0)
    opened.run(1)
    panel = panel_of(opened)
    expect(panel.locator(".jll-state")).to_have_text("Stopped")

    opened.run(2, wait=False)
    panel.get_by_role("button", name="Start").click()
    expect(panel.locator(".jll-state")).to_have_text("Runs by itself")
    fetch = panel.get_by_role("button", name="Fetch now")
    expect(fetch).to_have_attribute("aria-disabled", "true")
    expect(fetch).to_have_attribute("title", "The loop does this by itself while it runs; stop it to do it by hand")

    free.touch()
    opened.kernel.run("loop.now = replace(busy_loop().now, running=True)")
    expect(panel.locator(".jll-rounds tbody tr")).to_have_count(4)
    opened.reload()
    panel = panel_of(opened)
    assert opened.output_area(1).locator(".jll-panel").count() == 1
    expect(panel.locator(".jll-state")).to_have_text("Runs by itself")
    expect(panel.locator(".jll-rounds tbody tr")).to_have_count(4)
    panel.get_by_role("button", name="Stop").click()
    expect(panel.locator(".jll-state")).to_have_text("Stopped")
    opened.kernel.run("loop.change(next_step='all is done')")
    expect(panel.locator(".jll-next")).to_contain_text("All is done.")
    # Readers without a kernel see the last state, which came long after the page was loaded again.
    opened.page.wait_for_function(STILL, arg=[1, "all is done"])


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_serious_and_a_narrow_panel_has_room_for_all(notebook: Open, theme: str) -> None:
    opened = notebook([LOOP, SHOW.format("busy_loop()")])
    opened.run_all()
    panel, page = panel_of(opened), opened.page
    load_axe(page)
    set_theme(page, theme)
    panel.get_by_text("Versions of the model").click()
    expect(panel.locator("svg .jll-used text")).to_have_text("version 2, in use")
    opened.kernel.run("loop.change(problem='cvat.example.org: the server cannot be reached: is it up?')")
    expect(panel.locator(".jll-problems")).to_contain_text("The loop tries again by itself.")
    assert violations(page, ".jll-panel") == []
    opened.kernel.run("loop.refuses = 'no'\nloop.change(running=False)")
    panel.get_by_role("button", name="Start").click()
    expect(panel.get_by_role("alert")).to_have_text("no")
    assert violations(page, ".jll-panel") == []

    panel.evaluate("(panel) => { panel.style.width = '500px'; }")
    expect(panel.locator("svg")).to_have_attribute("width", "470")
    for part in (panel, panel.get_by_role("region", name="Rounds")):
        assert part.evaluate("(part) => part.scrollWidth <= part.clientWidth")
