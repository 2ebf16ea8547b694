"""Counting over several sittings, and what is left once a part is saved."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jlabel.effort.effort_counter import EffortCounter
from jlabel.effort.effort_record import EffortRecord

SLICES = st.sets(st.tuples(st.integers(0, 2), st.integers(0, 40)))


def busy(counter: EffortCounter, slices: set[tuple[int, int]]) -> None:
    counter.stroke(5.0)
    counter.prompt("click")
    counter.count("undos")
    counter.count("operations")
    counter.count("model_runs")
    counter.model_ran(0.5)
    counter.seen |= slices


WANTED = EffortRecord(
    prompts={"click": 1},
    strokes=1,
    stroke_length=5.0,
    undos=1,
    operations=1,
    model_runs=1,
    model_seconds=0.5,
)


@given(slices=SLICES)
def test_another_sitting_goes_on(slices: set[tuple[int, int]]) -> None:
    counter = EffortCounter("mm")
    busy(counter, slices)
    again = EffortCounter.resumed(json.loads(json.dumps(counter.to_json())), "mm")
    assert again is not None
    assert again.seen == slices
    assert again.record() == replace(counter.record(), sittings=2)
    busy(again, {(0, 50)})
    found = again.record()
    assert (found.strokes, found.clicks, found.slices, found.id) == (2, 2, len(slices) + 1, counter.record().id)


def test_what_is_kept_is_small() -> None:
    counter = EffortCounter("mm")
    counter.seen |= {(axis, index) for axis in range(3) for index in range(512)}
    assert len(json.dumps(counter.to_json())) < 600


def test_after_a_save_only_the_rest_counts() -> None:
    counter = EffortCounter("px")
    busy(counter, {(2, 1), (2, 2)})
    counter.time.add(0, 20)
    saved, seen = counter.record(), frozenset(counter.seen)
    counter.time.add(25)
    busy(counter, {(2, 3)})
    counter.saved(saved, seen)
    rest = counter.record()
    assert rest == replace(WANTED, seconds=5, unit="px", slices=1, id=rest.id)
    assert rest.id != saved.id
    again = counter.record()
    counter.saved(again, counter.seen)
    assert counter.record() == EffortRecord(unit="px", id=counter.record().id)


@pytest.mark.parametrize(
    "seen",
    [
        *(3, [], {"3": [[0, 1]]}, {"0": 5}),
        *({"0": [run]} for run in ([1], [2, 1], [0, 10**9], ["a", "b"], [True, True], [-1, 0], [0.5, 1], 3)),
    ],
)
def test_slices_that_make_no_sense_are_left_out(seen: Any) -> None:
    again = EffortCounter.resumed({**EffortRecord().to_json(), "seen": seen}, "mm")
    assert again is not None
    assert again.seen == set()
