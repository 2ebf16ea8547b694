"""Catalogues of earlier versions become what this version works with, all or nothing."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from PIL import Image
from sqlalchemy import Connection, inspect

from jlabel.datastores import LocalDatastore
from jlabel.datastores.catalogue import Catalogue, open_database
from jlabel.datastores.catalogue_schema import make_tables, remove_tables
from jlabel.datastores.database.address import parse_address
from jlabel.datastores.database.migrating import migrate, revisions
from jlabel.datastores.setting_rows import get_setting, set_setting
from jlabel.datastores.tables import SCHEMA_VERSION, Base
from jlabel.errors import DatastoreError


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "catalogue.sqlite")
    return str(request.getfixturevalue("postgres").new_url())


def made(connection: Connection) -> dict[str, tuple[object, ...]]:
    """What each table has: columns, keys and indexes."""
    inspector, found = inspect(connection), {}
    for table in Base.metadata.sorted_tables:
        columns = [(one["name"], repr(one["type"]), one["nullable"]) for one in inspector.get_columns(table.name)]
        unique = sorted(str(sorted(one["column_names"])) for one in inspector.get_unique_constraints(table.name))
        foreign = sorted(str(one["constrained_columns"]) for one in inspector.get_foreign_keys(table.name))
        keys = inspector.get_pk_constraint(table.name)["constrained_columns"]
        found[table.name] = columns, unique, foreign, keys
    if connection.dialect.name == "sqlite":
        indexes = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        )
        found["indexes"] = tuple(sorted((name, " ".join(sql.split())) for name, sql in indexes))
    return found


def test_the_revisions_make_the_tables_as_they_are_now(address: str) -> None:
    database = open_database(parse_address(address), 10)
    database.prepare()
    with database.write() as connection:
        migrate(connection, 0, SCHEMA_VERSION)
    with database.read() as connection:
        if connection.dialect.name == "postgresql":  # of SQLite, Alembic does not see what indexes are of
            assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        migrated = made(connection)
    with database.write() as connection:
        remove_tables(connection)
        make_tables(connection)
        assert made(connection) == migrated
    database.close()


def test_there_is_a_revision_for_each_version() -> None:
    assert revisions().get_current_head() == f"{SCHEMA_VERSION:04}"
    assert len([*revisions().walk_revisions()]) == SCHEMA_VERSION


def test_a_new_catalogue_has_the_revision_that_alembic_looks_for(address: str) -> None:
    catalogue = Catalogue(parse_address(address))
    with catalogue.read() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == f"{SCHEMA_VERSION:04}"
    catalogue.close()


def test_a_newer_catalogue_is_refused_in_words(address: str) -> None:
    catalogue = Catalogue(parse_address(address))
    with catalogue.write() as connection:
        set_setting(connection, "schema_version", "99")
    catalogue.close()
    with pytest.raises(DatastoreError, match=r"newer jlabel \(catalogue version 99"):
        Catalogue(parse_address(address))


def make_first_version(studies: Path) -> Path:
    """A folder as the first version of the catalogue had it."""
    for name in ("a", "b"):
        Image.new("L", (5, 4)).save(studies / f"{name}.png")
    store = LocalDatastore(studies)
    store.save_label("a", studies / "b.png", info={"comment": "kept"})
    store.close()
    file = studies / ".jlabel" / "catalogue.sqlite"
    with sqlite3.connect(file) as raw:
        for table in ("alembic_version", "lease", "review", "reading", "note", "feature", "score", "score_set"):
            raw.execute(f"DROP TABLE {table}")
        for table in ("annotation_job", "annotation_frame", "annotation_task"):
            raw.execute(f"DROP TABLE {table}")
        raw.execute("ALTER TABLE folder DROP COLUMN contents")
        raw.execute("ALTER TABLE folder DROP COLUMN left_out")
        raw.execute("UPDATE setting SET value = '1' WHERE key = 'schema_version'")
    raw.close()
    return file


def test_a_migration_that_is_killed_leaves_the_catalogue_as_it_was(tmp_path: Path) -> None:
    file = make_first_version(tmp_path)
    code = (
        "import os, signal, jlabel.datastores.catalogue_schema as schema\n"
        "from jlabel.datastores import LocalDatastore\n"
        "made = schema._add_missing\n"
        "def kill(connection):\n"
        "    made(connection)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "schema._add_missing = kill\n"
        f"LocalDatastore({str(tmp_path)!r})\n"
    )
    assert subprocess.run([sys.executable, "-c", code], env=os.environ, check=False).returncode == -signal.SIGKILL
    with sqlite3.connect(file) as raw:
        assert raw.execute("SELECT value FROM setting WHERE key = 'schema_version'").fetchone() == ("1",)
        assert raw.execute("SELECT count(*) FROM sqlite_master WHERE name LIKE 'score%'").fetchone() == (0,)
    raw.close()
    store = LocalDatastore(tmp_path)
    assert store.get_label_info("a") == {"comment": "kept"}
    with store._catalogue.read() as connection:
        assert get_setting(connection, "schema_version") == str(SCHEMA_VERSION)
        assert MigrationContext.configure(connection).get_current_revision() == f"{SCHEMA_VERSION:04}"
    store.close()


def test_alembic_is_imported_only_where_something_is_to_be_migrated(tmp_path: Path) -> None:
    LocalDatastore(tmp_path).close()
    code = f"import sys; from jlabel.datastores import LocalDatastore; LocalDatastore({str(tmp_path)!r}).close()"
    code += "; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=os.environ, check=False).returncode == 0
