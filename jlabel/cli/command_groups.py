"""The commands in groups on the page of help, as plain text: rich takes longer to import than all the rest."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

from typer.core import TyperGroup

from jlabel.cli.command_table import COMMANDS, CommandEntry


class CommandGroups(TyperGroup):
    """A group that lists the commands of the table under their titles, and imports the one that is used."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "commands": LazyCommands(COMMANDS)})

    def list_commands(self, ctx: Any) -> list[str]:
        """In the order of the table."""
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write a section for each title, in the order of their first commands."""
        titles: dict[str, list[tuple[str, str]]] = {}
        width = max(len(one.name) for one in COMMANDS)
        for one in COMMANDS:
            titles.setdefault(one.title, []).append((one.name.ljust(width), one.summary))
        for title, rows in titles.items():
            with formatter.section(title):
                formatter.write_dl(rows)


class LazyCommands(MutableMapping[str, Any]):
    """Commands by name; each is imported when it is asked for, and not when the names are listed."""

    def __init__(self, entries: tuple[CommandEntry, ...]) -> None:
        self._entries = {one.name: one for one in entries}
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded[name] = self._entries[name].load()
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        self._entries.pop(name, None)
        self._loaded.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._entries, *self._loaded]))

    def __len__(self) -> int:
        return len({*self._entries, *self._loaded})
