"""Pages come, are told everything, and then what is another."""

from __future__ import annotations

import json
from typing import get_type_hints

from jlabel.labeler.protocol.incoming import parse
from jlabel.labeler.protocol.label_messages import LabelInfo
from jlabel.labeler.protocol.outgoing import to_wire
from jlabel.labeler.protocol.page_messages import Hello, StateChange, WholeState, WorkDone
from jlabel.labeler.protocol.state import State
from jlabel.labeler.protocol.values import PROTOCOL
from tests.widget.labeler_pages import Page, labeler, manager, page, studies  # noqa: F401 - fixtures


def test_a_change_of_the_state_holds_what_changed() -> None:
    sent = to_wire(StateChange(state={"labels": [LabelInfo(name="a", value=1, color="#ff0000")], "notice": None}))
    label = {"name": "a", "value": 1, "color": "#ff0000"}
    assert sent == {"type": "changed", "state": {"labels": [label], "notice": None}}


def test_a_new_page_is_told_every_field_of_the_state(page: Page) -> None:  # noqa: F811
    [whole] = page.told("state")
    assert set(whole["state"]) == set(get_type_hints(State))
    assert whole["client"] == "page"
    json.dumps(to_wire(WholeState(client="p", state=whole["state"])))


def test_a_page_of_another_version_is_told_to_reload(page: Page) -> None:  # noqa: F811
    start = len(page.heard)
    page.ask("hello", client="old", protocol=PROTOCOL - 1)
    said = [content for content, _ in page.heard[start:]]
    assert [content["type"] for content in said] == ["ack", "error"]
    assert said[1]["client"] == "old"
    assert "reload" in said[1]["text"]
    assert isinstance(parse({"type": "hello", "client": "old", "protocol": 1}), Hello)


def test_work_is_told_as_spans_of_time_and_slices() -> None:
    sent = {"type": "work", "epoch": 1, "spans": [[12, 2.5]], "slices": [[2, 40]]}
    assert parse(sent) == WorkDone(epoch=1, spans=[(12, 2.5)], slices=[(2, 40)])
