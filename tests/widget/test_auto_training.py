"""When trainings begin by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jlabel.datastores import LocalDatastore
from jlabel.widget.auto_training import Switch, due_at, seconds_for


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


@pytest.fixture
def datastore(tmp_path: Path) -> Iterator[LocalDatastore]:
    datastore = LocalDatastore(tmp_path)
    yield datastore
    datastore.close()


def test_the_switch_is_kept_with_the_studies(datastore: LocalDatastore) -> None:
    switch = Switch(datastore, ["first", "second"])
    assert (switch.on, switch.trainer) == (False, "first")
    switch.turn(True, "second")
    switch.note_try("second", 5)
    again = Switch(datastore, ["first", "second"])
    assert (again.on, again.trainer) == (True, "second")
    assert (again.tried("second"), again.tried("first")) == (5, 0)


def test_a_labeler_sees_that_it_was_switched_elsewhere(datastore: LocalDatastore) -> None:
    here, elsewhere = (Switch(datastore, ["first"]) for _ in "ab")
    assert not here.look()
    elsewhere.turn(True, "first")
    assert here.look()
    assert here.on
    assert not here.look()


@pytest.mark.parametrize(
    "kept",
    [{"on": True, "trainer": "of another app"}, {"on": "yes", "trainer": "first"}, {"tried": 3}, {"trainer": []}],
)
def test_what_means_nothing_here_switches_nothing_on(datastore: LocalDatastore, kept: dict[str, object]) -> None:
    datastore.change_setting("train_automatically", lambda now: kept)
    switch = Switch(datastore, ["first"])
    assert (switch.on, switch.trainer, switch.tried("first")) == (False, "first", 0)
