import numpy as np
import pytest

from jlabel.click import ClickSegment
from jlabel.errors import PromptError
from jlabel.simulation import Robot, run_session, simulate
from jlabel.tasks import Click, InitialMask


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
