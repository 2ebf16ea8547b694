"""Changing a catalogue's tables to those of another version, by Alembic's revisions, as a part of one transaction."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

# Alembic keeps what it is at in a place of its own, for one thread at a time.
_TURN = threading.Lock()


def revisions() -> ScriptDirectory:
    """The revisions that there are."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return ScriptDirectory.from_config(config)


def migrate(connection: Connection, before: int, after: int) -> None:
    """Change the tables from one version to a later one.

    Args:
        connection: A writing transaction; whoever began it commits it, or takes all of this back.
        before: The version of the catalogue, which Alembic's own table has, too; 0 where it has no tables yet.
        after: The version that it gets.
    """
    script = revisions()

    def steps(_revision: Any, _context: Any) -> list[Any]:
        return script._upgrade_revs(_named(after), _named(before) if before else "base")

    with _TURN, EnvironmentContext(Config(), script, fn=steps) as environment:
        environment.configure(connection=connection)
        environment.run_migrations()


def _named(version: int) -> str:
    return f"{version:04}"
