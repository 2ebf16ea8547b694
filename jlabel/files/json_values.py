"""JSON that somebody else may have written: as deep as jlabel writes it, and numbers that are numbers."""

from __future__ import annotations

import json
import math
from typing import Any

MOST_DEPTH = 64
LATEST = 253_402_300_799.0
"""The last second of the year 9999, in seconds since 1970: later than what a date can be."""


def parse_json(data: bytes | str) -> Any:
    """What a text of JSON holds.

    Raises:
        ValueError: It is no JSON, no unicode, or nested deeper than anything that jlabel writes.
    """
    try:
        value = json.loads(data)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if _may_be_deep(data) and _depth(value) > MOST_DEPTH:
        raise ValueError("it is nested too deeply")
    return value


def finite(value: object, least: float = -math.inf, most: float = math.inf) -> float | None:
    """A number of JSON, where it is one, is finite and lies within the limits; else None."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and least <= number <= most else None


def _may_be_deep(data: bytes | str) -> bool:
    if isinstance(data, bytes):
        return data.count(b"[") + data.count(b"{") > MOST_DEPTH
    return data.count("[") + data.count("{") > MOST_DEPTH


def _depth(value: Any) -> int:
    """How deep it is nested, up to one more than is allowed."""
    depth, level = 0, [value]
    while level and depth <= MOST_DEPTH:
        depth += 1
        inner: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                inner.extend(one.values())
            elif isinstance(one, list):
                inner.extend(one)
        level = inner
    return depth
