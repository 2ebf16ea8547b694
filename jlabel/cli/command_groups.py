"""The commands in groups on the page of help, as plain text: rich takes longer to import than all the rest."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup


class CommandGroups(TyperGroup):
    """A group whose help lists its commands under the titles that they were given as ``rich_help_panel``."""

    def list_commands(self, ctx: Any) -> list[str]:
        """In the order in which they were added."""
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write a section for each title, in the order of their first commands."""
        titles: dict[str, list[tuple[str, str]]] = {}
        width = max(map(len, self.commands))
        limit = formatter.width - 6 - width
        for name, command in self.commands.items():
            titles.setdefault(str(getattr(command, "rich_help_panel", None) or "Commands"), []).append(
                (name.ljust(width), command.get_short_help_str(limit))
            )
        for title, rows in titles.items():
            with formatter.section(title):
                formatter.write_dl(rows)
