"""Options that a command does not know, as overrides of a configuration: ``--infers#spleen#roi_size "[96,96,96]"``."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any


def split_overrides(arguments: Sequence[str], known: Mapping[str, bool]) -> tuple[list[str], dict[str, str]]:
    """Tell the options of a command from overrides.

    Args:
        arguments: What was typed.
        known: The command's own options, each with whether a value follows it.

    Returns:
        The arguments of the command, and the overrides by id; one without a value is ``"True"``, as in
        ``python -m monai.bundle``.
    """
    own: list[str] = []
    overrides: dict[str, str] = {}
    waiting = list(arguments)
    while waiting:
        one = waiting.pop(0)
        name, equals, value = one.partition("=")
        if one == "--":
            own += [one, *waiting]
            break
        if not one.startswith("--") or name in known:
            own.append(one)
            if known.get(one) and waiting:
                own.append(waiting.pop(0))
        elif equals:
            overrides[name[2:]] = value
        else:
            overrides[name[2:]] = waiting.pop(0) if _is_value(waiting) else "True"
    return own, overrides


def _is_value(waiting: Sequence[str]) -> bool:
    return bool(waiting) and not waiting[0].startswith("--")


def parsed(overrides: Mapping[str, str]) -> dict[str, Any]:
    """The values as ``python -m monai.bundle`` reads them: Python literals, else texts."""
    from fire.parser import DefaultParseValue

    return {id: DefaultParseValue(value) for id, value in overrides.items()}


def misspelled_option(
    overrides: Mapping[str, str], known: Container[str], options: Sequence[str]
) -> tuple[str, str] | None:
    """An override that is rather an option typed wrongly, and that option.

    Args:
        overrides: By id.
        known: What an app file may say at its top.
        options: The command's options.
    """
    import difflib

    for id in overrides:
        near = difflib.get_close_matches(f"--{id}", options, 1, 0.75)
        if near and id not in known:
            return f"--{id}", near[0]
    return None
