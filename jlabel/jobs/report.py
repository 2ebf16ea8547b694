"""A job in words, and as a small static page: for terminals, exports, and readers without a kernel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from jlabel.jobs.ending import cancelled_in_words
from jlabel.jobs.folder import JobRequest
from jlabel.jobs.record import JobRecord

Rows = Sequence[Mapping[str, Any]]

_MOST_ROWS = 10
_MOST_LETTERS = 120
_WIDTH, _HEIGHT = 260, 90
_COLORS = ("#1f6fb4", "#b35c00")


def title(request: JobRequest) -> str:
    """What the job does, for people."""
    doing = {"train": "Training", "infer": "First masks by", "tag": "Tags by", "score": "Scoring images by"}.get(
        request.kind, request.kind.capitalize()
    )
    return f"{doing} {request.name}"


def score_name(rows: Rows) -> str | None:
    """The metric that a person looks at beside the loss: the mean Dice where there is one."""
    names = _columns(rows)
    wanted = [
        *(name for name in names if "mean_dice" in name),
        *(name for name in names if "dice" in name),
        *(name for name in names if name.startswith("val_")),
    ]
    return next(iter(wanted), None)


def outcome(record: JobRecord) -> str:
    """What came of a job that is done, in a sentence; empty where there is nothing to tell."""
    result = record.result
    if isinstance(result.get("version"), int):
        used = "it is in use" if result.get("in_use") else "it is kept, and not in use"
        note = str(result.get("note") or "")
        return f"Version {result['version']} was published; {used}" + (f": {note}" if note else ".")
    if isinstance(result.get("done"), int):
        left_out, meanwhile = result.get("left_out"), result.get("labelled_meanwhile")
        said = "1 image was done" if result["done"] == 1 else f"{result['done']} images were done"
        said += f", {len(left_out)} left out" if isinstance(left_out, dict) and left_out else ""
        return said + (f", {meanwhile} labelled meanwhile by a person." if meanwhile else ".")
    return ""


def duration(seconds: float) -> str:
    """Seconds, minutes or hours, whichever suits."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def number(value: Any) -> str:
    """Four digits; a dash where there is none."""
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def one_line(text: str) -> str:
    """A text with spaces for line ends and for whatever else a terminal would not print but obey."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def first_line(text: str) -> str:
    """The first line of a text, cut where it is long."""
    line = next(iter(text.strip().splitlines()), "")
    return line if len(line) <= _MOST_LETTERS else f"{line[: _MOST_LETTERS - 1]}…"


def html(request: JobRequest, record: JobRecord, rows: Rows) -> str:
    """The job as it is now, as HTML without scripts; whatever comes from files is text."""
    parts = [f"<p><b>{escape(title(request))}</b>: {escape(record.state)}, {record.progress:.0%}</p>"]
    if record.error:
        parts.append(f"<pre>{escape(record.error)}</pre>")
    said = outcome(record) or cancelled_in_words(request, record, can_resume=False)
    if said:
        parts.append(f"<p>{escape(said)}</p>")
    parts += [_curves(rows), _table(rows)]
    parts += [f"<p>{escape(note)}</p>" for note in record.notes[-_MOST_ROWS:]]
    # By the attribute a page finds it again, after a reload too.
    return f'<div data-jlabel-job="{escape(request.id)}">{"".join(parts)}</div>'


def text(line: str, record: JobRecord, rows: Rows) -> str:
    """The same as plain text: the line that says how the job stands, then what :func:`html` has below its own."""
    error = [record.error] if record.error and not line.endswith(record.error) else []
    notes = [f"- {note}" for note in record.notes[-_MOST_ROWS:]]
    return "\n".join([line, *error, *filter(None, [outcome(record)]), *_text_table(rows), *notes])


def _text_table(rows: Rows) -> list[str]:
    names = _columns(rows)
    cells = [names, *([number(row.get(name)) for name in names] for row in rows[-_MOST_ROWS:])] if rows else []
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in cells]


def _columns(rows: Rows) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _table(rows: Rows) -> str:
    if not rows:
        return ""
    names = _columns(rows)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(number(row.get(name)))}</td>' for name in names)}</tr>"
        for row in rows[-_MOST_ROWS:]
    )
    said = f"Metrics of the last {_MOST_ROWS} epochs" if len(rows) > _MOST_ROWS else "Metrics of each epoch"
    return f"<table><caption>{said}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _curves(rows: Rows) -> str:
    names = [name for name in ("loss", score_name(rows)) if name is not None]
    lines = [_line(rows, name, color) for name, color in zip(names, _COLORS, strict=False)]
    if not any(lines):
        return ""
    said = escape(" and ".join(names))
    return f'<svg width="{_WIDTH}" height="{_HEIGHT}" role="img" aria-label="Curves of {said}">{"".join(lines)}</svg>'


def _line(rows: Rows, name: str, color: str) -> str:
    found = [(row.get("epoch", 0), row[name]) for row in rows if isinstance(row.get(name), int | float)]
    if len(found) < 2:
        return ""
    epochs, values = [epoch for epoch, _ in found], [value for _, value in found]
    wide, high = (max(epochs) - min(epochs)) or 1, (max(values) - min(values)) or 1
    points = " ".join(
        f"{2 + (epoch - min(epochs)) / wide * (_WIDTH - 4):.1f},"
        f"{_HEIGHT - 2 - (value - min(values)) / high * (_HEIGHT - 4):.1f}"
        for epoch, value in found
    )
    shape = f'points="{points}" fill="none" stroke="{color}" stroke-width="2"'
    return f"<polyline {shape}><title>{escape(name)}</title></polyline>"
