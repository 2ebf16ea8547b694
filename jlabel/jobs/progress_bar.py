"""A bar for those who wait for a job in a cell or a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable

from jlabel.display.progress_bar import bar
from jlabel.jobs.folder import JobRequest
from jlabel.jobs.record import JobRecord
from jlabel.jobs.report import number, score_name, title

_POLL = 0.2


def show_until_ended(look: Callable[[], JobRecord], request: JobRequest, timeout: float | None) -> bool:
    """Follow a job with a bar until it has ended, or for ``timeout`` seconds; returns whether it has ended."""
    deadline = None if timeout is None else time.monotonic() + timeout
    form = "{desc}: {percentage:3.0f}%|{bar}| {postfix}"
    with bar(title(request), 100, "%", shown=True, delay=0, bar_format=form) as shown:
        while True:
            record = look()
            shown.n = round(100 * record.progress)
            shown.set_postfix_str(_said(record))
            if record.ended or (deadline is not None and time.monotonic() >= deadline):
                return record.ended
            time.sleep(_POLL)


def _said(record: JobRecord) -> str:
    parts = [record.state]
    if record.rows:
        epoch = max(record.rows)
        row = record.rows[epoch]
        names = ("loss", score_name(list(record.rows.values())))
        shown = {name: row[name] for name in names if name is not None and row.get(name) is not None}
        parts += [f"epoch {epoch}", *(f"{name} {number(value)}" for name, value in shown.items())]
    return ", ".join(parts)
