import numpy as np
import pytest

from jlabel.interactive import ClassicClickSegment
from jlabel.interactive.revision import revision, starts_over
from jlabel.interactive.scale import scale_of
from jlabel.prompts.prompt import Click
from jlabel.simulation import dice, next_click
from jlabel.tasks.request import InferRequest
from tests.interactive.synthetic_cases import misjudged_cases


def test_a_revision_changes_nothing_on_the_other_side(ball):
    before, anew = ball((60, 60), (30, 20), 10), ball((60, 60), (30, 34), 10)
    added = revision(before, anew, [Click((30, 20)), Click((30, 36))], (1.0, 1.0))
    assert added[30, 36]
    assert not (added & before).any()
    assert not (added & ~anew).any()


def test_a_negative_click_never_takes_all_but_a_speck(ball):
    before = ball((60, 60), (30, 30), 20)
    removed = revision(before, ball((60, 60), (30, 14), 2), [Click((30, 14)), Click((30, 34), False)], (1.0, 1.0))
    assert 0 < removed.sum() < 0.8 * before.sum()


def test_a_positive_click_adds_no_more_than_a_multiple_of_what_there_was(ball):
    before, anew = ball((60, 60), (30, 14), 6), np.ones((60, 60), dtype=bool)
    added = revision(before, anew, [Click((30, 14)), Click((30, 40))], (1.0, 1.0))
    assert 0 < added.sum() < 8.5 * before.sum()


def test_a_revision_stays_nearer_to_its_click_than_to_those_against_it(ball):
    before = ball((60, 60), (30, 30), 20)
    removed = revision(before, ball((60, 60), (30, 24), 3), [Click((30, 24)), Click((30, 32), False)], (1.0, 1.0))
    assert not removed[:, :28].any()


def test_the_scale_of_an_error_is_the_depth_of_its_click_and_the_mask_s_inner_radius(ball):
    mask, at = ball((60, 60), (30, 30), 20), np.zeros((60, 60), dtype=bool)
    at[30, 15] = True
    scale = scale_of(mask, at, False, (1.0, 1.0))
    assert abs(scale.depth - 5.5) < 1
    assert abs(scale.size - 20) < 2
    assert scale_of(mask, at, False, (2.0, 2.0)).depth == 2 * scale.depth


def test_a_missed_part_is_no_thicker_than_the_mask(ball):
    at = np.zeros((60, 60), dtype=bool)
    at[30, 55] = True
    assert scale_of(ball((60, 60), (30, 12), 5), at, True, (1.0, 1.0)).depth < 5


def test_a_mask_without_a_border_in_sight_has_a_scale():
    at = np.zeros((64, 64), dtype=bool)
    at[30, 30] = True
    scale = scale_of(np.ones((64, 64), dtype=bool), at, False, (1.0, 1.0))
    assert 0 < scale.depth < 8
    assert 0 < scale.size < 8


def test_a_negative_click_in_the_middle_of_far_too_large_an_answer_starts_over(ball):
    before, anew = ball((60, 60), (30, 30), 20), ball((60, 60), (30, 20), 5)
    assert starts_over(before, anew, [Click((30, 20)), Click((30, 31), False)], (1.0, 1.0))
    assert not starts_over(before, anew, [Click((30, 20)), Click((30, 48), False)], (1.0, 1.0))
    assert not starts_over(before, anew, [Click((30, 12)), Click((30, 31), False)], (1.0, 1.0))
    assert not starts_over(before, anew, [Click((30, 20)), Click((30, 31))], (1.0, 1.0))
    assert not starts_over(before, ball((60, 60), (30, 20), 1), [Click((30, 20)), Click((30, 31), False)], (1.0, 1.0))


def test_a_positive_click_far_from_a_speck_adds_a_multiple_of_it(ball):
    before, anew = ball((60, 60), (30, 20), 2), ball((60, 60), (30, 26), 12)
    added = revision(before, anew, [Click((30, 20)), Click((30, 30))], (1.0, 1.0))
    assert added.sum() > 4 * before.sum()
    assert not (added & ~anew).any()


@pytest.mark.parametrize("ndim", [2, 3])
def test_an_answer_that_one_click_misjudged_is_found_with_a_few_more(ndim):
    every = []
    for case in misjudged_cases(4, ndim):
        scores, mask, clicks = [], np.zeros_like(case.truth), []
        for _ in range(5):
            clicks.append(next_click(case.truth, mask, case.image.spacing))
            mask = ClassicClickSegment()(InferRequest(case.image, "made", tuple(clicks))).mask > 0
            scores.append(dice(case.truth, mask))
        every.append(scores)
    assert np.diff(every).min() > -0.1
    assert np.mean(every, axis=0)[-1] > 0.75
