"""Seconds at work: pauses left out, and each moment counted once."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jlabel.effort.work_time import WorkTime

MOMENTS = st.lists(st.integers(0, 300), max_size=40)


def test_from_one_thing_to_the_next() -> None:
    time = WorkTime()
    assert time.seconds == 0
    for moment in (10, 20, 50):
        time.add(moment)
    assert time.seconds == 40


@pytest.mark.parametrize(("gap", "seconds"), [(29.9, 29.9), (30, 30), (30.1, 0), (3600, 0)])
def test_a_pause_is_longer_than_thirty_seconds(gap: float, seconds: float) -> None:
    time = WorkTime()
    time.add(0)
    time.add(gap)
    assert time.seconds == pytest.approx(seconds)


def test_what_two_tell_counts_once() -> None:
    time = WorkTime()
    for _ in "ab":
        time.add(0, 10)
        time.add(5, 12)
    assert time.seconds == 12


def test_something_between_two_spans_joins_them() -> None:
    time = WorkTime()
    time.add(0, 10)
    time.add(60, 70)
    assert time.seconds == 20
    time.add(35)
    assert time.seconds == 70


@given(moments=MOMENTS, seed=st.integers(0, 99))
def test_the_order_in_which_it_is_told_makes_no_difference(moments: list[int], seed: int) -> None:
    listed = sorted(set(moments))
    wanted = sum(b - a for a, b in pairwise(listed) if b - a <= 30)
    mixed = [*moments]
    random.Random(seed).shuffle(mixed)
    time = WorkTime()
    for moment in mixed:
        time.add(moment)
    assert time.seconds == wanted
