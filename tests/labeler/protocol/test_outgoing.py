"""Messages to the pages as they are sent, and the other side of them in TypeScript."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import pytest

from jlabel.labeler.protocol.outgoing import (
    Ack,
    LabelVolumes,
    Prompts,
    StateChange,
    WholeState,
    message_types,
    to_wire,
)
from jlabel.labeler.protocol.state import State
from jlabel.labeler.protocol.values import LabelInfo, PromptInfo
from tests.widget.labeler_pages import Page, labeler, manager, page, studies  # noqa: F401 - fixtures

ROOT = Path(__file__).parents[3]


def test_a_message_is_sent_with_its_type_and_without_what_is_not_given() -> None:
    assert to_wire(Ack(client="p", seq=3)) == {"type": "ack", "client": "p", "seq": 3}
    assert to_wire(LabelVolumes(epoch=1, counts=[(1, 8)], voxel_ml=None)) == {
        "type": "volumes",
        "epoch": 1,
        "counts": [(1, 8)],
        "voxelMl": None,
    }
    prompt = PromptInfo(kind="click", label="a", id="x", position=[1, 2, 3], positive=True)
    [sent] = to_wire(Prompts(epoch=1, ids=["x"], put=[prompt]))["put"]
    assert sent == {"kind": "click", "label": "a", "id": "x", "position": [1, 2, 3], "positive": True}


def test_a_change_of_the_state_holds_what_changed() -> None:
    sent = to_wire(StateChange(state={"labels": [LabelInfo(name="a", value=1, color="#ff0000")], "notice": None}))
    label = {"name": "a", "value": 1, "color": "#ff0000"}
    assert sent == {"type": "changed", "state": {"labels": [label], "notice": None}}


def test_a_new_page_is_told_every_field_of_the_state(page: Page) -> None:  # noqa: F811
    [whole] = page.told("state")
    assert set(whole["state"]) == set(get_type_hints(State))
    assert whole["client"] == "page"
    json.dumps(to_wire(WholeState(client="p", state=whole["state"])))


def test_no_two_messages_have_one_type() -> None:
    types = [one.__struct_config__.tag for one in message_types().values()]
    assert len(set(types)) == len(types)


@pytest.mark.parametrize("argument", ["--check"])
def test_the_front_end_has_the_same_messages(argument: str) -> None:
    done = subprocess.run([sys.executable, "scripts/protocol.py", argument], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, "js/src/protocol.ts is another than what `make protocol` writes\n" + done.stderr
