from __future__ import annotations

import json

import numpy as np

from jlabel.imaging import Region
from jlabel.tasks import Box, Click, InferResult, Lasso, Scribble
from jlabel.widget.draft import Draft
from jlabel.widget.kept_prompts import sessions_from_json, sessions_to_json

SHAPE = (6, 5, 4)


def answered() -> Draft:
    draft = Draft(SHAPE)
    session = draft.add_prompt(Click((1, 1, 1), True, "a"), "a", 1, ("model", 2, 1), 2, "first")
    within = Region((0, 0, 0), (2, 2, 2))
    draft.answer(InferResult(within, np.ones(within.shape, np.uint8), SHAPE, {"a": 1}), session, replaces=False)
    return draft


def kept(draft: Draft) -> Draft:
    """A draft that goes on from what was written of another."""
    again = Draft(SHAPE, draft.mask)
    data = json.loads(json.dumps(sessions_to_json(draft.sessions, "uint8")))
    again.go_on_with(sessions_from_json(data, SHAPE, "uint8"))
    return again


def test_prompts_come_back_and_the_next_answer_replaces_the_last():
    again = kept(answered())
    assert [(one.id, one.prompt.position) for one in again.stack.last.given] == [("first", (1, 1, 1))]
    session = again.add_prompt(Click((4, 4, 3), True, "a"), "a", 1, ("model", 2, 1), 2)
    assert len(session.given) == 2
    within = Region((3, 3, 3), (5, 5, 4))
    again.answer(InferResult(within, np.ones(within.shape, np.uint8), SHAPE, {"a": 1}), session, replaces=False)
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
    assert tuple(one.prompt for one in kept(draft).stack.last.given) == prompts


def test_prompts_that_do_not_fit_the_image_are_left_out():
    data = sessions_to_json(answered().sessions, "uint8")
    assert sessions_from_json(data, (1, 1, 1), "uint8") == ()
    assert sessions_from_json("nonsense", SHAPE, "uint8") == ()
    assert sessions_from_json([{"label": "a"}], SHAPE, "uint8") == ()
    damaged = [{**data[0], "base": "!!"}]
    assert sessions_from_json(damaged, SHAPE, "uint8") == ()
