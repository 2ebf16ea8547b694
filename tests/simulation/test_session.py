import numpy as np
import pytest

from jlabel.click import ClickSegment
from jlabel.errors import PromptError
from jlabel.prompts import Click, InitialMask
from jlabel.simulation import HumanLike, HumanLikeParameters, Robot, cvpr25, dice, run_session, simulate


class Scripted:
    """Makes the clicks that it was given, then none."""

    def __init__(self, *clicks):
        self.clicks = list(clicks)

    def next_click(self, truth, mask, spacing=None):
        return self.clicks.pop(0) if self.clicks else None


def test_every_click_is_judged_by_the_error_in_which_it_lies(ball, picture):
    truth = ball((40, 80), (20, 20), 9)
    half = truth & (np.indices(truth.shape)[0] < 20)
    answers = [half, truth | ball((40, 80), (20, 60), 5), truth]
    annotator = Scripted(Click((20, 20)), Click((20, 21)), Click((20, 60), False))
    session = run_session(lambda prompts: answers[len(prompts) - 1], picture(truth), truth, annotator, 3)
    assert [step.correct for step in session.steps] == [True, True, True]
    assert session.steps[0].fixed == pytest.approx(half.sum() / truth.sum())
    assert [step.fixed for step in session.steps[1:]] == [1.0, 1.0]
    assert session.scores[0] == 0
    assert session.scores[-1] == 1
    assert [(step.before, step.after) for step in session.steps] == list(
        zip(session.scores, session.scores[1:], strict=False)
    )


def test_a_click_of_the_wrong_sign_or_where_all_is_right_is_not_correct(ball, picture):
    truth = ball((40, 40), (20, 20), 9)
    annotator = Scripted(Click((20, 20), False), Click((1, 1)), Click((1, 1), False))
    session = run_session(lambda prompts: truth * 0, picture(truth), truth, annotator, 3)
    assert [(step.correct, step.fixed) for step in session.steps] == [(False, None)] * 3


def test_a_first_mask_is_the_first_prompt_and_judged_before_any_click(ball, picture):
    truth = ball((40, 40), (20, 20), 9)
    half = truth & (np.indices(truth.shape)[0] < 20)
    asked = []
    session = run_session(lambda prompts: asked.append(prompts) or truth, picture(truth), truth, Robot(), 2, half)
    ((first, click),) = asked
    assert isinstance(first, InitialMask)
    assert np.array_equal(first.mask, half)
    assert session.clicks == (click,)
    assert 0.5 < session.scores[0] < 0.8
    assert session.scores[1:] == (1.0, 1.0)


def test_a_session_ends_where_the_annotator_is_content(ball, picture):
    truth = ball((40, 40), (20, 20), 9)
    thick = ball((40, 40), (20, 20), 10)
    session = run_session(lambda prompts: thick, picture(truth), truth, Robot(), 5, enough=0.8)
    assert len(session.steps) == 1
    assert len(session.scores) == 6


def test_prompts_that_are_refused_leave_the_mask_as_it_was(ball, picture):
    truth = ball((40, 40), (20, 20), 9)

    def ask(prompts):
        if not any(prompt.positive for prompt in prompts):
            raise PromptError("show what belongs to the structure too")
        return truth

    annotator = Scripted(Click((20, 20), False), Click((20, 20)))
    assert run_session(ask, picture(truth), truth, annotator, 2).scores == (0.0, 0.0, 1.0)


def test_an_answer_of_another_shape_is_an_error(ball, picture):
    truth = ball((40, 40), (20, 20), 9)
    with pytest.raises(ValueError, match="shape"):
        run_session(lambda prompts: truth[1:], picture(truth), truth, Robot(), 1)


def test_a_simulation_has_a_score_for_every_click(ball, picture):
    truth = ball((40, 40), (20, 20), 9)
    scores = simulate(ClickSegment(), picture(truth), truth, clicks=3)
    assert len(scores) == 3
    assert min(scores) > 0.9
    assert simulate(ClickSegment(), picture(truth), np.zeros_like(truth), clicks=2) == pytest.approx([1.0, 1.0])


def test_first_prompts_come_before_the_clicks_where_there_is_no_mask(ball, picture):
    truth = ball((40, 40), (20, 20), 9)
    half = truth & (np.indices(truth.shape)[0] < 20)
    asked = []

    def ask(prompts):
        asked.append(prompts)
        return half if len(prompts) == 1 else truth

    annotator = HumanLike(0, HumanLikeParameters(first="box", wrong_sign=0.0))
    session = run_session(ask, picture(truth), truth, annotator, 1)
    assert [type(prompt).__name__ for prompt in asked[0]] == ["Box"]
    assert asked[1] == (*session.first, *session.clicks)
    assert session.scores == (pytest.approx(dice(truth, half)), 1.0)
    corrected = run_session(ask, picture(truth), truth, annotator, 1, start=half)
    assert corrected.first == ()


def test_an_annotator_that_judges_itself_ends_a_session(ball, picture):
    truth = ball((40, 40), (20, 20), 9)
    thick = ball((40, 40), (20, 20), 10)
    sharp = HumanLike(0, HumanLikeParameters(view_noise=0.0, target=0.8))
    assert len(run_session(lambda prompts: thick, picture(truth), truth, sharp, 5).steps) == 1
    assert len(run_session(lambda prompts: thick, picture(truth), truth, sharp, 5, enough=0.99).steps) == 5


def test_a_step_knows_how_wide_the_error_was(ball, picture):
    truth = ball((60, 60), (30, 30), 9)
    annotator = Scripted(Click((30, 30)), Click((1, 1)))
    session = run_session(lambda prompts: truth * 0, picture(truth), truth, annotator, 2)
    assert session.steps[0].width == pytest.approx(18, abs=1.5)
    assert session.steps[1].width == 1


def test_the_area_leaves_out_what_was_before_the_first_click(ball, picture):
    truth = ball((40, 40), (20, 20), 9)
    half = truth & (np.indices(truth.shape)[0] < 20)
    answers = [half, truth, truth, truth, truth]
    session = run_session(lambda prompts: answers[len(prompts) - 1], picture(truth), truth, Robot(), 5)
    assert session.final == 1
    assert session.area == pytest.approx((dice(truth, half) + 1) / 2 + 3)
    assert np.isnan(session.final_surface)


def test_the_challenge_judges_surfaces_but_not_those_of_a_hopeless_mask(ball, picture):
    truth = ball((40, 40, 20), (20, 20, 10), 8)
    speck = ball(truth.shape, (20, 20, 10), 3)
    near = ball(truth.shape, (20, 20, 10), 9)
    answers = {1: speck, 2: near, 3: near, 4: near, 5: truth}
    session = cvpr25(lambda prompts: answers[len(prompts)], picture(truth), truth)
    assert len(session.clicks) == 5
    assert session.surface_scores == (0, 0, 1, 1, 1, 1)
    assert (session.final_surface, session.surface_area) == (1.0, 3.5)
    boxed = cvpr25(lambda prompts: answers[len(prompts)], picture(truth), truth, box=True)
    assert [type(prompt).__name__ for prompt in boxed.first] == ["Box"]
