"""Files merged in order and overrides put in, before anything is evaluated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from monai.bundle import ConfigParser
from monai.bundle.utils import merge_kv

from jlabel.apps.app_file.ids import SEPARATOR, did_you_mean, normal, parts
from jlabel.apps.app_file.places import Places
from jlabel.apps.app_file.source_files import SourceFile, absolute_macros
from jlabel.errors import ConfigError

# What MONAI's parser raises where an id leads nowhere.
_LEADS_NOWHERE = (KeyError, IndexError, ValueError, TypeError)


def merged(sources: Sequence[SourceFile]) -> dict[str, Any]:
    """What the files say together: a later one adds keys or replaces them, ``a::b`` inside of what is there.

    A key that begins with a plus adds to the mapping or list that is there.

    Raises:
        ConfigError: A key leads into something that the files before do not say.
    """
    parser = ConfigParser(config={})
    for source in sources:
        places = Places([source.path], {})
        for key, value in source.content.items():
            try:
                merge_kv(parser, key, value)
            except _LEADS_NOWHERE as error:
                id = normal(key.removeprefix("+"))
                reason = _leads_nowhere(parser, id) or f"{key!r} cannot be merged into what is there: {error}"
                raise places.error(reason, id) from error
    content: dict[str, Any] = parser.get()
    return content


def override(content: dict[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Put overrides in, as ``python -m monai.bundle run`` does.

    Args:
        content: What the files say; changed.
        overrides: Values by id (``"infers::spleen::device"``). The files of macros count from the working folder.

    Raises:
        ConfigError: An id leads into something that is not there.
    """
    parser = ConfigParser(config=content)
    for key, value in overrides.items():
        id = normal(str(key))
        try:
            parser[id] = absolute_macros(value, Path.cwd(), lambda _: (None, None))
        except _LEADS_NOWHERE as error:
            raise ConfigError(f"cannot be overridden: {_leads_nowhere(parser, id) or error}", id=id) from error
        except ConfigError as error:
            raise ConfigError(error.reason, id=id) from error
    changed: dict[str, Any] = parser.get()
    return changed


def _leads_nowhere(parser: ConfigParser, id: str) -> str:
    """The first part of the id that is not there, and what is."""
    path = parts(id)
    for depth, part in enumerate(path[:-1]):
        outer = SEPARATOR.join(path[:depth])
        around = parser.get(outer)
        if SEPARATOR.join(path[: depth + 1]) in parser:
            continue
        if isinstance(around, list):
            return f"{outer} has {len(around)} items, none of number {part}"
        keys = around if isinstance(around, dict) else ()
        return f"there is no {SEPARATOR.join(path[: depth + 1])}: {did_you_mean(part, keys)}"
    outer = SEPARATOR.join(path[:-1])
    around = parser.get(outer)
    if isinstance(around, list):
        return f"{outer} has {len(around)} items, none of number {path[-1]}"
    return "" if isinstance(around, dict) else f"{outer} is {around!r}, in which nothing lies"
