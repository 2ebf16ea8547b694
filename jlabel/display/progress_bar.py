"""Bars for what takes long and is called from a cell: those of the notebook, or of text in a terminal, else none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jlabel.progress import Progress


def somebody_watches() -> bool:
    """Whether a bar would be seen: in a notebook, or in a terminal."""
    if "IPython" in sys.modules:
        from IPython.core.getipython import get_ipython

        if hasattr(get_ipython(), "kernel"):
            return True
    return sys.stderr is not None and sys.stderr.isatty()


def bar(doing: str, total: int | None = None, unit: str = "it", *, shown: bool | None = None, **options: Any) -> Any:
    """A bar of :mod:`tqdm.auto`, which also goes through an iterable: ``for item in bar("Reading", …)(items)``.

    Args:
        doing: What is going on, before the bar.
        total: How many there are.
        unit: What is counted.
        shown: Whether it is shown; where somebody watches if not given.
        **options: More of what tqdm takes.
    """
    from tqdm.auto import tqdm

    hidden = not (somebody_watches() if shown is None else shown)
    if hidden:
        # The bar of a notebook would be made, and hidden after that.
        from tqdm import tqdm
    # What is done at once needs no bar.
    return tqdm(total=total, desc=doing, unit=unit, disable=hidden, **{"delay": 0.5, **options})


@contextmanager
def shown_progress(doing: str, given: Progress | None = None) -> Iterator[Progress]:
    """What long work reports to: what the caller has given, else a bar.

    Args:
        doing: What is going on, before the bar.
        given: Where the caller wants to hear of it.
    """
    if given is not None:
        yield given
        return
    with bar(doing, 100, "%", bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}") as shown:

        def report(fraction: float) -> None:
            shown.update(round(100 * fraction) - shown.n)

        yield Progress(report)
