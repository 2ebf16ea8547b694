"""Messages to the pages as they are sent, and the other side of them in TypeScript."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jlabel.labeler.protocol.label_messages import LabelVolumes
from jlabel.labeler.protocol.message import Outgoing
from jlabel.labeler.protocol.outgoing import message_types, to_wire
from jlabel.labeler.protocol.page_messages import Ack
from jlabel.labeler.protocol.prompt_messages import PromptInfo, Prompts
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


def test_no_two_messages_have_one_type() -> None:
    types = [one.__struct_config__.tag for one in message_types().values()]
    assert len(set(types)) == len(types)


@pytest.mark.parametrize("argument", ["--check"])
def test_the_front_end_has_the_same_messages(argument: str) -> None:
    done = subprocess.run([sys.executable, "scripts/protocol.py", argument], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, "js/src/protocol.ts is another than what `make protocol` writes\n" + done.stderr


def test_every_message_of_the_kernel_is_known() -> None:
    ours = {one for one in Outgoing.__subclasses__() if one.__module__.startswith("jlabel.")}
    assert ours == set(message_types().values())
