"""Prompts that were saved with a label, or left behind with a draft, when the image is opened again."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import pytest

from jlabel.errors import TaskError
from jlabel.labeler.protocol.values import PROTOCOL
from jlabel.widget import AppManager
from tests.widget.prompting_pages import App, Dots, Page, WithoutDots, dots, manager, page, studies  # noqa: F401 - fixtures


def test_prompts_are_there_when_a_saved_label_is_opened_again(page, manager, studies, monkeypatch):
    page.stroke((1, 1, 1), (2, 2, 2), 2)
    page.click("first", (1, 1, 1))
    page.click("second", (2, 2, 2))
    page.settle()
    page.labeler.save()
    page.labeler.open("b")
    assert page.told("prompts")[-1]["ids"] == ["first", "second"]
    page.heard.clear()
    page.ask("hello", client="page", protocol=PROTOCOL)
    assert page.told("prompts") == []
    page.labeler.open("a")
    assert list(page.prompts) == ["first", "second"]
    later = Page(AppManager(App(studies, labels=["one", "two"])).labeler("a"), monkeypatch)
    assert not later.labeler.dirty
    later.move("first", (5, 5, 5))
    later.settle()
    assert later.voxels(1) == {(5, 5, 5), (2, 2, 2)}
    assert later.voxels(2) == {(1, 1, 1)}


def test_prompts_come_back_after_the_kernel_died(page, studies, monkeypatch):
    page.click("first", (1, 1, 1))
    page.settle()
    page.ask("auto_run", on=False)
    page.click("second", (2, 2, 2))
    page.labeler._controller.features.navigation.journal_worker.flush()
    later = Page(AppManager(App(studies, labels=["one", "two"])).labeler("a"), monkeypatch)
    assert list(later.prompts) == ["first", "second"]
    assert later.waiting == ["second"]
    later.run()
    later.settle()
    assert later.voxels() == {(1, 1, 1), (2, 2, 2)}
    later.remove("first")
    later.settle()
    assert later.voxels() == {(2, 2, 2)}


def test_prompts_of_a_model_that_is_no_longer_there(page, studies, monkeypatch):
    page.click("first", (1, 1, 1))
    page.click("second", (2, 2, 2))
    page.settle()
    page.labeler.save()
    later = Page(AppManager(WithoutDots(studies, labels=["one", "two"])).labeler("a"), monkeypatch)
    with pytest.raises(TaskError, match=r"'dots'.* is not available"):
        later.labeler._controller.features.prompting.change(1, "first", page.labeler.prompts[0])
    later.remove("first")
    assert list(later.prompts) == ["second"]
    assert later.voxels() == {(1, 1, 1), (2, 2, 2)}
    later.run()
    later.settle()
    assert later.voxels() == {(2, 2, 2)}
    later.remove("second")
    assert later.voxels() == set()


def test_prompts_follow_their_label_when_the_app_names_it_anew(page, studies, monkeypatch):
    page.click("first", (1, 1, 1))
    page.settle()
    page.labeler.save()
    later = Page(AppManager(App(studies, labels={"organ": 1, "other": 2})).labeler("a"), monkeypatch)
    assert [prompt["label"] for prompt in later.prompts.values()] == ["organ"]
    later.move("first", (3, 3, 3))
    later.settle()
    assert later.voxels() == {(3, 3, 3)}
