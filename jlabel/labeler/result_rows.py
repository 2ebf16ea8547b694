"""What a model told beside a mask, as a few lines of text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_MOST_ROWS = 30
_MOST_LETTERS = 300


def result_rows(info: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and values as text: of each the first few hundred letters, and thirty of them at most.

    Args:
        info: JSON values by name, as an infer task reports them; whoever wrote the task may say anything.
    """
    rows = [(_line(str(name)), _line(_text(value))) for name, value in list(info.items())[:_MOST_ROWS]]
    left = len(info) - len(rows)
    return [*rows, ("…", f"{left} more")] if left else rows


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:.4g}"
    # Of a long list the beginning is shown: no more of it is written.
    value = value[:_MOST_LETTERS] if isinstance(value, list | tuple) else value
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, TypeError, RecursionError):
        return str(type(value).__name__)


def _line(text: str) -> str:
    """One line without letters that would not be shown but obeyed."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[: _MOST_LETTERS + 1])
    return shown if len(shown) <= _MOST_LETTERS else f"{shown[:_MOST_LETTERS]}…"
