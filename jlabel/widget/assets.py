"""Where the built front end is."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jlabel.errors import JlabelError

_STATIC = Path(__file__).parent / "static"


def front_end(name: str = "index") -> tuple[str, str]:
    """The text of a built script and its style sheet: the labeler's, the ``"jobpanel"``'s or the ``"looppanel"``'s.

    Raises:
        JlabelError: They are not there: the package was put together without its build step.
    """
    script, style = _STATIC / f"{name}.js", _STATIC / f"{name}.css"
    if not (script.is_file() and style.is_file()):
        raise JlabelError(f"{_STATIC}: the front end is not built; install the package with 'pip install .'")
    return _text(script), _text(style)


def actions_table() -> str:
    """The front end's actions as JSON: a list of id, group, text and keys.

    Raises:
        JlabelError: It is not there.
    """
    table = _STATIC / "actions.json"
    if not table.is_file():
        raise JlabelError(f"{table} is not built; install the package with 'pip install .'")
    return _text(table)


def view3d_script() -> str:
    """The text of the 3D view's script, which pages get only when they ask for it.

    Raises:
        JlabelError: It is not there.
    """
    script = _STATIC / "view3d.js"
    if not script.is_file():
        raise JlabelError(f"{script} is not built; install the package with 'pip install .'")
    return _text(script)


def _text(file: Path) -> str:
    """The text of a file, the same object for all who ask: each labeler of a long day has it."""
    state = file.stat()
    return _read(file, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=8)
def _read(file: Path, _changed: int, _size: int) -> str:
    return file.read_text(encoding="utf-8")
