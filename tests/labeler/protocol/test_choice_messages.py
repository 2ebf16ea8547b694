"""What can be chosen, and the choice."""

from __future__ import annotations

import pytest

from jlabel.labeler.protocol.choice_messages import Choose, ModelInfo, NamedInfo
from jlabel.labeler.protocol.incoming import MessageError, parse
from jlabel.labeler.protocol.outgoing import to_wire
from jlabel.labeler.protocol.page_messages import StateChange


@pytest.mark.parametrize("what", ["model", "strategy", "label", "tool"])
def test_what_can_be_chosen(what: str) -> None:
    chosen = parse({"type": "choose", "what": what, "value": "brush"})
    assert isinstance(chosen, Choose)
    assert (chosen.what, chosen.value) == (what, "brush")


def test_nothing_else_can_be_chosen() -> None:
    with pytest.raises(MessageError, match="height"):
        parse({"type": "choose", "what": "height", "value": "3"})


def test_a_model_says_whether_it_takes_prompts() -> None:
    model = ModelInfo(name="click", description="", interactive=True, dimension=3, valid=True, takes_mask=False)
    told = to_wire(StateChange(state={"models": [model], "strategies": [NamedInfo(name="first", description="")]}))
    assert told["state"]["models"][0]["takesMask"] is False
    assert told["state"]["strategies"] == [{"name": "first", "description": ""}]
