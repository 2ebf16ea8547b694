"""Tables for a terminal, and sizes as people read them."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

UNKNOWN = "–"

# Columns of numbers, which stand below each other by their last digits.
_NUMBERS = ("size", "done", "images", "voxels", "count")


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table as wide as the terminal; texts are shown as they are, never as markup.

    Args:
        title: What it shows.
        columns: Their names.
        rows: A text for each column.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), title_justify="left", title_style="bold", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", justify="right" if column in _NUMBERS else "left")
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    # Where nobody looks, in a pipe or a file, no line is cut: a row is a line.
    console = Console() if sys.stdout.isatty() else Console(width=max(80, 4 + _width(columns, rows)))
    with console.capture() as captured:
        console.print(table)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def print_json(value: Any) -> None:
    """Print a value for programs."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def size_said(count: int | None) -> str:
    """Bytes in a unit of three digits."""
    if count is None:
        return UNKNOWN
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError("the last unit is taken by any size")


def plain(text: str) -> str:
    """One line without the characters that a terminal takes for commands."""
    return "".join(one if one.isprintable() else " " for one in text)


def _width(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    return sum(2 + max([len(name), *(2 * len(row[i]) for row in rows)]) for i, name in enumerate(columns))
