"""What can be chosen, and the choice: told to the pages when it changes."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import threading
from typing import Any

import pytest

from jlabel.labeler.protocol.values import PROTOCOL
from jlabel.widget import AppManager, Labeler
from tests.widget.labeler_pages import App, Everything, Page, labeler, manager, page, studies  # noqa: F401 - fixtures


def changes(page: Page, start: int) -> list[set[str]]:
    """The fields of the state that each message told since."""
    return [set(content["state"]) for content, _ in page.heard[start:] if content["type"] == "changed"]


def test_a_new_page_knows_what_there_is_to_choose_from(page: Page, manager: AppManager) -> None:
    state = page.state()
    ball, auto = state["models"]
    assert ball == {
        "name": "ball",
        "description": manager.app.infers["ball"].description,
        "interactive": True,
        "dimension": 3,
        "valid": True,
        "takesMask": True,
    }
    assert (auto["name"], auto["interactive"], auto["takesMask"]) == ("auto", False, False)
    assert [(label["name"], label["value"]) for label in state["labels"]] == [("a", 1), ("b", 2)]
    assert [one["name"] for one in state["strategies"]] == list(manager.app.strategies)
    assert (state["model"], state["strategy"], state["label"]) == ("ball", "first", "a")


@pytest.mark.parametrize(("what", "value"), [("model", "auto"), ("strategy", "random"), ("label", "b")])
def test_a_choice_is_taken_and_told_alone(page: Page, labeler: Labeler, what: str, value: str) -> None:
    start = len(page.heard)
    page.ask("choose", what=what, value=value)
    assert getattr(labeler, what) == value
    assert page.state()[what] == value
    assert {what} in changes(page, start)
    assert page.told("error") == []


def test_what_is_chosen_already_is_not_told_again(page: Page) -> None:
    page.ask("choose", what="label", value="b")
    start = len(page.heard)
    page.ask("choose", what="label", value="b")
    assert changes(page, start) == []


@pytest.mark.parametrize(
    ("what", "words"),
    [("model", "no model 'x'; there is ball, auto"), ("strategy", "no strategy 'x'"), ("label", "no label 'x'")],
)
def test_what_there_is_not_is_refused_in_words_and_the_choice_stays(page: Page, what: str, words: str) -> None:
    before = page.state()[what]
    page.ask("choose", what=what, value="x")
    assert words in page.told("error")[-1]["text"]
    assert page.state()[what] == before


def test_python_chooses_for_the_pages_too(page: Page, labeler: Labeler) -> None:
    labeler.label = "b"
    assert page.state()["label"] == "b"


def test_a_model_whose_files_come_later_can_be_run_once_a_page_connects(
    page: Page, labeler: Labeler, manager: AppManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    files: dict[str, Any] = {"there": False, "looks": 0}

    def is_valid() -> bool:
        # Whether strategies are ready is found out in a thread of its own, whatever the person does meanwhile.
        files["looks"] += threading.current_thread() is threading.main_thread()
        return bool(files["there"])

    monkeypatch.setattr(manager.app.infers["auto"], "is_valid", is_valid)
    page.ask("hello", client="page", protocol=PROTOCOL)
    assert [model["valid"] for model in page.state()["models"]] == [True, False]
    files["there"] = True
    looks = files["looks"]
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    page.ask("choose", what="label", value="b")
    # Files are not looked at while the person works.
    assert files["looks"] == looks
    page.ask("hello", client="other", protocol=PROTOCOL)
    # The page that was there before hears of it too.
    told = [content["state"]["models"] for content in page.told("changed") if "models" in content["state"]]
    assert [model["valid"] for model in told[-1]] == [True, True]


def test_a_version_that_is_published_is_told_to_all_pages(
    page: Page, labeler: Labeler, manager: AppManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manager.app.infers["auto"], "is_valid", lambda: False)
    start = len(page.heard)
    labeler._controller.models_changed()
    assert [model["valid"] for model in page.state()["models"]] == [True, False]
    assert {"models"} in changes(page, start)


def test_another_label_set_is_told(page: Page, labeler: Labeler) -> None:
    page.ask("add_label", name="c")
    page.wait(lambda: [label["name"] for label in page.state()["labels"]] == ["a", "b", "c"])
    page.wait(lambda: page.state()["label"] == labeler.label == "c")


class Abdomen(Everything):
    """Finds three structures, one of them a label under another spelling."""

    def __init__(self) -> None:
        super().__init__(labels={"A": 1, "left_kidney": 2, "liver": 3})


def test_what_the_chosen_model_finds_besides_the_labels_is_offered(page: Page, manager: AppManager) -> None:
    manager.app.infers["abdomen"] = Abdomen()
    page.ask("choose", what="model", value="abdomen")
    assert page.state()["offeredLabels"] == ["left_kidney", "liver"]
    page.ask("add_label", name="Left kidney")
    page.wait(lambda: page.state()["offeredLabels"] == ["liver"])
    page.ask("choose", what="model", value="ball")
    assert page.state()["offeredLabels"] == []
