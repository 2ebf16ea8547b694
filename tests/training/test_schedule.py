"""When trainings begin by themselves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jlabel.training.schedule import due_at, seconds_for


def test_the_first_comes_early_and_each_later_one_after_half_as_many_labels_again() -> None:
    steps, learnt = [], 0
    for _ in range(6):
        learnt = due_at(learnt)
        steps.append(learnt)
    assert steps == [5, 8, 12, 18, 27, 41]


@given(st.integers(0, 100_000))
def test_a_training_is_never_due_at_once_again(learnt: int) -> None:
    assert learnt < due_at(learnt) <= max(5, learnt * 1.5 + 1)


def test_more_labels_are_given_more_time_up_to_a_limit() -> None:
    assert [seconds_for(count) for count in (5, 10, 10_000)] == [180.0, 360.0, 1200.0]
