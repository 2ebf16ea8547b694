"""The lines of an author's own code that led to an exception."""

from __future__ import annotations

import sys
import sysconfig
import traceback
from functools import cache
from pathlib import Path

_MOST = 3


def author_lines(error: BaseException) -> str:
    """The author's lines on the way to an exception, for the end of a message: a line of text for each.

    Lines of jlabel, of Python and of installed packages are left out. The outermost are left out first where there are
    many.

    Args:
        error: The exception, caught.

    Returns:
        ``"\\n  main.py, line 12, in pre_transforms: return [Foo()]"``, or ``""`` where no author's line is known.
    """
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_author(frame.filename)]
    shown = [
        f"\n  {frame.filename}, line {frame.lineno}, in {frame.name}: {(frame.line or '').strip()}".rstrip(": ")
        for frame in frames[-_MOST:]
    ]
    return "".join(shown)


@cache
def _is_author(filename: str) -> bool:
    if filename.startswith("<"):
        return False
    path = Path(filename)
    return not any(path.is_relative_to(folder) for folder in _libraries())


@cache
def _libraries() -> tuple[Path, ...]:
    paths = sysconfig.get_paths()
    known = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    site = {entry for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages")}
    return (Path(__file__).resolve().parents[1], *map(Path, sorted(known | site)))
