"""Prompts are checked when they are made."""

import pytest

from jlabel.errors import PromptError
from jlabel.prompts.prompt import Box, Click, Lasso, Scribble


def test_the_corners_of_a_box_may_come_in_any_order():
    assert Box((5, 1), (2, 8)) == Box((2, 1), (5, 8))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Click("here"),
        lambda: Box((1, 2), (1, 2, 3)),
        lambda: Scribble(()),
        lambda: Scribble(((1, 2), (1, 2, 3))),
        lambda: Lasso(((1, 1, 1), (2, 2, 2)), plane=0),
        lambda: Lasso(((1, 1, 1), (2, 2, 2), (3, 1, 1)), plane=0),
        lambda: Lasso(((1, 1, 1), (1, 2, 2), (1, 1, 2)), plane=5),
    ],
)
def test_a_prompt_that_makes_no_sense(make):
    with pytest.raises(PromptError):
        make()
