"""Tables and facts as HTML without scripts: every text is escaped, and the colours are those of the notebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

_MOST_ROWS = 200
_MOST_ITEMS = 12
_CELL = "text-align:left;vertical-align:top;padding:2px 12px 2px 0;border:none"
_CAPTION = "text-align:left;caption-side:top;font-weight:600;padding:2px 0;color:var(--jp-ui-font-color1,inherit)"
_HEAD = f"{_CELL};font-weight:600;border-bottom:1px solid var(--jp-border-color1,currentColor)"
_SOFT = "color:var(--jp-ui-font-color2,inherit);margin:2px 0"


def table_html(caption: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table.

    Args:
        caption: Its title.
        columns: The names of its columns.
        rows: A value for each column; shown as :func:`cell_text` says it. Long tables show their first rows.
    """
    head = "".join(f'<th scope="col" style="{_HEAD}">{escape(name)}</th>' for name in columns)
    body = "".join(_row(row) for row in rows[:_MOST_ROWS])
    more = len(rows) - _MOST_ROWS
    rest = f'<p style="{_SOFT}">{more} more are not shown.</p>' if more > 0 else ""
    return (
        f'<table style="border-collapse:collapse"><caption style="{_CAPTION}">{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}"
    )


def facts_html(title: str, facts: Mapping[str, object], notes: Iterable[str] = ()) -> str:
    """Facts about one thing: what each is, and its value; what has no value is left out.

    Args:
        title: What the facts are about.
        facts: Values by name.
        notes: Sentences below them.
    """
    shown = {name: text for name, text in ((name, cell_text(value)) for name, value in facts.items()) if text}
    body = "".join(
        f'<tr><th scope="row" style="{_CELL};font-weight:600">{escape(name)}</th>'
        f'<td style="{_CELL}">{escape(text)}</td></tr>'
        for name, text in shown.items()
    )
    below = "".join(f'<p style="{_SOFT}">{escape(note)}</p>' for note in notes)
    return (
        f'<table style="border-collapse:collapse"><caption style="{_CAPTION}">{escape(title)}</caption>'
        f"<tbody>{body}</tbody></table>{below}"
    )


def cell_text(value: Any) -> str:
    """A value as a cell of a table shows it: times in UTC, four digits of a fraction, yes, no, lists with commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, Mapping):
        return _listed([f"{name}: {cell_text(one)}" for name, one in value.items()])
    if isinstance(value, list | tuple | set | frozenset):
        return _listed([cell_text(one) for one in value])
    return str(value)


def time_text(time: datetime) -> str:
    """A time to the minute, in UTC and said so; the pages of the labeler put it into the reader's zone."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _row(row: Sequence[object]) -> str:
    cells = [f'<td style="{_CELL}">{escape(cell_text(value))}</td>' for value in row]
    return f"<tr>{''.join(cells)}</tr>"


def _listed(texts: Sequence[str]) -> str:
    more = len(texts) - _MOST_ITEMS
    return ", ".join(texts[:_MOST_ITEMS]) + (f" and {more} more" if more > 0 else "")
