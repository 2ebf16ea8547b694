"""Prompts as the pages know them: told when they are others, and all of them to a page that is new."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jlabel.annotation.prompt_group import GivenPrompt, PromptGroup
from jlabel.labeler.features import prompt_updates
from jlabel.labeler.features.prompt_updates import PromptUpdates, model_of_scope, slice_of_scope
from jlabel.labeler.protocol.prompt_messages import Prompts
from jlabel.labeler.protocol.values import PROTOCOL
from jlabel.prompts import Click, Scribble
from tests.widget.prompting_pages import dots, manager, page, studies  # noqa: F401 - fixtures

NAMES = {1: "liver", 2: "tumour"}


def click(name: str, at: int = 0) -> GivenPrompt:
    return GivenPrompt(name, Click((at, at, at)))


def group(*prompts: GivenPrompt, value: int = 1, scope: Any = ("click",), answered: bool = True) -> PromptGroup:
    return PromptGroup("any", value, scope, given=prompts, answered=prompts if answered else ())


class Heard:
    """What a page makes of the messages."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}
        self.ids: list[str] = []
        self.put: list[list[str]] = []

    def take(self, messages: Iterable[Prompts]) -> Heard:
        self.put.clear()
        for message in messages:
            self.known |= {prompt.id or "": prompt for prompt in message.put}
            self.ids = message.ids
            self.put.append([prompt.id or "" for prompt in message.put])
        return self

    def shown(self) -> dict[str, tuple[Any, str, bool]]:
        prompts = {name: self.known[name] for name in self.ids}
        return {name: (tuple(one.position), one.label, bool(one.waits)) for name, one in prompts.items()}


@pytest.fixture
def updates() -> PromptUpdates:
    return PromptUpdates()


@pytest.fixture
def heard() -> Heard:
    return Heard()


def test_each_prompt_is_told_once(updates: PromptUpdates, heard: Heard) -> None:
    first, second = click("first", 1), click("second", 2)
    assert heard.take(updates.news(1, (group(first),), NAMES)).put == [["first"]]
    assert heard.take(updates.news(1, (group(first),), NAMES)).put == []
    assert heard.take(updates.news(1, (group(first, second),), NAMES)).put == [["second"]]
    assert heard.ids == ["first", "second"]


def test_a_prompt_that_was_moved_keeps_its_place_in_the_list(updates: PromptUpdates, heard: Heard) -> None:
    first, second, moved = click("first", 1), click("second", 2), click("first", 5)
    heard.take(updates.news(1, (group(first, value=1), group(second, value=2)), NAMES))
    # The group that was used last comes last among the groups.
    heard.take(updates.news(1, (group(second, value=2), group(moved, value=1)), NAMES))
    assert heard.put == [["first"]]
    assert heard.ids == ["first", "second"]
    assert list(heard.known["first"].position) == [5, 5, 5]


def test_a_prompt_that_went_is_told_without_any_other(updates: PromptUpdates, heard: Heard) -> None:
    first, second = click("first"), click("second")
    heard.take(updates.news(1, (group(first, second),), NAMES))
    heard.take(updates.news(1, (group(second),), NAMES))
    assert (heard.ids, heard.put) == (["second"], [[]])
    heard.take(updates.news(1, (), NAMES))
    assert heard.ids == []


def test_an_answer_is_told_as_prompts_that_wait_no_more(updates: PromptUpdates, heard: Heard) -> None:
    first = click("first")
    heard.take(updates.news(1, (group(first, answered=False),), NAMES))
    assert heard.known["first"].waits
    heard.take(updates.news(1, (group(first),), NAMES))
    assert heard.put == [["first"]]
    assert not heard.known["first"].waits


def test_a_label_that_is_called_something_else_is_told_with_its_prompts(updates: PromptUpdates, heard: Heard) -> None:
    groups = (group(click("first"), value=1), group(click("second"), value=2))
    heard.take(updates.news(1, groups, NAMES))
    heard.take(updates.news(1, groups, {**NAMES, 2: "lesion"}))
    assert heard.put == [["second"]]
    assert heard.known["second"].label == "lesion"
    # Prompts of a label that is gone are not shown.
    heard.take(updates.news(1, groups, {1: "liver"}))
    assert heard.ids == ["first"]


def test_another_image_begins_with_none(updates: PromptUpdates, heard: Heard) -> None:
    groups = (group(click("first")),)
    heard.take(updates.news(1, groups, NAMES))
    updates.begin()
    assert list(updates.all(2, "page")) == []
    assert heard.take(updates.news(2, groups, NAMES)).put == [["first"]]


def test_a_new_page_alone_is_told_all(updates: PromptUpdates, heard: Heard) -> None:
    groups = (group(click("first"), click("second")),)
    list(updates.news(1, groups, NAMES))
    [message] = updates.all(1, "page")
    assert message.client == "page"
    assert heard.take([message]).put == [["first", "second"]]
    # To the others there is nothing new.
    assert list(updates.news(1, groups, NAMES)) == []


def test_the_present_mask_and_the_slice_of_its_model(updates: PromptUpdates, heard: Heard) -> None:
    heard.take(updates.news(1, (group(GivenPrompt("mask", None), scope=("click_2d", 2, 7)),), NAMES))
    told = heard.known["mask"]
    assert (told.kind, told.label, told.slice) == ("mask", "liver", (2, 7))
    heard.take(updates.news(1, (group(click("p")),), NAMES))
    assert heard.known["p"].slice is None


def test_scopes() -> None:
    assert slice_of_scope(("click", 2, 7)) == (2, 7)
    assert slice_of_scope(("click",)) is None
    assert slice_of_scope(None) is None
    assert model_of_scope(group(scope=("click", 2, 7))) == "click"
    assert model_of_scope(group(scope=None)) is None
    assert model_of_scope(group(scope=())) is None


@pytest.mark.parametrize("most", [1, 25, 60, 1000])
def test_long_drawings_are_told_in_several_messages(
    updates: PromptUpdates, heard: Heard, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(prompt_updates, "_MOST_POSITIONS", most)
    drawn = [GivenPrompt(f"s{n}", Scribble(((n, n, n),) * 20)) for n in range(5)]
    messages = list(updates.news(1, (group(*drawn),), NAMES))
    heard.take(messages)
    names = [f"s{n}" for n in range(5)]
    assert [name for put in heard.put for name in put] == names
    # Each of them names all, so that a page never shows half a list for good.
    assert all(message.ids == names for message in messages)
    assert all(sum(len(prompt.positions or []) for prompt in message.put) <= most + 30 for message in messages)


changes = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "d"]),
        st.sampled_from(["put", "answer", "remove", "rename"]),
        st.integers(1, 9),
    ),
    max_size=20,
)


@settings(max_examples=150)
@given(changes)
def test_whatever_changes_every_page_knows_what_is_there(changes: list[tuple[str, str, int]]) -> None:
    updates, early = PromptUpdates(), Heard()
    given: dict[str, GivenPrompt] = {}
    answered: dict[str, GivenPrompt] = {}
    names = dict(NAMES)
    expected: dict[str, Any] = {}
    for name, change, number in changes:
        if change == "put":
            given[name] = click(name, number)
            answered.pop(name, None)
        elif change == "answer" and name in given:
            answered[name] = given[name]
        elif change == "remove":
            given.pop(name, None)
        elif change == "rename":
            names[1] = f"liver {number}"
        one = PromptGroup("any", 1, ("click",), given=tuple(given.values()), answered=tuple(answered.values()))
        early.take(updates.news(1, (one,) if given else (), names))
        places = {name: prompt.prompt.position for name, prompt in given.items() if isinstance(prompt.prompt, Click)}
        expected = {name: (places[name], names[1], name not in answered) for name in given}
        assert early.shown() == expected
        late = Heard().take(updates.all(1, "late"))
        assert (late.ids, late.shown()) == (early.ids, expected)


def test_the_pages_are_told_of_prompts_only_when_these_change(page, monkeypatch):
    page.click("first", (1, 1, 1))
    page.settle()
    before = len(page.told("prompts"))
    for n in range(3):
        page.stroke((8, 8, n), (9, 9, n + 1), 2)
    assert len(page.told("prompts")) == before
    assert all("prompts" not in content["state"] for content in (*page.told("state"), *page.told("changed")))
    page.click("second", (2, 2, 2))
    page.settle()
    assert all([one["id"] for one in content["put"]] in ([], ["second"]) for content in page.told("prompts")[before:])
    page.heard.clear()
    page.ask("hello", client="other", protocol=PROTOCOL)
    [told] = page.told("prompts")
    assert told["client"] == "other"
    assert told["ids"] == ["first", "second"]
    assert len(told["put"]) == 2


def test_a_long_list_of_scribbles_comes_in_several_messages(page, dots):
    page.ask("auto_run", on=False)
    line = [[n % 12, n // 12 % 10, 4] for n in range(10_000)]
    for n in range(12):
        prompt = {"id": f"s{n}", "kind": "scribble", "positions": line, "positive": True, "label": ""}
        page.ask("prompt", epoch=1, prompt=prompt, axis=2)
    page.heard.clear()
    page.ask("hello", client="other", protocol=PROTOCOL)
    assert len(page.told("prompts")) >= 2
    assert list(page.prompts) == [f"s{n}" for n in range(12)]
