"""Locked labels, and painting over the background alone: said by a page, kept for every image, obeyed by all."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import numpy as np
import pytest

from jlabel.annotation.paint_rules import PaintRules
from jlabel.errors import JlabelError, LabelError
from jlabel.widget import AppManager, Labeler
from tests.widget.prompting_pages import Dots, Page, dots, manager, page, studies  # noqa: F401 - fixtures


@pytest.fixture
def labeler(page: Page) -> Labeler:
    return page.labeler


def test_at_first_everything_may_be_painted(page: Page) -> None:
    assert (page.state["locked"], page.state["overBackground"]) == ([], False)


def test_a_lock_is_told_and_taken_off_again(page: Page) -> None:
    page.ask("lock", value=2, locked=True)
    page.ask("lock", value=1, locked=True)
    page.ask("lock", value=1, locked=True)
    assert page.state["locked"] == [1, 2]
    page.ask("lock", value=2, locked=False)
    assert page.state["locked"] == [1]
    page.ask("lock", value=2, locked=False)
    assert page.told("error") == []


def test_what_is_no_label_cannot_be_locked(page: Page) -> None:
    page.ask("lock", value=9, locked=True)
    assert page.told("error")[-1]["text"] == "no label has the value 9; the labels are {'one': 1, 'two': 2}"
    assert page.state["locked"] == []


def test_a_locked_label_is_neither_painted_nor_painted_over(page: Page, labeler: Labeler) -> None:
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    page.ask("lock", value=1, locked=True)
    page.stroke((1, 0, 0), (4, 2, 2), 2)
    assert (labeler.mask == 1).sum() == 8
    assert (labeler.mask == 2).sum() == 8
    page.stroke((8, 8, 6), (9, 9, 7), 1)
    assert "one is locked; unlock it to change it" in page.told("error")[-1]["text"]
    page.stroke((0, 0, 0), (12, 10, 8), 0)
    assert (labeler.mask == 1).sum() == 8
    assert (labeler.mask == 2).sum() == 0
    page.ask("lock", value=1, locked=False)
    page.stroke((0, 0, 0), (12, 10, 8), 0)
    assert not labeler.mask.any()


def test_over_the_background_alone_other_labels_stay_and_erasing_goes_on(page: Page, labeler: Labeler) -> None:
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    page.ask("over_background", on=True)
    assert page.state["overBackground"]
    page.stroke((1, 0, 0), (4, 2, 2), 2)
    assert ((labeler.mask == 1).sum(), (labeler.mask == 2).sum()) == (8, 8)
    page.stroke((0, 0, 0), (1, 2, 2), 0)
    assert (labeler.mask == 1).sum() == 4
    page.ask("over_background", on=False)
    page.stroke((1, 0, 0), (4, 2, 2), 2)
    assert ((labeler.mask == 1).sum(), (labeler.mask == 2).sum()) == (0, 12)


def test_models_obey_the_rules_too(page: Page) -> None:
    page.stroke((1, 1, 1), (2, 2, 2), 2)
    page.ask("lock", value=2, locked=True)
    page.click("first", (1, 1, 1))
    page.click("second", (2, 2, 2))
    page.settle()
    assert (page.voxels(1), page.voxels(2)) == ({(2, 2, 2)}, {(1, 1, 1)})


def test_the_rules_hold_for_the_next_image(page: Page, labeler: Labeler) -> None:
    page.ask("lock", value=1, locked=True)
    page.ask("over_background", on=True)
    labeler.open("b")
    assert (page.state["locked"], page.state["overBackground"]) == ([1], True)
    page.stroke((0, 0, 0), (2, 2, 2), 2)
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    assert (labeler.mask == 2).sum() == 8
    guard = labeler._controller.require_image().draft.guard
    assert (dict(guard.locked), guard.over_background) == ({1: "one"}, True)


def test_a_draft_has_the_rules_before_anybody_changes_it(page: Page, labeler: Labeler) -> None:
    page.ask("lock", value=1, locked=True)
    opened, settings = labeler._controller.require_image(), labeler._controller.features.paint_settings
    opened.draft.guard = PaintRules()
    settings.on_image_opened(opened)
    assert opened.draft.guard == PaintRules({1: "one"})


def test_rules_that_come_while_a_model_runs_give_its_answer_up(page: Page, dots: Dots) -> None:
    dots.gate.clear()
    page.click("first", (1, 1, 1))
    page.ask("lock", value=1, locked=True)
    dots.gate.set()
    page.settle()
    assert page.voxels() == set()
    assert page.prompts == {}


def test_a_lock_names_its_label_as_it_is_called_now(page: Page, labeler: Labeler) -> None:
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    page.ask("lock", value=1, locked=True)
    page.ask("rename_label", value=1, name="liver")
    page.wait(lambda: page.state["labels"][0]["name"] == "liver")
    with pytest.raises(LabelError, match=r"^Undo would change liver, which is locked"):
        labeler.undo()
    settings = labeler._controller.features.paint_settings
    with pytest.raises(LabelError, match="liver is locked"):
        settings.check_unlocked(1)
    settings.check_unlocked(2)
    assert (settings.is_locked(1), settings.is_locked(2)) == (True, False)


def test_without_an_image_rules_are_kept_for_the_first_one(manager: AppManager, page: Page, labeler: Labeler) -> None:
    labeler._controller.open_image = None
    settings = labeler._controller.features.paint_settings
    settings.lock(1)
    with pytest.raises(JlabelError, match="no label has the value 7"):
        settings.lock(7)
    labeler.open("b")
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    np.testing.assert_array_equal(labeler.mask, 0)
