"""Ids of items: keys and indices with ``::`` between them, or ``#`` as MONAI wrote it before."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

SEPARATOR = "::"


def normal(id: str) -> str:
    """The id with ``::`` between its parts."""
    return id.replace("#", SEPARATOR)


def parts(id: str) -> list[str]:
    """The keys and indices of an id."""
    return [part for part in normal(id).split(SEPARATOR) if part]


def below(id: str, key: object) -> str:
    """The id of what lies under a key or index of an item."""
    return f"{id}{SEPARATOR}{key}" if id else str(key)


def lies_in(id: str, outer: str) -> bool:
    """Whether an item is the other one or lies in it."""
    return parts(id)[: len(parts(outer))] == parts(outer)


def where_said(config: Any, id: str, reference: str) -> str:
    """The id of the text that refers to something, in an item or the item itself.

    Args:
        config: What the item says.
        id: Its id.
        reference: The id that is referred to, with ``::``.
    """
    if isinstance(config, dict | list):
        for key, value in config.items() if isinstance(config, dict) else enumerate(config):
            found = where_said(value, below(id, key), reference)
            if found:
                return found
        return ""
    return id if isinstance(config, str) and f"@{reference}" in normal(config) else ""


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """A clause that names the nearest of the known names, or those that there are."""
    names = [str(name) for name in known]
    near = difflib.get_close_matches(wrong, names, 1, 0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"there is {', '.join(sorted(names)[:12])}" if names else "there is none"
