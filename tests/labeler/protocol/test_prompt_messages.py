"""Prompts as a page sends them, and as it is told them."""

from __future__ import annotations

from jlabel.labeler.protocol.incoming import parse
from jlabel.labeler.protocol.outgoing import to_wire
from jlabel.labeler.protocol.prompt_messages import AddPrompt, PromptInfo, Prompts, Run


def test_a_prompt_keeps_whole_and_broken_numbers_as_they_are() -> None:
    prompt = {"kind": "lasso", "label": "", "points": [[1, 2, 3], [1.5, 2, 3]]}
    message = parse({"type": "prompt", "epoch": 1, "prompt": prompt, "axis": 2})
    assert isinstance(message, AddPrompt)
    assert message.prompt == PromptInfo(kind="lasso", label="", points=[[1, 2, 3], [1.5, 2, 3]])
    assert [type(number) for number in (message.prompt.points or [[]])[0]] == [int, int, int]


def test_a_run_is_for_the_plane_that_the_person_works_in() -> None:
    assert parse({"type": "run", "epoch": 2, "axis": 1, "slice": 7}) == Run(epoch=2, axis=1, slice=7)


def test_a_prompt_is_told_without_the_fields_of_other_kinds() -> None:
    box = PromptInfo(kind="box", label="a", id="x", lower=[0, 0, 0], upper=[1, 2, 3], waits=True)
    [told] = to_wire(Prompts(epoch=1, ids=["x"], put=[box]))["put"]
    assert told == {"kind": "box", "label": "a", "id": "x", "lower": [0, 0, 0], "upper": [1, 2, 3], "waits": True}
