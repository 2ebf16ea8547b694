"""Prompts as messages from a page: what models are asked, what becomes of the answers, what the pages are told."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import pytest

from jlabel.errors import LabelError
from jlabel.widget import Labeler
from tests.widget.prompting_pages import dots, manager, page, studies  # noqa: F401 - fixtures


def test_a_burst_of_clicks_is_answered_by_the_last_request(page, dots):
    dots.gate.clear()
    places = [(i, j, 4) for i in range(10) for j in range(4)]
    for n, place in enumerate(places):
        page.click(f"p{n}", place)
    dots.gate.set()
    page.settle()
    assert page.voxels() == set(places)
    assert page.told("error") == []
    assert len(dots.asked) < 5
    assert page.waiting == []
    page.ask("undo")
    assert page.voxels() == set()


def test_clicks_for_two_labels_wait_for_each_other(page, dots):
    dots.gate.clear()
    page.click("first", (1, 1, 1))
    page.labeler.label = "two"
    page.click("second", (2, 2, 2))
    page.labeler.label = "one"
    page.click("third", (3, 3, 3))
    assert page.waiting == ["first", "second", "third"]
    dots.gate.set()
    page.settle()
    assert page.voxels(1) == {(1, 1, 1), (3, 3, 3)}
    assert page.voxels(2) == {(2, 2, 2)}
    assert page.waiting == []


def test_cancel_takes_all_back_that_has_no_answer(page, dots):
    page.click("first", (1, 1, 1))
    page.settle()
    dots.gate.clear()
    page.click("second", (2, 2, 2))
    page.click("third", (3, 3, 3))
    page.ask("cancel")
    dots.gate.set()
    page.settle()
    assert list(page.prompts) == ["first"]
    assert page.voxels() == {(1, 1, 1)}


def test_a_stroke_says_that_a_prompt_without_an_answer_is_given_up(page, dots):
    dots.gate.clear()
    page.click("first", (1, 1, 1))
    page.stroke((5, 5, 5), (6, 6, 6), 2)
    assert page.prompts == {}
    assert "given up" in page.state["notice"]
    dots.gate.set()
    page.settle()
    assert (page.voxels(1), page.voxels(2)) == (set(), {(5, 5, 5)})
    page.stroke((6, 5, 5), (7, 6, 6), 2)
    assert page.state["notice"] is None


def test_a_moved_prompt_replaces_what_it_made(page, dots):
    page.stroke((5, 5, 5), (7, 6, 6), 2)
    page.click("first", (5, 5, 5))
    page.click("second", (2, 2, 2))
    page.settle()
    assert page.voxels(2) == {(6, 5, 5)}
    page.move("first", (8, 8, 7))
    page.settle()
    assert page.voxels(1) == {(8, 8, 7), (2, 2, 2)}
    assert page.voxels(2) == {(5, 5, 5), (6, 5, 5)}
    page.ask("undo")
    assert page.prompts["first"]["position"] == [5, 5, 5]
    assert page.voxels(1) == {(5, 5, 5), (2, 2, 2)}


def test_a_prompt_that_is_moved_while_the_model_runs(page, dots):
    dots.gate.clear()
    page.click("first", (1, 1, 1))
    page.move("first", (3, 3, 3))
    page.move("first", (4, 4, 4))
    dots.gate.set()
    page.settle()
    assert page.voxels() == {(4, 4, 4)}
    page.ask("undo")
    assert page.prompts == {}


def test_a_model_that_fails_leaves_the_earlier_prompts(page, dots):
    page.click("first", (1, 1, 1))
    page.settle()
    dots.fails = True
    page.click("second", (2, 2, 2))
    page.settle()
    assert "out of memory" in page.told("error")[-1]["text"]
    page.move("first", (3, 3, 3))
    page.settle()
    assert list(page.prompts) == ["first"]
    assert page.prompts["first"]["position"] == [1, 1, 1]
    assert page.voxels() == {(1, 1, 1)}
    assert page.state["canUndo"]


def test_without_its_last_prompt_an_answer_goes(page):
    page.click("first", (1, 1, 1))
    page.settle()
    page.click("second", (2, 2, 2))
    page.settle()
    page.remove("second")
    page.settle()
    assert page.voxels() == {(1, 1, 1)}
    page.remove("first")
    assert page.voxels() == set()
    assert page.prompts == {}
    page.ask("undo")
    assert page.voxels() == {(1, 1, 1)}
    page.remove("nothing of that name")
    assert "is gone" in page.told("error")[-1]["text"]


def test_a_prompt_without_an_answer_is_removed_without_a_trace(page, dots):
    dots.gate.clear()
    page.click("first", (1, 1, 1))
    page.remove("first")
    dots.gate.set()
    page.settle()
    assert page.prompts == {}
    assert page.voxels() == set()
    assert not page.state["canUndo"]


def test_a_prompt_of_a_model_of_one_slice_stays_in_it(page):
    page.labeler.model = "dots_2d"
    page.click("first", (1, 1, 3))
    page.settle()
    page.move("first", (2, 2, 4))
    assert "works in one slice" in page.told("error")[-1]["text"]
    page.labeler.model = "dots"
    page.move("first", (2, 2, 3))
    page.settle()
    assert page.voxels() == {(2, 2, 3)}
    page.click("second", (5, 5, 5))
    page.settle()
    assert page.prompts["second"].get("slice") is None


def test_prompts_of_a_locked_label_stay(page, dots):
    page.click("first", (1, 1, 1))
    page.settle()
    page.ask("lock", value=1, locked=True)
    asking = page.labeler._controller.features.prompting
    with pytest.raises(LabelError, match="one is locked"):
        asking.remove(1, "first")
    page.move("first", (2, 2, 2))
    page.run()
    page.settle()
    assert page.voxels() == {(1, 1, 1)}
    assert page.prompts["first"]["position"] == [1, 1, 1]
    page.ask("lock", value=1, locked=False)
    page.move("first", (2, 2, 2))
    page.settle()
    assert page.voxels() == {(2, 2, 2)}


def test_the_chosen_model_warms_up_for_an_image_that_is_opened(manager, dots):
    shapes = []
    dots.warm_up = lambda image: shapes.append(image.shape)
    labeler = Labeler(manager, image_id=manager.datastore.list_images()[0])
    assert shapes == [labeler.mask.shape]
    labeler.close()
