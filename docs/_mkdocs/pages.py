"""What pages need before they are built: the table of keys."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import Any

_PLACE = "<!-- keys -->"
_SHOWN = {
    **{name: name.capitalize() for name in ("shift", "alt", "space", "enter", "escape", "delete", "backspace", "home")},
    **{"mod": "Ctrl", "pageup": "Page up", "pagedown": "Page down", "end": "End", "insert": "Insert", "tab": "Tab"},
    **{"up": "↑", "down": "↓", "left": "←", "right": "→"},
}


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the table of keys, the labeler's own, where a page asks for it."""
    return markdown.replace(_PLACE, _tables()) if _PLACE in markdown else markdown


def _tables() -> str:
    from jlabel.widget.keymap import known_actions

    actions = sorted(known_actions().values(), key=lambda one: _groups().index(one.group))
    parts = []
    for group, members in groupby(actions, key=lambda one: one.group):
        rows = [f"| {_keys(one.keys)} | {escape(one.text)} | `{one.id}` |" for one in members]
        parts.append("\n".join([f"## {group}", "", "| Key | What it does | Action |", "|---|---|---|", *rows]))
    return "\n\n".join(parts)


def _groups() -> list[str]:
    from jlabel.widget.keymap import known_actions

    return list(dict.fromkeys(one.group for one in known_actions().values()))


def _keys(keys: tuple[str, ...]) -> str:
    return ", ".join(f"<kbd>{_key(key)}</kbd>" for key in keys) or "–"


def _key(key: str) -> str:
    *held, last = key.split("+") if not key.endswith("+") else [*key[:-1].split("+")[:-1], "+"]
    return escape(" + ".join(_SHOWN.get(name) or _shown(name, bool(held)) for name in (*held, last)))


def _shown(name: str, held: bool) -> str:
    function_key = name[:1] == "f" and name[1:].isdigit()
    return name.upper() if function_key or (held and len(name) == 1) else name
