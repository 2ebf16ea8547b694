"""JSON from anywhere: no deeper than jlabel writes it, and numbers that can be reckoned with."""

from __future__ import annotations

import json
import math

import pytest

from jlabel.files.json_values import MOST_DEPTH, finite, parse_json


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 200 + "1" + "}" * 200, "[" * 65 + "]" * 65, "nothing", "", "\xff"]
)
def test_what_is_no_json_or_too_deep_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(text)
    with pytest.raises(ValueError, match=r"."):
        parse_json(text.encode("latin-1"))


@pytest.mark.parametrize("value", [[[]] * 1000, {"a": [1, {"b": None}]}, "[" * 1000, 10**400])
def test_what_is_wide_comes_back(value: object) -> None:
    assert parse_json(json.dumps(value)) == value
    deep = json.loads("[" * MOST_DEPTH + "]" * MOST_DEPTH)
    assert parse_json(json.dumps(deep)) == deep


@pytest.mark.parametrize("value", [None, True, "3", [3], math.nan, math.inf, 10**400, -1, 11])
def test_what_is_no_number_between_the_limits(value: object) -> None:
    assert finite(value, 0, 10) is None
    assert finite(3, 0, 10) == 3.0
