"""One JSON line for each figure."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Sequence
from typing import Any


def emit(
    name: str, value: float, unit: str, floor: float | None = None, bar: float | None = None, **extra: Any
) -> bool:
    """Print ``{"bench", "value", "unit", "floor", "ratio", "bar", "ok", …}`` and return ``ok``.

    Args:
        name: What was measured, such as ``"datastore.save.100000"``.
        value: The figure; smaller is better.
        unit: Its unit, such as ``"ms"``.
        floor: What the machine needed in the same run for what cannot be saved; ``ratio`` is the value over it.
        bar: What the value must not be above; without one ``ok`` is true.
        extra: More facts for the same line.
    """
    ok = bar is None or value <= bar
    line: dict[str, Any] = {"bench": name, "value": _rounded(value), "unit": unit}
    if floor is not None:
        line |= {"floor": _rounded(floor), "ratio": _rounded(value / floor) if floor else None}
    if bar is not None:
        line["bar"] = _rounded(bar)
    sys.stdout.write(json.dumps(line | {"ok": ok} | extra) + "\n")
    sys.stdout.flush()
    return ok


def emit_pairs(
    name: str, values: Sequence[float], floors: Sequence[float], unit: str, bar: float | None = None, **extra: Any
) -> bool:
    """As :func:`emit`, of figures and floors that were measured in turn, on a machine that others use too.

    ``ratio`` is the median of the ratios of the pairs, for what slows the machine down slows both; ``value`` is that
    times the median floor.

    Args:
        name: What was measured.
        values: The figures.
        floors: The floor beside each.
        unit: Their unit.
        bar: What ``ratio`` must not be above.
        extra: More facts for the same line.
    """
    ratio = statistics.median(value / floor for value, floor in zip(values, floors, strict=True))
    floor = statistics.median(floors)
    more = {"pairs": len(values), **extra}
    return emit(name, ratio * floor, unit, floor, None if bar is None else bar * floor, **more)


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
