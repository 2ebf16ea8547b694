"""Prompts that wait for one run, and what may happen while it goes on."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import pytest

from jlabel.errors import PromptError
from tests.widget.asking_pages import App, Dots, Page, WithoutDots, dots, manager, page, studies  # noqa: F401 - fixtures


def test_several_prompts_wait_for_one_run(page, dots):
    page.ask("auto_run", on=False)
    assert page.state["autoRun"] is False
    for n in range(3):
        page.click(f"p{n}", (n, 1, 1))
    assert page.waiting == ["p0", "p1", "p2"]
    assert dots.asked == []
    page.ask("undo")
    assert page.waiting == ["p0", "p1"]
    page.run()
    page.settle()
    assert dots.asked == [2]
    assert page.voxels() == {(0, 1, 1), (1, 1, 1)}
    assert page.waiting == []
    page.ask("undo")
    assert page.voxels() == set()
    assert page.waiting == ["p0", "p1"]
    page.ask("redo")
    assert page.voxels() == {(0, 1, 1), (1, 1, 1)}
    assert page.waiting == []


def test_a_prompt_that_comes_while_the_run_goes_on_waits_for_the_next(page, dots):
    page.ask("auto_run", on=False)
    page.click("first", (1, 1, 1))
    dots.gate.clear()
    page.run()
    page.click("second", (2, 2, 2))
    dots.gate.set()
    page.settle()
    assert page.voxels() == {(1, 1, 1)}
    assert page.waiting == ["second"]


def test_a_run_that_fails_leaves_the_prompts_waiting(page, dots):
    page.ask("auto_run", on=False)
    page.click("no", (1, 1, 1), positive=False)
    page.run()
    assert "click inside one first" in page.told("error")[-1]["text"]
    page.click("yes", (2, 2, 2))
    dots.fails = True
    page.run()
    page.settle()
    assert page.waiting == ["no", "yes"]
    page.ask("undo")
    page.ask("undo")
    assert page.prompts == {}
    assert not page.state["canUndo"]


def test_undo_while_a_run_goes_on_stops_the_run_alone(page, dots):
    page.ask("auto_run", on=False)
    page.click("first", (1, 1, 1))
    dots.gate.clear()
    page.run()
    page.ask("undo")
    dots.gate.set()
    page.settle()
    assert page.waiting == ["first"]
    assert page.voxels() == set()


def test_run_asks_the_chosen_model_with_the_prompts_of_another(page):
    page.click("first", (1, 1, 1))
    page.settle()
    page.labeler.model = "no_mask"
    page.run()
    page.settle()
    assert page.voxels() == {(1, 1, 1)}
    assert page.labeler._desk.used_models == ["dots", "no_mask"]
    page.click("second", (2, 2, 2))
    page.settle()
    assert page.labeler._desk.opened.draft.stack.find((1, ("no_mask",))).given[0].id == "first"
    page.labeler.model = "dots_2d"
    with pytest.raises(PromptError, match="lie in several"):
        page.labeler._desk.asking.run(1, 2)
