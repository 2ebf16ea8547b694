from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from jlabel.annotators import HumanLike, HumanLikeParameters
from jlabel.prompts import Box, Click, Scribble

STEADY = HumanLikeParameters(outside=0.0, wrong_sign=0.0)
pairs = array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=8).flatmap(
    lambda shape: st.tuples(arrays(bool, shape), arrays(bool, shape))
)


def clicks(truth, mask, count, parameters=None, seed=0):
    hand = HumanLike(seed, parameters)
    return [hand.next_click(truth, mask) for _ in range(count)]


@given(pairs, st.integers(0, 9))
def test_a_click_lies_in_the_image_and_only_where_something_is_wrong(pair, seed):
    truth, mask = pair
    click = HumanLike(seed).next_click(truth, mask)
    if np.array_equal(truth, mask):
        assert click is None
    else:
        assert all(0 <= i < n for i, n in zip(click.position, truth.shape, strict=True))


@given(pairs, st.integers(0, 9))
def test_a_click_that_is_neither_outside_nor_of_the_wrong_sign_lies_in_an_error_of_its_sign(pair, seed):
    truth, mask = pair
    click = HumanLike(seed, STEADY).next_click(truth, mask)
    assert click is None or (truth[click.position] == click.positive and mask[click.position] != click.positive)


def test_the_same_seed_makes_the_same_clicks(ball):
    truth, none = ball((60, 60), (30, 30), 15), np.zeros((60, 60))
    assert clicks(truth, none, 9) == clicks(truth, none, 9)
    assert clicks(truth, none, 9) != clicks(truth, none, 9, seed=1)


def test_errors_are_drawn_in_proportion_to_their_size(ball):
    large, small = ball((40, 90), (20, 20), 15), ball((40, 90), (20, 70), 8.5)
    made = clicks(large, small, 600, STEADY)
    assert np.mean([click.positive for click in made]) == pytest.approx(large.sum() / (large | small).sum(), abs=0.06)


def test_half_of_the_clicks_go_to_the_middle_and_a_quarter_to_the_border(ball):
    truth = ball((90, 90), (45, 45), 35)
    made = clicks(truth, np.zeros_like(truth), 600, replace(STEADY, jitter_voxels=0.0))
    depth = ndimage.distance_transform_edt(truth)
    depths = np.array([depth[click.position] for click in made])
    assert np.mean(depths == depth.max()) == pytest.approx(0.5, abs=0.06)
    assert np.mean(depths <= 2**0.5) == pytest.approx(0.25 + 0.25 * (depth[truth] <= 2**0.5).mean(), abs=0.06)


def test_a_quarter_lands_near_the_border_outside_with_the_sign_that_was_meant(ball):
    truth = ball((90, 90), (45, 45), 30)
    made = clicks(truth, np.zeros_like(truth), 600, replace(HumanLikeParameters(), wrong_sign=0.0))
    away = ndimage.distance_transform_edt(~truth)
    outside = [away[click.position] for click in made if not truth[click.position]]
    assert all(click.positive for click in made)
    assert len(outside) / 600 == pytest.approx(0.25, abs=0.06)
    assert max(outside) <= 3


def test_clicks_land_about_where_they_were_aimed(ball):
    truth = ball((90, 90), (45, 45), 40)
    made = clicks(truth, np.zeros_like(truth), 400, replace(STEADY, middle=1.0, border=0.0))
    places = np.array([click.position for click in made])
    assert places.std(axis=0) == pytest.approx([1.5, 1.5], abs=0.25)


def test_a_fiftieth_of_the_clicks_has_the_wrong_sign(ball):
    truth = ball((40, 40), (20, 20), 9)
    made = clicks(truth, np.zeros_like(truth), 3000)
    assert np.mean([not click.positive for click in made]) == pytest.approx(0.02, abs=0.01)


def test_an_error_that_fills_the_image_is_clicked_inside():
    (click,) = clicks(np.ones((4, 4)), np.zeros((4, 4)), 1, replace(STEADY, outside=1.0))
    assert isinstance(click, Click)


def test_the_parameters_can_be_printed():
    assert HumanLikeParameters(border=0.1).as_dict()["border"] == 0.1


def test_what_is_seen_and_begun_with_changes_no_click(ball):
    truth, none = ball((60, 60), (30, 30), 15), np.zeros((60, 60))
    looking = HumanLike(0, HumanLikeParameters(first="box"))
    looking.first_prompts(truth)
    looking.content(0.5, 0.9)
    assert [looking.next_click(truth, none) for _ in range(9)] == clicks(truth, none, 9)


def test_an_annotator_ends_by_what_it_sees_and_that_errs():
    sharp = HumanLike(0, HumanLikeParameters(view_noise=0.0, target=0.8))
    assert (sharp.content(0.79), sharp.content(0.8), sharp.content(0.8, 0.9)) == (False, True, False)
    blurred = HumanLike(0, HumanLikeParameters(view_noise=0.05))
    seen = [blurred.content(0.85, 0.9) for _ in range(2000)]
    assert np.mean(seen) == pytest.approx(0.159, abs=0.03)  # as often as a normal number is more than one deviation up
    assert not HumanLike(0).content(1.0)


@pytest.mark.parametrize(("kind", "prompt"), [("box", Box), ("line", Scribble), ("contour", Scribble)])
def test_an_annotator_may_begin_with_a_box_or_a_scribble(ball, kind, prompt):
    truth = ball((60, 60), (30, 30), 15)
    (first,) = HumanLike(0, HumanLikeParameters(first=kind)).first_prompts(truth)
    assert isinstance(first, prompt)
    assert (
        HumanLike(0).first_prompts(truth)
        == HumanLike(0, HumanLikeParameters(first=kind)).first_prompts(truth * 0)
        == ()
    )


def test_a_first_prompt_that_nobody_draws_is_an_error():
    with pytest.raises(ValueError, match="there are box, line, centre line, contour"):
        HumanLikeParameters(first="circle")


def test_others_of_one_seed_differ_by_their_key_alone(ball):
    truth, none = ball((60, 60), (30, 30), 15), np.zeros((60, 60))
    hand = HumanLike(3, HumanLikeParameters(border=0.1))
    hand.next_click(truth, none)
    one, again, other = hand.seeded(1, 2), hand.seeded(1, 2), hand.seeded(2, 1)
    made = [[each.next_click(truth, none) for _ in range(9)] for each in (one, again, other)]
    assert made[0] == made[1] != made[2]
    assert one.parameters == hand.parameters


def test_its_name_says_what_is_not_usual():
    assert repr(HumanLike(3)) == "HumanLike(3)"
    assert repr(HumanLike(3, HumanLikeParameters(border=0.1))) == "HumanLike(3, HumanLikeParameters(border=0.1))"
