"""The labeler between its pages and its features: who hears what, what is refused, and what goes wrong."""

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
from jlabel.labeler.protocol import draft_messages, message, navigation_messages, prompt_messages
from jlabel.labeler.protocol.image_messages import Pull
from jlabel.labeler.protocol.incoming import parse
from jlabel.labeler.protocol.message import ForImage
from jlabel.labeler.protocol.page_messages import Hello
from jlabel.labeler.protocol.values import PROTOCOL
from jlabel.manager import AppManager
from jlabel.widget import Labeler
from tests.widget.known_state import as_sent, known_state
from tests.widget.labeler_pages import App, Page, labeler, manager, page, studies  # noqa: F401 - fixtures


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

    monkeypatch.setitem(labeler._controller._handlers, prompt_messages.AutoRun, fails)
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

    monkeypatch.setitem(labeler._controller._handlers, prompt_messages.AutoRun, refuses)
    with caplog.at_level(logging.WARNING):
        page.ask("auto_run", on=False)
    assert [told["text"] for told in page.told("error")] == ["the label is locked"]
    assert caplog.text == ""


def test_what_was_given_up_is_a_notice_and_no_error(page: Page, labeler: Labeler, monkeypatch) -> None:
    def given_up(*_: Any) -> None:
        raise Cancelled("Growing a was cancelled")

    monkeypatch.setitem(labeler._controller._handlers, prompt_messages.AutoRun, given_up)
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
        controller.handle(parse(ask), [])
        assert wire.sent[-1]["text"] == "no image is open; press Next, or call labeler.open(image_id)"
    with pytest.raises(JlabelError, match="no image is open"):
        controller.require_image()


# Messages that are for another image.

FOR_IMAGE: dict[type[message.Incoming], tuple[dict[str, Any], str]] = {
    draft_messages.Stroke: ({"client": "p", "seq": 1, "region": [0, 0, 0, 1, 1, 1], "value": 1}, "a stroke"),
    prompt_messages.AddPrompt: ({"prompt": {"kind": "click", "label": ""}, "axis": 0}, "a prompt"),
    prompt_messages.ChangePrompt: ({"id": "p", "prompt": {"kind": "click", "label": ""}}, "a moved prompt"),
    prompt_messages.RemovePrompt: ({"id": "p"}, "a removed prompt"),
    prompt_messages.ClearPrompts: ({}, "clearing the prompts"),
    prompt_messages.Run: ({"axis": 0}, "run"),
    draft_messages.Undo: ({}, "undo"),
    draft_messages.Redo: ({}, "redo"),
    draft_messages.Save: ({}, "save"),
    draft_messages.FitLabel: ({}, "fitting the saved label"),
    prompt_messages.LookFurther: ({}, "looking further"),
    navigation_messages.Next: ({}, "next"),
    navigation_messages.Previous: ({}, "previous"),
    navigation_messages.Skip: ({}, "skip"),
    navigation_messages.StartReview: ({}, "the review"),
    navigation_messages.LooksRight: ({}, "“Looks right”"),
}


@pytest.mark.parametrize("kind", FOR_IMAGE, ids=lambda kind: kind.__name__)
def test_what_is_meant_for_another_image_is_refused_in_words(page: Page, labeler: Labeler, kind: Any) -> None:
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    before, position = labeler.mask, labeler._controller.require_image().draft.history.position
    content, what = FOR_IMAGE[kind]
    page.ask(kind.__struct_config__.tag, **{**content, "seq": 2, "client": "page", "epoch": 77})
    labeler._controller.flush()
    assert page.told("error")[-1]["text"] == f"{what} came after another image was opened; it was not kept"
    # It is handled all the same: a page does not send it again and again.
    assert page.told("ack")[-1] == {"type": "ack", "client": "page", "seq": 2}
    np.testing.assert_array_equal(labeler.mask, before)
    assert labeler._controller.require_image().draft.history.position == position
    assert labeler.image_id == "case_0"


def test_every_message_that_changes_an_image_is_for_that_image() -> None:
    assert set(ForImage.__subclasses__()) <= set(FOR_IMAGE)


def test_what_names_no_image_is_for_the_one_that_is_open(page: Page, labeler: Labeler) -> None:
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    labeler.save()
    labeler.open("case_1")
    page.stroke((0, 0, 0), (2, 2, 2), 1, seq=2)
    page.ask("undo")
    assert not labeler.mask.any()
    assert page.told("error") == []


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


# Streams.


def test_a_page_pulls_what_is_left_and_other_images_have_nothing_for_it(page: Page) -> None:
    [stream] = page.told("stream")
    ask = {"client": "page", "stream": stream["stream"], "count": 99}
    page.ask("pull", epoch=2, **ask)
    assert page.told("piece") == []
    page.ask("pull", epoch=1, **ask)
    page.ask("pull", epoch=1, **ask)
    assert len(page.told("piece")) == stream["pieces"]


def test_no_page_gets_more_than_sixteen_pieces_at_a_time(page: Page, labeler: Labeler) -> None:
    opened = labeler._controller.require_image()
    pieces = opened.voxels.pieces * 40
    opened.voxels.pieces = pieces
    stream = opened.stream_to("page")
    labeler._controller.pull(Pull(client="page", epoch=1, stream=stream.stream, count=1000))
    assert len(page.told("piece")) == 16


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
