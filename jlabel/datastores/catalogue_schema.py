"""The tables of a catalogue: made, or brought to the version that this jlabel works with."""

from __future__ import annotations

from sqlalchemy import Column, Connection, MetaData, String, Table, delete, insert, inspect

from jlabel.datastores import team_tables  # noqa: F401 - its tables are made with the others
from jlabel.datastores.database.problems import DamagedError
from jlabel.datastores.database.statements import is_postgresql
from jlabel.datastores.setting_rows import get_setting, set_setting
from jlabel.datastores.tables import SCHEMA_VERSION, Base, FeatureRow, ScoreRow, ScoreSetRow, SettingRow
from jlabel.errors import DatastoreError

_VERSION = "schema_version"
#: Counts the transactions that wrote, where the database has no file whose time tells of them.
WRITTEN = "written"
# Alembic's own, which tells those who look after a database what its revision is.
_REVISION = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))


def kept_version(connection: Connection) -> int | None:
    """The version of the catalogue's tables; None where there are none.

    Raises:
        DamagedError: It is no number.
    """
    if not inspect(connection).has_table(SettingRow.__tablename__):
        return None
    kept = get_setting(connection, _VERSION)
    if kept is None:
        return 1
    if not kept.isdecimal() or len(kept) > 9:
        raise DamagedError("its version is no number")
    return int(kept)


def check_version(version: int, place: str) -> None:
    """Refuse a catalogue that this jlabel does not know.

    Raises:
        DatastoreError: It is of a newer one.
    """
    if version > SCHEMA_VERSION:
        raise DatastoreError(
            f"{place} was written by a newer jlabel (catalogue version {version}, this one knows {SCHEMA_VERSION}): "
            "upgrade jlabel to open it"
        )


def bring_up_to_date(connection: Connection, place: str) -> None:
    """Make the tables, or change them, as a part of a writing transaction.

    Raises:
        DatastoreError: They are of a newer jlabel; nothing has changed.
    """
    version = kept_version(connection)
    if version is None:
        make_tables(connection)
        return
    check_version(version, place)
    _drop_other_scores(connection)
    if version < SCHEMA_VERSION:
        from jlabel.datastores.database.migrating import (
            migrate,  # Alembic takes a while to import, and is rarely wanted
        )

        # What the catalogue itself says of its version counts: catalogues of before have no other note of it.
        _note_revision(connection, version)
        migrate(connection, version, SCHEMA_VERSION)
        set_setting(connection, _VERSION, str(SCHEMA_VERSION))
    if not is_postgresql(connection):
        _add_missing(connection)


def make_tables(connection: Connection) -> None:
    """Make the tables of a new catalogue."""
    Base.metadata.create_all(connection)
    set_setting(connection, _VERSION, str(SCHEMA_VERSION))
    _note_revision(connection, SCHEMA_VERSION)
    if is_postgresql(connection):
        set_setting(connection, WRITTEN, "0")


def _drop_other_scores(connection: Connection) -> None:
    """Drop tables that have the names of those of scores and are others: what they hold can be computed again."""
    tables = [Base.metadata.tables[row.__tablename__] for row in (FeatureRow, ScoreRow, ScoreSetRow)]
    there = [table for table in tables if inspect(connection).has_table(table.name)]
    if any(_is_another(connection, table) for table in there):
        for table in there:
            table.drop(connection)


def _is_another(connection: Connection, table: Table) -> bool:
    columns = {column["name"] for column in inspect(connection).get_columns(table.name)}
    keys = inspect(connection).get_pk_constraint(table.name)["constrained_columns"]
    return columns != {*table.columns.keys()} or {*keys} != {*table.primary_key.columns.keys()}


def _note_revision(connection: Connection, version: int) -> None:
    _REVISION.create(connection, checkfirst=True)
    connection.execute(delete(_REVISION))
    connection.execute(insert(_REVISION).values(version_num=f"{version:04}"))


def remove_tables(connection: Connection) -> None:
    """Remove all tables of a catalogue."""
    Base.metadata.drop_all(connection)
    _REVISION.drop(connection, checkfirst=True)


def _add_missing(connection: Connection) -> None:
    """Make tables and indexes that were added while the version stayed the same, before there were revisions."""
    Base.metadata.create_all(connection)
    for index in (index for table in Base.metadata.sorted_tables for index in table.indexes):
        index.create(connection, checkfirst=True)
