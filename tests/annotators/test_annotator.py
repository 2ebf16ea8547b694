import numpy as np

from jlabel.annotators import Robot, next_click


def test_the_first_click_is_in_the_middle(ball):
    click = next_click(ball((21, 21), (9, 11), 5), np.zeros((21, 21)))
    assert click.positive
    assert click.position == (9, 11)


def test_the_next_click_corrects_the_largest_error(ball):
    truth, wrong = ball((30, 60), (15, 12), 6), ball((30, 60), (15, 45), 9)
    click = Robot().next_click(truth, wrong)
    assert not click.positive
    assert click.position == (15, 45)


def test_a_right_mask_needs_no_click(ball):
    truth = ball((9, 9), (4, 4), 3)
    assert next_click(truth, truth) is None


def test_the_middle_depends_on_the_spacing():
    truth = np.zeros((9, 21), dtype=bool)
    truth[2:7, 2:19] = True
    assert next_click(truth, np.zeros_like(truth), (1.0, 1.0)).position[0] == 4
    assert next_click(truth, np.zeros_like(truth), (10.0, 1.0)).position[1] == 10
