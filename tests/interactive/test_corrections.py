"""A prompt changes an initial mask, or the answer before it, around itself and nowhere else."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import replace

import numpy as np

from jlabel.errors import Cancelled
from jlabel.interactive import ClassicClickSegment
from jlabel.interactive import clicks as clicks_module
from jlabel.prompts.prompt import Click, InitialMask, Lasso
from jlabel.simulation import dice


def test_a_mask_far_from_the_clicks_is_not_touched(ball, picture, ask):
    organ, leak = ball((60, 300), (30, 60), 25), ball((60, 300), (30, 250), 10)
    result = ClassicClickSegment()(ask(picture(organ | leak), InitialMask(organ | leak), Click((30, 250), False)))
    assert result.region.lower[1] > 85
    assert result.mask[leak].mean() < 0.03


def test_only_the_part_that_was_clicked_goes(ball, picture, ask):
    organ, leak = ball((80, 90), (40, 30), 20), ball((80, 90), (40, 66), 10)
    thread = np.zeros((80, 90), dtype=bool)
    thread[5, 2:40] = True
    start = organ | leak | thread
    found = ClassicClickSegment()(ask(picture(organ | leak), InitialMask(start), Click((40, 66), False))).mask > 0
    assert not found[40, 66]
    assert dice(organ | thread, found) > 0.97
    assert found[thread].all()


def test_a_missed_part_is_added_and_the_rest_kept_voxel_for_voxel(ball, picture, ask):
    organ, missed = ball((60, 60, 40), (20, 30, 20), 12), ball((60, 60, 40), (46, 30, 20), 8)
    found = ClassicClickSegment()(ask(picture(organ | missed), InitialMask(organ), Click((46, 30, 20)))).mask > 0
    assert found[organ].all()
    assert dice(organ | missed, found) > 0.9


def test_a_click_in_a_mask_that_runs_through_the_border_stays_near(picture, ask):
    mask = np.ones((300, 300), dtype=bool)
    result = ClassicClickSegment()(ask(picture(mask), InitialMask(mask), Click((150, 150), False)))
    assert result.region.shape == (96, 96)
    assert not result.values[48, 48]
    assert result.values[[0, -1]].all()


def test_a_prompt_that_says_what_the_mask_says_changes_nothing(ball, picture, ask):
    mask = ball((50, 50), (25, 25), 10)
    for click in (Click((25, 25)), Click((2, 2), False)):
        result = ClassicClickSegment()(ask(picture(~mask), InitialMask(mask), click))
        np.testing.assert_array_equal(result.values > 0, mask[result.region.slices])


def test_a_negative_lasso_cuts_along_its_outline(ball, picture, ask):
    mask = ball((50, 50), (25, 25), 14)
    lasso = Lasso(((8, 26), (8, 44), (44, 44), (44, 26)), plane=2, positive=False)
    result = ClassicClickSegment()(ask(picture(mask), InitialMask(mask), lasso))
    wanted = mask.copy()
    wanted[8:45, 26:45] = False
    np.testing.assert_array_equal(result.values > 0, wanted[result.region.slices])


def test_what_a_task_remembers_changes_no_answer(ball, picture, ask):
    image = picture(ball((60, 60), (30, 20), 10) | ball((60, 60), (30, 44), 8))
    clicks = [Click((30, 20)), Click((30, 44), False), Click((22, 20)), Click((5, 5), False)]
    step_by_step = ClassicClickSegment()
    for count in range(1, 5):
        one = step_by_step(ask(image, *clicks[:count])).mask
        np.testing.assert_array_equal(one, ClassicClickSegment()(ask(image, *clicks[:count])).mask)


def test_another_initial_mask_is_not_taken_for_the_one_before(ball, picture, ask):
    one, other = ball((60, 60), (20, 20), 8), ball((60, 60), (40, 40), 8)
    task, image = ClassicClickSegment(), picture(ball((60, 60), (20, 44), 6))
    task(ask(image, InitialMask(one), Click((20, 44))))
    found = task(ask(image, InitialMask(other), Click((20, 44)))).mask > 0
    assert found[other].all()
    assert not found[20, 20]


def test_a_click_that_agrees_changes_nothing_and_counts_from_the_next_one_on(ball, picture, ask):
    wanted, other = ball((60, 60), (30, 20), 10), ball((60, 60), (30, 44), 8)
    image = picture(wanted | other)
    before = ClassicClickSegment()(ask(image, Click((30, 20)), Click((30, 44), False))).mask
    agreeing = Click((24, 20)), Click((50, 50), False)
    assert [before[click.position] > 0 for click in agreeing] == [True, False]
    clicks = (Click((30, 20)), Click((30, 44), False), *agreeing)
    np.testing.assert_array_equal(ClassicClickSegment()(ask(image, *clicks)).mask, before)
    found = ClassicClickSegment()(ask(image, *clicks, Click((30, 48)))).mask > 0
    assert found[[30, 24, 30], [20, 20, 48]].all()
    assert not found[[30, 50], [44, 50]].any()


def test_clicks_in_a_hurry_are_solved_for_no_oftener_than_they_disagree(ball, picture, ask, monkeypatch):
    solved: list[int] = []
    solve = ClassicClickSegment._solve
    monkeypatch.setattr(ClassicClickSegment, "_solve", lambda *given: solved.append(1) or solve(*given))
    image = picture(ball((60, 60), (30, 30), 15))
    first = ClassicClickSegment()
    inside = first(ask(image, Click((30, 30)))).mask > 0
    clicks = [Click((30, 30)), *(Click((i, j), bool(inside[i, j])) for i in range(2, 60, 7) for j in range(2, 60, 7))]
    del solved[:]
    np.testing.assert_array_equal(first(ask(image, *clicks)).mask > 0, inside)
    assert solved == []


def test_more_clicks_than_functions_may_nest_are_answered(ball, picture, ask):
    image = picture(ball((60, 60), (30, 30), 15))
    clicks = [Click((30, 30)), *(Click((n % 5 + 28, n // 5 % 5 + 28)) for n in range(sys.getrecursionlimit() + 50))]
    np.testing.assert_array_equal(
        ClassicClickSegment()(ask(image, *clicks)).mask, ClassicClickSegment()(ask(image, clicks[0])).mask
    )


def test_what_was_begun_for_one_click_serves_the_next_one_that_replaces_it(ball, picture, ask, monkeypatch):
    monkeypatch.setattr(clicks_module, "_WORTH_FINISHING", 60.0)
    solved: list[int] = []
    solve = ClassicClickSegment._solve
    monkeypatch.setattr(ClassicClickSegment, "_solve", lambda *given: solved.append(1) or solve(*given))
    image = picture(ball((60, 60), (30, 20), 10) | ball((60, 60), (30, 44), 8))
    clicks = [Click((30, 20)), Click((30, 44)), Click((5, 5), False), Click((30, 20), False)]
    calm, hurried = ClassicClickSegment(), ClassicClickSegment()
    wanted = [calm(ask(image, *clicks[:count])).mask for count in range(1, 5)][-1]
    calmly = len(solved)
    del solved[:]
    for count in range(1, 4):
        asked = iter([False] * 2)
        with contextlib.suppress(Cancelled):
            hurried(replace(ask(image, *clicks[:count]), cancelled=lambda asked=asked: next(asked, True)))
    np.testing.assert_array_equal(hurried(ask(image, *clicks)).mask, wanted)
    assert len(solved) == calmly
