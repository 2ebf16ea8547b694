"""Results as a Markdown table: ``python -m bench.table [results.jsonl …]``, or from standard input."""

from __future__ import annotations

import fileinput
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_KNOWN = ("bench", "value", "unit", "floor", "ratio", "bar", "ok")
_HEAD = ("figure", "measured", "unit", "floor", "ratio", "bar", "", "more")


def table(lines: Iterable[str]) -> str:
    """A row for each figure, in the order in which they came, and what was missed and how long it took below.

    Args:
        lines: What ``python -m bench`` printed; anything that is no figure is passed over.
    """
    rows, below = [_row(_HEAD), _row(["---"] * len(_HEAD))], list[str]()
    for line in _figures(lines):
        if line["bench"] == "summary":
            below += _summary(line)
        elif "error" in line:
            rows.append(_row([line["bench"], "", "", "", "", "", "**failed**", line["error"]]))
        else:
            rows.append(_row(_cells(line)))
    return "\n".join([*rows, *([""] if below else []), *below]) + "\n"


def _figures(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for text in lines:
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if isinstance(line, dict) and "bench" in line:
            yield line


def _cells(line: Mapping[str, Any]) -> list[str]:
    verdict = "" if "bar" not in line else "yes" if line["ok"] else "**missed**"
    bar = f"≤ {_number(line['bar'])}" if "bar" in line else ""
    numbers = [_number(line.get(name)) for name in ("floor", "ratio")]
    more = ", ".join(f"{name} {value}" for name, value in line.items() if name not in _KNOWN)
    return [line["bench"], _number(line.get("value")), str(line.get("unit", "")), *numbers, bar, verdict, more]


def _summary(line: Mapping[str, Any]) -> list[str]:
    missed = ", ".join([*line.get("missed", []), *line.get("failed", [])]) or "none"
    took = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in line.get("seconds", {}).items())
    return [f"Bars held: {line.get('passed', 0)}. Missed or failed: {missed}.", *([f"Time: {took}."] if took else [])]


def _number(value: Any) -> str:
    return "" if value is None else f"{value:g}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(str(cell).replace('|', '/').replace(chr(10), ' ') for cell in cells)} |"


if __name__ == "__main__":
    with fileinput.input(sys.argv[1:], encoding="utf-8") as given:
        sys.stdout.write(table(given))
