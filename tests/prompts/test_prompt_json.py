"""Prompts as JSON and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from jlabel.errors import PromptError
from jlabel.prompts.prompt import InitialMask, Lasso
from jlabel.prompts.prompt_json import prompt_from_json, prompt_to_json
from tests.prompts.any_prompts import prompts


@given(prompts)
def test_json_there_and_back(prompt):
    import json

    assert prompt_from_json(json.loads(json.dumps(prompt_to_json(prompt)))) == prompt


def test_a_lasso_there_and_back():
    lasso = Lasso(((1, 2, 3), (4, 2, 3), (4, 2, 9)), plane=1)
    assert prompt_from_json(prompt_to_json(lasso)) == lasso


@pytest.mark.parametrize(
    "make",
    [
        lambda: prompt_from_json({"kind": "wish"}),
        lambda: prompt_from_json({"kind": "click"}),
        lambda: prompt_to_json(InitialMask(np.zeros((2, 2)))),
    ],
)
def test_what_is_no_json_of_a_prompt(make):
    with pytest.raises(PromptError):
        make()
