"""One JSON line for each figure."""

from __future__ import annotations

import json
import sys
from typing import Any


def emit(
    name: str, value: float, unit: str, floor: float | None = None, bar: float | None = None, **extra: Any
) -> bool:
    """Print ``{"bench", "value", "unit", "floor", "ratio", "bar", "ok", …}`` and return ``ok``.

    Args:
        name: What was measured, such as ``"datastore.save.100000"``.
        value: The figure; smaller is better.
        unit: Its unit, such as ``"ms"``.
        floor: What the machine needed in the same run for the part that cannot be saved; ``ratio`` is the value over
        it. bar: What the value must not be above; without one ``ok`` is true.
        extra: More facts for the same line.
    """
    ok = bar is None or value <= bar
    line: dict[str, Any] = {"bench": name, "value": _rounded(value), "unit": unit}
    if floor is not None:
        line |= {"floor": _rounded(floor), "ratio": _rounded(value / floor) if floor else None}
    if bar is not None:
        line["bar"] = bar
    sys.stdout.write(json.dumps(line | {"ok": ok} | extra) + "\n")
    sys.stdout.flush()
    return ok


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
