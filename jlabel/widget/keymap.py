"""Keys for the labeler's actions, as a person gives them from Python: read, checked, named as in the browser."""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jlabel.errors import KeyMapError
from jlabel.widget.assets import actions_table

GivenKeys = Mapping[str, str | Sequence[str] | None]
"""Keys by action: one, several, or none (None or an empty list)."""

_MODIFIERS = {
    **dict.fromkeys(("mod", "ctrl", "control", "cmd", "command", "meta", "⌘"), "mod"),
    **dict.fromkeys(("alt", "option", "⌥"), "alt"),
    **dict.fromkeys(("shift", "⇧"), "shift"),
}
_WORDS = (
    *("up", "down", "left", "right", "pageup", "pagedown", "home", "end"),
    *("space", "enter", "escape", "tab", "backspace", "delete", "insert"),
)
_NAMED = {
    **{name: name for name in _WORDS},
    **{f"arrow{name}": name for name in ("up", "down", "left", "right")},
    **{f"f{number}": f"f{number}" for number in range(1, 13)},
    **{"esc": "escape", "return": "enter", "del": "delete", "page up": "pageup", "page down": "pagedown"},
    **{"plus": "+", "minus": "-", "comma": ",", " ": "space"},
}


@dataclass(frozen=True)
class Action:
    """Something that can be done by a key.

    Attributes:
        id: Its name, as ``labeler.keymap`` takes it.
        group: What the help lists it under.
        text: What it does.
        keys: Its keys where none are given.
        scope: Where they work: in the whole ``"labeler"``, or in the 3D pane (``"solid"``) while it has the focus.
    """

    id: str
    group: str
    text: str
    keys: tuple[str, ...]
    scope: str


@functools.cache
def known_actions() -> dict[str, Action]:
    """All actions of the front end, by id."""
    table: list[dict[str, Any]] = json.loads(actions_table())
    return {one["id"]: Action(one["id"], one["group"], one["text"], tuple(one["keys"]), one["scope"]) for one in table}


def checked_keys(given: Any) -> dict[str, list[str]]:
    """Keys as the front end takes them: for each action the names of its keys.

    A key that is given to one action leaves the action of the same scope that has it by default. In the 3D pane its own
    keys come first, so that one key may do one thing there and another in the rest of the labeler.

    Args:
        given: See :data:`GivenKeys`: ``{"next": "space", "redo": ["mod+y", "u"], "skip": None}``. ``mod`` is Ctrl, and
            the command key on a Mac.

    Raises:
        KeyMapError: An action or a key is not known, or one key is given twice in one scope.
    """
    if not isinstance(given, Mapping):
        raise KeyMapError(f'keys are given as {{"action": "key"}}, not as {given!r}')
    checked: dict[str, list[str]] = {}
    owner: dict[tuple[str, str], str] = {}
    for action, keys in given.items():
        _check_action(action)
        checked[action] = [key_name(key, action) for key in _listed(keys, action)]
        for key in checked[action]:
            other = owner.setdefault((known_actions()[action].scope, key), action)
            if other != action:
                raise KeyMapError(f"the key {key!r} is given to two actions, {other!r} and {action!r}")
    return checked


def key_name(key: Any, action: str) -> str:
    """One key's name, with its modifiers in their order: ``"Ctrl+Shift+Z"`` is ``"mod+shift+z"``.

    Args:
        key: As a person writes it; capitals do not matter.
        action: For which action, for the error.

    Raises:
        KeyMapError: There is no such key.
    """
    if not isinstance(key, str) or key == "":
        raise KeyMapError(f"a key for {action!r} is a name such as 'n', 'space' or 'ctrl+shift+z', not {key!r}")
    lowered = key.lower()
    *held, last = [lowered] if lowered in _NAMED else re.split(r"(?<!^)(?<!\+)\+", lowered)
    last = last if last == " " else last.strip()
    modifiers = {_MODIFIERS.get(name.strip(), "") for name in held}
    if "" in modifiers or not (last in _NAMED or (len(last) == 1 and last.isprintable())):
        raise KeyMapError(
            f"the key {key!r} for {action!r} is not known; use a character, f1 to f12, or one of {', '.join(_WORDS)}, "
            "with mod (Ctrl, and ⌘ on a Mac), alt and shift in front, as in 'mod+shift+z'"
        )
    order = [name for name in ("mod", "alt", "shift") if name in modifiers]
    return "+".join([*order, _NAMED.get(last, last)])


def _check_action(action: Any) -> None:
    known = known_actions()
    if action in known:
        return
    close = difflib.get_close_matches(str(action), known, 1)
    meant = f"did you mean {close[0]!r}? " if close else ""
    raise KeyMapError(f"there is no action {action!r} to give a key; {meant}The actions are {', '.join(known)}")


def _listed(keys: Any, action: str) -> list[Any]:
    if keys is None:
        return []
    if isinstance(keys, str):
        return [keys]
    if isinstance(keys, Sequence):
        return list(dict.fromkeys(keys))
    raise KeyMapError(f"keys for {action!r} are a name or a list of names, not {keys!r}")
