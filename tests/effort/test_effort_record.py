"""The numbers that are kept with a label, and what anybody may have put in their place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jlabel.effort import EffortRecord, FirstMask

COUNTS = st.integers(0, 10**6)
RECORDS = st.builds(
    EffortRecord,
    seconds=st.floats(0, 1e6).map(lambda value: round(value, 2)),
    prompts=st.dictionaries(st.sampled_from(["click", "box", "lasso", "scribble", "mask"]), COUNTS),
    strokes=COUNTS,
    stroke_length=st.floats(0, 1e6).map(lambda value: round(value, 2)),
    unit=st.sampled_from(["mm", "px"]),
    undos=COUNTS,
    operations=COUNTS,
    slices=COUNTS,
    model_runs=COUNTS,
    model_seconds=st.floats(0, 1e6).map(lambda value: round(value, 3)),
    sittings=COUNTS,
    first_mask=st.none() | st.builds(FirstMask, st.text(max_size=20), st.none() | COUNTS),
)


@given(record=RECORDS)
def test_what_is_written_is_read_again(record: EffortRecord) -> None:
    text = json.dumps(record.to_json())
    assert EffortRecord.from_json(json.loads(text)) == record
    assert len(text) < 2000


def test_clicks_and_actions_are_counted_from_what_there_is() -> None:
    record = EffortRecord(prompts={"click": 3, "box": 1}, strokes=2, undos=1, operations=5)
    assert (record.clicks, record.actions) == (3, 12)
    assert record.to_json()["clicks"] == 3


def test_what_is_missing_is_nothing_done() -> None:
    assert EffortRecord.from_json({"seconds": 3}) is not None
    assert EffortRecord.from_json({}) is None


WRONG: list[tuple[str, Any]] = [
    *((name, value) for name in ("seconds", "stroke_length") for value in ("3", None, -1, True, [], 1e300, 10**400)),
    *((name, float(value)) for name in ("seconds", "strokes") for value in ("nan", "inf")),
    *((name, value) for name in ("strokes", "slices", "sittings") for value in (1.5, "2", -1, {}, 10**400, None)),
    *(
        ("prompts", value)
        for value in ([1], {"click": "x"}, {"click": -1}, {"x" * 999: 1}, dict.fromkeys("abc" * 9, 1.5))
    ),
    ("prompts", {str(number): 1 for number in range(1000)}),
    *(
        ("first_mask", value)
        for value in (3, "liver", {"model": 3}, {"version": -1}, {"version": 1.5}, {"version": 1e300})
    ),
    ("unit", 3),
    ("id", ["a"]),
    ("id", "x" * 10_000),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_an_entry_with_a_value_that_makes_no_sense_is_none(name: str, value: Any) -> None:
    assert EffortRecord.from_json({**EffortRecord().to_json(), name: value}) is None


@pytest.mark.parametrize("data", [None, 3, "text", [], [{}], {"seconds": {}}])
def test_what_is_no_entry_is_none(data: Any) -> None:
    assert EffortRecord.from_json(data) is None
