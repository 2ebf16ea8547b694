"""Where the built front end is."""

from __future__ import annotations

from pathlib import Path

from jlabel.errors import JlabelError

_STATIC = Path(__file__).parent / "static"


def front_end() -> tuple[str, str]:
    """The text of the built script and style sheet.

    Raises:
        JlabelError: They are not there: the package was put together without its build step.
    """
    script, style = _STATIC / "index.js", _STATIC / "index.css"
    if not (script.is_file() and style.is_file()):
        raise JlabelError(f"{_STATIC}: the front end is not built; install the package with 'pip install .'")
    return script.read_text(encoding="utf-8"), style.read_text(encoding="utf-8")
