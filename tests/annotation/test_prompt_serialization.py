from __future__ import annotations

import json

import numpy as np
import pytest

from jlabel.annotation.draft import Draft
from jlabel.annotation.prompt_serialization import prompt_groups_from_json, prompt_groups_to_json
from jlabel.imaging import Region
from jlabel.prompts import Box, Click, Lasso, Scribble
from jlabel.tasks import InferResult

SHAPE = (6, 5, 4)


def answered() -> Draft:
    draft = Draft(SHAPE)
    group = draft.add_prompt(Click((1, 1, 1), True, "a"), "a", 1, ("model", 2, 1), 2, "first")
    within = Region((0, 0, 0), (2, 2, 2))
    draft.answer(InferResult(within, np.ones(within.shape, np.uint8), SHAPE, {"a": 1}), group, replaces=False)
    return draft


def kept(draft: Draft) -> Draft:
    """A draft that goes on from what was written of another."""
    again = Draft(SHAPE, draft.mask)
    data = json.loads(json.dumps(prompt_groups_to_json(draft.groups, "uint8")))
    again.restore_prompts(prompt_groups_from_json(data, SHAPE, "uint8"))
    return again


def test_prompts_come_back_and_the_next_answer_replaces_the_last():
    again = kept(answered())
    assert [(one.id, one.prompt.position) for one in again.layers.last.given] == [("first", (1, 1, 1))]
    group = again.add_prompt(Click((4, 4, 3), True, "a"), "a", 1, ("model", 2, 1), 2)
    assert len(group.given) == 2
    within = Region((3, 3, 3), (5, 5, 4))
    again.answer(InferResult(within, np.ones(within.shape, np.uint8), SHAPE, {"a": 1}), group, replaces=False)
    assert again.mask.sum() == 4


def test_every_kind_of_prompt_comes_back():
    draft = Draft(SHAPE)
    prompts = (
        None,
        Click((1, 1, 1), False, "a"),
        Box((0, 0, 0), (2, 2, 1), "a"),
        Scribble(((1, 1, 1), (1, 2, 1)), True, "a"),
        Lasso(((0, 0, 1), (3, 0, 1), (3, 3, 1)), 2, True, "a"),
    )
    for prompt in prompts:
        draft.add_prompt(prompt, "a", 1)
    assert tuple(one.prompt for one in kept(draft).layers.last.given) == prompts


def test_prompts_that_do_not_fit_the_image_are_left_out():
    data = prompt_groups_to_json(answered().groups, "uint8")
    assert prompt_groups_from_json(data, (1, 1, 1), "uint8") == ()
    assert prompt_groups_from_json("nonsense", SHAPE, "uint8") == ()
    assert prompt_groups_from_json([{"label": "a"}], SHAPE, "uint8") == ()
    damaged = [{**data[0], "base": "!!"}]
    assert prompt_groups_from_json(damaged, SHAPE, "uint8") == ()


GROUP = {
    "label": "liver",
    "value": 1,
    "scope": ["click", 2, 3],
    "axis": 0,
    "prompts": [{"kind": "click", "position": [1, 1, 1], "positive": True, "label": "", "id": "a"}],
}


@pytest.mark.parametrize(
    "bad",
    [
        3,
        None,
        [],
        {},
        GROUP | {"value": 10**400},
        GROUP | {"value": float("inf")},
        GROUP | {"value": True},
        GROUP | {"value": 70_000},
        GROUP | {"axis": 9},
        GROUP | {"layer": -(10**30)},
        GROUP | {"label": ["liver"]},
        GROUP | {"scope": [[[["x"]]]]},
        GROUP | {"scope": ["click", "a", {}]},
        GROUP | {"prompts": 3},
        GROUP | {"prompts": ["x"]},
        GROUP | {"prompts": [{"kind": "click", "position": [1e400, 1, 1]}]},
        GROUP | {"prompts": [{"kind": "click", "position": [9, 9, 9]}]},
        GROUP | {"prompts": [{"kind": "click", "position": [1, 1, 1], "positive": "yes"}]},
        GROUP | {"prompts": [{"kind": "lasso", "points": [[1, 1, 1]] * 3, "plane": "x"}]},
        GROUP | {"region": [0, 0, 1, 1]},
        GROUP | {"region": [0, 0, 0, 1, 1, 10**400]},
        GROUP | {"region": [0, 0, 0, 1, 1, 1], "base": "not base64"},
        GROUP | {"region": [0, 0, 0, 1, 1, 1], "base": 3},
    ],
)
def test_a_group_that_makes_no_sense_is_left_out_and_not_the_others(bad, caplog):
    found = prompt_groups_from_json([bad, GROUP], (4, 4, 4), "uint8")
    assert [group.label for group in found] == ["liver"]
    assert "left out" in caplog.text
