"""One JSON line for each figure."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

#: What the 95th percentile must not be above, over the bar of the median: one in twenty may be so much slower.
TAIL = 2.0

Sample = float | Sequence[float]


def emit(
    name: str,
    value: Sample,
    unit: str,
    floor: Sample | None = None,
    bar: float | None = None,
    *,
    bar_over_floor: float | None = None,
    p95_bar: float | None = None,
    **extra: Any,
) -> bool:
    """Print ``{"bench", "value", "unit", "floor", "ratio", "bar", "ok", …}`` and return ``ok``.

    Where several measurements are given, ``value`` is their median, ``p95`` their 95th percentile, and both have a bar.
    Where the bar was moved by the floor, the line says so: ``bar_over_floor`` is the factor, and ``fixed_bar`` the bar
    that would have held on a quicker machine.

    Args:
        name: What was measured, such as ``"datastore.save.100000"``.
        value: The figure, or all that were measured of it; smaller is better.
        unit: Its unit, such as ``"ms"``.
        floor: What the machine needed in the same run for what cannot be saved; ``ratio`` is the value over it.
        bar: What the median must not be above; without any bar ``ok`` is true.
        bar_over_floor: How many times the floor is allowed; beside ``bar``, the more generous of the two counts.
        p95_bar: What the 95th percentile must not be above, else ``TAIL`` times the bar of the median.
        extra: More facts for the same line.
    """
    values = _as_sequence(value)
    median, bare = statistics.median(values), None if floor is None else statistics.median(_as_sequence(floor))
    line: dict[str, Any] = {"bench": name, "value": _rounded(median), "unit": unit}
    if bare is not None:
        line |= {"floor": _rounded(bare), "ratio": _rounded(median / bare) if bare else None}
    bars = {} if bar is None else {"bar": bar}
    if bar_over_floor is not None and bare is not None:
        bars = _moved(bar, bar_over_floor, bare)
    allowed = bars.get("bar")
    ok = allowed is None or median <= allowed
    if len(values) > 1:
        p95 = float(np.percentile(values, 95))
        bars |= {"p95": p95}
        if allowed is not None:
            bars |= {"p95_bar": TAIL * allowed if p95_bar is None else p95_bar}
            ok = ok and p95 <= bars["p95_bar"]
    line |= {key: _rounded(number) for key, number in bars.items()}
    sys.stdout.write(json.dumps(line | {"ok": ok} | extra) + "\n")
    sys.stdout.flush()
    return ok


def emit_pairs(
    name: str, values: Sequence[float], floors: Sequence[float], unit: str, bar: float | None = None, **extra: Any
) -> bool:
    """As :func:`emit`, of figures and floors that were measured in turn, on a machine that others use too.

    ``ratio`` is the median of the ratios of the pairs, for what slows the machine down slows both; ``value`` is that
    times the median floor. ``p95_ratio`` is the 95th percentile of the ratios, with ``TAIL`` times the bar as its own;
    ``p95`` is that of the figures themselves.

    Args:
        name: What was measured.
        values: The figures.
        floors: The floor beside each.
        unit: Their unit.
        bar: What ``ratio`` must not be above.
        extra: More facts for the same line.
    """
    ratios = [value / floor for value, floor in zip(values, floors, strict=True)]
    ratio, slow, floor = statistics.median(ratios), float(np.percentile(ratios, 95)), statistics.median(floors)
    line: dict[str, Any] = {"bench": name, "value": _rounded(ratio * floor), "unit": unit}
    line |= {"floor": _rounded(floor), "ratio": _rounded(ratio), "p95": _rounded(float(np.percentile(values, 95)))}
    line |= {"p95_ratio": _rounded(slow)}
    if bar is not None:
        line |= {"bar": _rounded(bar * floor), "bar_over_floor": _rounded(bar), "p95_ratio_bar": _rounded(TAIL * bar)}
    ok = bar is None or (ratio <= bar and slow <= TAIL * bar)
    sys.stdout.write(json.dumps(line | {"ok": ok, "pairs": len(ratios)} | extra) + "\n")
    sys.stdout.flush()
    return ok


def _moved(bar: float | None, bar_over_floor: float, floor: float) -> dict[str, float]:
    of_floor = bar_over_floor * floor
    if bar is not None and bar >= of_floor:
        return {"bar": bar}
    fixed = {} if bar is None else {"fixed_bar": bar}
    return {"bar": of_floor, "bar_over_floor": bar_over_floor, **fixed}


def _as_sequence(value: Sample) -> Sequence[float]:
    return value if isinstance(value, Sequence) else [value]


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
