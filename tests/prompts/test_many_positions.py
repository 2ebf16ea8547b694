"""A scribble of a million points is thinned before anybody looks at each of them."""

from __future__ import annotations

import numpy as np
import pytest

from jlabel.prompts import Lasso, Scribble
from jlabel.prompts.prompt import MOST_POSITIONS
from jlabel.prompts.prompt_geometry import check_prompts


class Counted(list):
    """Says how many of its items were looked at."""

    looked_at = 0

    def __getitem__(self, index):
        self.looked_at += 1
        return super().__getitem__(index)

    def __iter__(self):
        raise AssertionError("every one was looked at")


def test_so_many_as_are_used_are_looked_at_and_the_person_is_told() -> None:
    points = Counted([(number % 500, number // 2000, 3) for number in range(1_000_000)])
    with pytest.warns(UserWarning, match="a scribble of 1,000,000 positions: 20,000 of them are used, evenly apart"):
        scribble = Scribble(points)
    assert len(scribble.positions) == points.looked_at == MOST_POSITIONS
    assert scribble.positions[0] == (0, 0, 3)
    assert scribble.positions[-1] == (499, 499, 3)
    assert check_prompts([scribble], (500, 500, 4)) == (scribble,)


@pytest.mark.parametrize("make", [iter, np.array, list])
def test_however_they_are_given(make) -> None:
    with pytest.warns(UserWarning, match="30,000 positions"):
        scribble = Scribble(make([(number, 1) for number in range(30_000)]))
    assert (scribble.positions[0], scribble.positions[-1]) == ((0, 1), (29_999, 1))
    with pytest.warns(UserWarning, match="a lasso of 30,000"):
        Lasso(make([(number, number % 7) for number in range(30_000)]), plane=0)


def test_fewer_are_used_as_they_are(recwarn: pytest.WarningsRecorder) -> None:
    positions = tuple((number, 1) for number in range(MOST_POSITIONS))
    assert Scribble(positions).positions == positions
    assert not recwarn.list
