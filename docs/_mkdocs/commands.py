"""The reference of the command line, from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

_PLACE = "<!-- commands -->"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the commands with their arguments and options where a page asks for them."""
    if _PLACE not in markdown:
        return markdown
    import typer

    from jlabel.cli.main import app

    return markdown.replace(_PLACE, "\n".join(_sections(typer.main.get_command(app), "jlabel")))


def _sections(command: Any, path: str) -> Iterator[str]:
    inside = getattr(command, "commands", None)
    if inside is None or path == "jlabel":
        yield from _section(command, path)
    for name, one in sorted((inside or {}).items()):
        yield from _sections(one, f"{path} {name}")


def _section(command: Any, path: str) -> Iterator[str]:
    usage = " ".join([path, *(_name(one) for one in command.params if _is_argument(one)), "[OPTIONS]"])
    yield f"## {path}\n\n```text\n{usage}\n```\n\n{escape(command.help or '', quote=False)}\n"
    yield "| | |\n|---|---|"
    for one in command.params:
        if one.help:
            yield f"| `{_name(one)}` | {escape(one.help, quote=False)} |"
    yield ""


def _is_argument(one: Any) -> bool:
    return bool(one.param_type_name == "argument")


def _name(one: Any) -> str:
    if _is_argument(one):
        return str(one.metavar or one.name.upper())
    return f"{one.opts[0]}{'' if one.is_flag else f' {one.metavar or one.name.upper()}'}"
