"""Undo and redo as a page asks for them: the newest thing done goes, and the view goes to where it was."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from jlabel.imaging import Region, decode_voxels
from jlabel.labeler.background import optimistic_edit
from jlabel.widget import Labeler
from tests.widget.prompting_pages import SHAPE, Dots, Page, dots, manager, page, studies  # noqa: F401 - fixtures


@pytest.fixture
def labeler(page: Page) -> Labeler:
    return page.labeler


def told_mask(page: Page, labeler: Labeler, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The mask as a page puts it together from what it is told from now on."""
    mask = labeler.mask

    def send(content: dict[str, Any], buffers: list[bytes]) -> None:
        page.heard.append(content)
        if content["type"] == "mask":
            region = Region.from_flat(content["region"])
            mask[region.slices] = decode_voxels(buffers[0], region, content["dtype"])

    monkeypatch.setattr(labeler, "send", send)
    return mask


def steps(page: Page) -> tuple[bool, bool, bool]:
    return page.state["canUndo"], page.state["canRedo"], page.state["dirty"]


def test_a_stroke_is_taken_back_and_done_again(page: Page, labeler: Labeler, monkeypatch) -> None:
    assert steps(page) == (False, False, False)
    page.stroke((1, 1, 1), (3, 3, 3), 1)
    painted = labeler.mask
    assert steps(page) == (True, False, True)
    shown = told_mask(page, labeler, monkeypatch)
    page.ask("undo")
    assert steps(page) == (False, True, False)
    assert not labeler.mask.any()
    np.testing.assert_array_equal(shown, labeler.mask)
    page.ask("redo")
    assert steps(page) == (True, False, True)
    np.testing.assert_array_equal(labeler.mask, painted)
    np.testing.assert_array_equal(shown, painted)


def test_the_view_is_shown_where_it_was(page: Page) -> None:
    page.stroke((1, 1, 1), (3, 3, 3), 1)
    page.stroke((6, 6, 4), (8, 7, 5), 2)
    page.ask("undo")
    page.ask("undo")
    page.ask("redo")
    regions = [told["region"] for told in page.told("reveal")]
    assert [list(region) for region in regions] == [[6, 6, 4, 8, 7, 5], [1, 1, 1, 3, 3, 3], [1, 1, 1, 3, 3, 3]]


@pytest.mark.parametrize("ask", ["undo", "redo"])
def test_where_there_is_no_step_nothing_happens(page: Page, labeler: Labeler, ask: str) -> None:
    page.ask(ask)
    assert (page.told("error"), page.told("reveal"), page.told("mask")) == ([], [], [])
    assert steps(page) == (False, False, False)
    getattr(labeler, ask)()


def test_a_new_stroke_ends_what_could_be_redone(page: Page) -> None:
    page.stroke((1, 1, 1), (3, 3, 3), 1)
    page.ask("undo")
    page.stroke((4, 4, 4), (5, 5, 5), 1)
    assert steps(page) == (True, False, True)


def test_after_saving_undo_makes_the_draft_dirty_and_redo_clean_again(page: Page, labeler: Labeler) -> None:
    page.stroke((1, 1, 1), (3, 3, 3), 1)
    labeler.save()
    assert steps(page) == (True, False, False)
    page.ask("undo")
    assert steps(page) == (False, True, True)
    page.ask("redo")
    assert steps(page) == (True, False, False)


def test_a_label_that_was_locked_since_stays_and_its_name_is_told(page: Page, labeler: Labeler) -> None:
    page.stroke((1, 1, 1), (3, 3, 3), 1)
    page.ask("lock", value=1, locked=True)
    page.ask("undo")
    assert page.told("error")[-1]["text"] == "Undo would change one, which is locked; unlock it first"
    assert labeler.mask.sum() == 8
    assert steps(page) == (True, False, True)
    page.ask("lock", value=1, locked=False)
    page.ask("undo")
    assert not labeler.mask.any()


def test_undo_stops_an_operation_and_leaves_the_step_before(page: Page, labeler: Labeler, monkeypatch) -> None:
    page.stroke((4, 4, 4), (6, 6, 6), 1)
    begun, gate = threading.Event(), threading.Event()
    real = optimistic_edit.prepare_change

    def slow(*arguments: Any) -> Any:
        begun.set()
        assert gate.wait(60)
        return real(*arguments)

    monkeypatch.setattr(optimistic_edit, "prepare_change", slow)
    content = {"operation": "grow", "parameters": {"radius": 1.0}, "axis": 2, "slice": 5, "value": 1}
    page.ask("operate", epoch=1, **content)
    assert begun.wait(60)
    page.ask("undo")
    gate.set()
    labeler._controller.features.operations._worker.flush()
    assert labeler.mask.sum() == 8
    assert page.state["notice"] == "Growing one was cancelled"
    page.ask("undo")
    assert not labeler.mask.any()


def test_an_answer_and_its_prompt_go_together_and_come_back_together(page: Page) -> None:
    page.click("first", (1, 1, 1))
    page.settle()
    page.click("second", (2, 2, 2))
    page.settle()
    page.ask("undo")
    assert (list(page.prompts), page.voxels()) == (["first"], {(1, 1, 1)})
    page.ask("redo")
    assert (list(page.prompts), page.voxels()) == (["first", "second"], {(1, 1, 1), (2, 2, 2)})
    assert page.waiting == []


def test_redo_gives_up_what_a_model_is_asked(page: Page, dots: Dots) -> None:
    page.stroke((5, 5, 5), (6, 6, 6), 2)
    page.ask("undo")
    dots.gate.clear()
    page.click("first", (1, 1, 1))
    page.ask("redo")
    dots.gate.set()
    page.settle()
    assert page.prompts == {}
    assert (page.voxels(1), page.voxels(2)) == (set(), {(5, 5, 5)})


@pytest.mark.parametrize("times", [30])
def test_back_to_the_beginning_and_forward_again(page: Page, labeler: Labeler, times: int) -> None:
    masks = [labeler.mask]
    rng = np.random.default_rng(0)
    for n in range(times):
        low = tuple(int(i) for i in rng.integers(0, [size - 2 for size in SHAPE]))
        page.stroke(low, tuple(i + 2 for i in low), n % 2 + 1)
        masks.append(labeler.mask)
    for before in masks[-2::-1]:
        labeler.undo()
        np.testing.assert_array_equal(labeler.mask, before)
    for after in masks[1:]:
        labeler.redo()
        np.testing.assert_array_equal(labeler.mask, after)


def test_undo_while_a_model_runs_takes_back_the_newest_prompt_alone(page, dots):
    dots.gate.clear()
    page.click("first", (1, 1, 1))
    page.click("second", (2, 2, 2))
    page.ask("undo")
    assert list(page.prompts) == ["first"]
    dots.gate.set()
    page.settle()
    assert page.voxels() == {(1, 1, 1)}
    page.ask("undo")
    assert page.prompts == {}
    assert page.voxels() == set()
