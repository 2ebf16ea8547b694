"""What a database offers to a catalogue."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Engine

from jlabel.files.json_values import parse_json

ProblemKind = Literal["damaged", "busy", "unwritable", "unavailable", "other"]


@dataclass(frozen=True)
class Problem:
    """Why something could not be done.

    Attributes:
        kind: The file is ``damaged``; another program holds it (``busy``); nothing can be written (``unwritable``); the
            server cannot be reached or used (``unavailable``); or something else.
        text: What is wrong and what to do about it, with the place, and without any secret.
    """

    kind: ProblemKind
    text: str


class Database(ABC):
    """A database and the connections to it; threads may share it.

    Attributes:
        place: What messages call it: the file, or the address without a password.
        engine: SQLAlchemy's.
        errors: What is caught around everything that is done with it.
        follows_moves: Whether a catalogue that was moved elsewhere is refused.
    """

    place: str
    engine: Engine
    errors: tuple[type[BaseException], ...]
    follows_moves: bool = True

    @abstractmethod
    def prepare(self) -> None:
        """Get ready for the tables to be made or used.

        Raises:
            DamagedError: The database is damaged.
        """

    @abstractmethod
    def read(self) -> AbstractContextManager[Connection]:
        """A transaction that reads one consistent state."""

    @abstractmethod
    def write(self, *, durable: bool = True, alone: bool = True) -> AbstractContextManager[Connection]:
        """A transaction that writes; other writers wait meanwhile, unless it need not be ``alone``."""

    @abstractmethod
    def stamp(self) -> Hashable:
        """Something that is another whenever anybody has written."""

    @abstractmethod
    def problem(self, error: BaseException) -> Problem:
        """What an error of the database means."""

    @abstractmethod
    def close(self) -> None:
        """Close the connections."""

    def strangers(self, connection: Connection) -> list[str]:
        """What the database holds that jlabel never makes and that acts by itself; by default nothing is looked for."""
        return []


def noted(kept: Any) -> dict[str, Any]:
    """What was noted in a JSON column, of an image or a label; nothing where it is no such thing."""
    try:
        found = parse_json(kept)
    except (ValueError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}
