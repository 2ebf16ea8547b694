"""The labeler between its pages and its features: who hears what, and what goes wrong."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from jlabel.errors import Cancelled, JlabelError
from jlabel.labeler.background.ticker import TICKER
from jlabel.labeler.controller import LabelerController
from jlabel.labeler.protocol import prompt_messages
from jlabel.labeler.protocol.incoming import parse
from jlabel.labeler.protocol.page_messages import Hello
from jlabel.labeler.protocol.values import PROTOCOL
from jlabel.manager import AppManager
from jlabel.widget import Labeler
from tests.widget.known_state import as_sent, known_state
from tests.widget.labeler_pages import Page, labeler, manager, page, studies  # noqa: F401 - fixtures


class Wire:
    """What a controller without a widget sends."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def __call__(self, content: dict[str, Any], _: list[bytes]) -> None:
        self.sent.append(as_sent(content))

    def kinds(self, client: str | None = None) -> list[str]:
        return [content["type"] for content in self.sent if content.get("client") == client]

    def states(self) -> list[dict[str, Any]]:
        return [content["state"] for content in self.sent if content["type"] == "changed"]


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def controller(manager: AppManager, wire: Wire) -> Iterator[LabelerController]:
    """A controller with nothing open."""
    controller = LabelerController(manager, wire, lambda: "")
    yield controller
    controller.close()


def hello(page: str) -> Hello:
    return Hello(client=page, protocol=PROTOCOL)


# What goes wrong.


def test_a_features_failure_is_one_error_in_words(page: Page, labeler: Labeler, caplog, monkeypatch) -> None:
    def fails(*_: Any) -> None:
        raise ValueError("three is not four")

    monkeypatch.setitem(labeler._controller.messages._handlers, prompt_messages.AutoRun, fails)
    with caplog.at_level(logging.ERROR):
        page.ask("auto_run", on=False)
    [told] = page.told("error")
    assert told == {"type": "error", "text": "something went wrong that should not: ValueError: three is not four"}
    # Where it happened is in the log, for whoever is to mend it.
    assert "in fails" in caplog.text
    page.ask("choose", what="label", value="b")
    assert page.state()["label"] == "b"


def test_what_is_wrong_on_purpose_is_said_as_it_is(page: Page, labeler: Labeler, caplog, monkeypatch) -> None:
    def refuses(*_: Any) -> None:
        raise JlabelError("the label is locked")

    monkeypatch.setitem(labeler._controller.messages._handlers, prompt_messages.AutoRun, refuses)
    with caplog.at_level(logging.WARNING):
        page.ask("auto_run", on=False)
    assert [told["text"] for told in page.told("error")] == ["the label is locked"]
    assert caplog.text == ""


def test_what_was_given_up_is_a_notice_and_no_error(page: Page, labeler: Labeler, monkeypatch) -> None:
    def given_up(*_: Any) -> None:
        raise Cancelled("Growing a was cancelled")

    monkeypatch.setitem(labeler._controller.messages._handlers, prompt_messages.AutoRun, given_up)
    page.ask("auto_run", on=False)
    assert page.told("error") == []
    assert page.state()["notice"] == "Growing a was cancelled"


def test_what_is_asked_for_later_comes_in_order_and_its_failures_are_told(
    controller: LabelerController, wire: Wire
) -> None:
    controller.connect(hello("page"))
    done = []

    def fails() -> None:
        done.append("second")
        raise JlabelError("the disk is full")

    controller.in_background(lambda: done.append("first"))
    controller.in_background(fails)
    controller.in_background(lambda: done.append("third"))
    controller.flush()
    assert done == ["first", "second", "third"]
    assert [content["text"] for content in wire.sent if content["type"] == "error"] == ["the disk is full"]


def test_without_an_image_what_needs_one_says_what_to_do(controller: LabelerController, wire: Wire) -> None:
    controller.connect(hello("page"))
    for ask in ({"type": "undo"}, {"type": "run", "epoch": 1, "axis": 0}):
        controller.messages.handle(parse(ask), [])
        assert wire.sent[-1]["text"] == "no image is open; press Next, or call labeler.open(image_id)"
    with pytest.raises(JlabelError, match="no image is open"):
        controller.require_image()


# State.


def test_only_what_changed_is_told(controller: LabelerController, wire: Wire) -> None:
    controller.connect(hello("page"))
    with controller.lock:
        controller.publish_state({"notice": None, "images": 0})
        assert wire.states() == []
        controller.publish_state({"notice": "Saved", "images": 0})
        controller.publish_state({"notice": "Saved", "images": 3})
        controller.publish_state({"notice": None})
    assert wire.states() == [{"notice": "Saved"}, {"images": 3}, {"notice": None}]


def test_what_changes_while_nobody_looks_is_known_to_the_next_page(controller: LabelerController, wire: Wire) -> None:
    controller.notify("Saved as final")
    with controller.lock:
        controller.publish_counts(7, 2)
    assert wire.sent == []
    controller.connect(hello("page"))
    state = known_state(wire.sent)
    assert (state["notice"], state["images"], state["labelled"]) == ("Saved as final", 7, 2)
    assert (controller.images, controller.labelled) == (7, 2)


def test_a_second_page_is_told_everything_and_the_first_nothing_again(
    controller: LabelerController, wire: Wire
) -> None:
    controller.connect(hello("first"))
    controller.notify("Saved as final")
    told = len(wire.sent)
    controller.connect(hello("second"), handled=5)
    news = wire.sent[told:]
    assert {content.get("client") for content in news} == {"second"}
    assert news[0] == {"type": "ack", "client": "second", "seq": 5}
    assert known_state(news) == known_state(wire.sent[:told])
    # From now on both hear the same.
    controller.clear_notice()
    assert wire.sent[-1] == {"type": "changed", "state": {"notice": None}}


def test_two_pages_know_the_same_whatever_happened_between_their_hellos(page: Page, labeler: Labeler) -> None:
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    page.ask("lock", value=2, locked=True)
    page.ask("auto_run", on=False)
    labeler.save()
    before = page.state()
    start = len(page.heard)
    page.ask("hello", client="late", protocol=PROTOCOL)
    late = [content for content, _ in page.heard[start:] if content.get("client") == "late"]
    assert known_state(late) == before
    assert [content["type"] for content in late][:3] == ["ack", "state", "image"]


def test_an_image_that_is_opened_tells_all_in_one_message(page: Page, labeler: Labeler) -> None:
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    labeler.save()
    start = len(page.heard)
    labeler.open("case_1")
    news = [content for content, _ in page.heard[start:]]
    [arrival] = [content["state"] for content in news if content["type"] == "changed" and "imageId" in content["state"]]
    assert arrival["imageId"] == "case_1"
    assert arrival["epoch"] == 2
    # The notice of what was done before, and whether it can be undone, go with the image.
    assert (page.state()["notice"], page.state()["canUndo"], page.state()["dirty"]) == (None, False, False)
    kinds = [content["type"] for content in news]
    assert kinds.index("image") < kinds.index("stream")


def test_progress_is_told_of_the_image_that_is_open(controller: LabelerController, wire: Wire, page: Page) -> None:
    controller.connect(hello("page"))
    with controller.lock:
        controller.show_progress("Saving", 0.5)
    assert wire.kinds().count("progress") == 0
    with page.labeler._controller.lock:
        page.labeler._controller.show_progress("Saving", 0.5)
    assert page.told("progress") == [{"type": "progress", "epoch": 1, "text": "Saving", "fraction": 0.5}]


def test_a_change_of_the_draft_takes_the_notice_away(page: Page, labeler: Labeler) -> None:
    labeler._controller.notify("Saved as final")
    revision = labeler._controller.revision
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    assert page.state()["notice"] is None
    assert labeler._controller.revision > revision


# Choices, words, and the end.


def test_it_begins_with_what_was_asked_for_or_with_what_there_is(manager: AppManager, wire: Wire) -> None:
    controller = LabelerController(manager, wire, lambda: "")
    # The first model that takes prompts, the first strategy, the first label.
    assert (controller.model, controller.label) == ("ball", "a")
    assert controller.strategy == next(iter(manager.app.strategies))
    controller.close()
    other = LabelerController(manager, wire, lambda: "", strategy="random", model="auto")
    assert (other.model, other.strategy) == ("auto", "random")
    other.close()


@pytest.mark.parametrize(
    ("what", "words"),
    [("model", "no model 'x'; there is ball, auto"), ("label", "no label 'x'; there is a, b"), ("strategy", "random")],
)
def test_what_there_is_not_cannot_be_chosen(controller: LabelerController, what: Any, words: str) -> None:
    before = getattr(controller, what)
    with pytest.raises(JlabelError, match=words):
        controller.choose(what, "x")
    assert getattr(controller, what) == before


def test_labels_by_value_and_name(controller: LabelerController) -> None:
    assert controller.values == {"a": 1, "b": 2}
    assert controller.name_of(2, "?") == "b"
    assert controller.name_of(9, "a label that is gone") == "a label that is gone"


def test_it_says_where_it_stands(controller: LabelerController, labeler: Labeler) -> None:
    assert controller.describe() == "Labeler: no image (0 of 0 labelled)"
    assert labeler._controller.describe() == "Labeler: case_0 (0 of 3 labelled)"


def test_the_end_of_a_labeler_ends_its_threads_and_keeps_what_was_painted(manager: AppManager, monkeypatch) -> None:
    before = set(threading.enumerate())
    labeler = manager.labeler("case_0")
    page = Page(labeler, monkeypatch)
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    page.ask("versions", client="page", epoch=1)
    page.ask("thumbnails", client="page", images=["case_1"])
    page.ask("operate", epoch=1, operation="grow", parameters={"radius": 1.0}, axis=2, slice=1, value=1)
    page.wait_long(lambda: page.told("versions") != [] and page.told("thumbnail") != [] and labeler.mask.sum() > 8)
    mask = labeler.mask
    begun = [thread for thread in threading.enumerate() if thread not in before]
    assert {"jlabel-versions", "jlabel-operations", "jlabel-journal"} <= {thread.name for thread in begun}
    labeler.close()
    own = [thread for thread in begun if thread.name.startswith("jlabel-") and thread.name != "jlabel-ticker"]
    for thread in own:
        thread.join(60)
    assert [thread.name for thread in own if thread.is_alive()] == []
    again = manager.labeler("case_0")
    np.testing.assert_array_equal(again.mask, mask)
    again.close()


@pytest.mark.parametrize("asked", [{"model": "x"}, {"image_id": "nope"}, {"strategy": "x"}])
def test_a_labeler_that_could_not_begin_is_not_looked_after(manager: AppManager, asked: dict[str, str]) -> None:
    before = len(TICKER._looks)
    with pytest.raises(JlabelError):
        manager.labeler(**asked)
    assert len(TICKER._looks) == before


def test_a_labeler_that_was_closed_does_not_wait_for_ever(labeler: Labeler) -> None:
    labeler.close()
    opening = threading.Thread(target=lambda: labeler.open("case_1"), daemon=True)
    opening.start()
    opening.join(60)
    assert not opening.is_alive()
