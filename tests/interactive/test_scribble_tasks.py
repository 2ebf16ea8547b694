"""Scribbles inside and outside a structure, to its mask."""

from __future__ import annotations

import pytest

from jlabel.interactive import ClassicClickSegment, GMMGraphCut, HistogramGraphCut
from jlabel.prompts.prompt import Scribble
from jlabel.simulation import dice


@pytest.mark.parametrize("task", [HistogramGraphCut(), GMMGraphCut(), ClassicClickSegment()])
def test_scribbles_inside_and_outside(ball, picture, ask, task):
    disc = ball((60, 60), (30, 30), 14)
    inside = Scribble(tuple((30, j) for j in range(20, 41)))
    outside = Scribble(tuple((4, j) for j in range(5, 55)), positive=False)
    found = task(ask(picture(disc, noise=25), inside, outside)).mask
    assert dice(disc, found) > 0.93
    assert found[30, 20:41].all()
    assert not found[4, 5:55].any()
