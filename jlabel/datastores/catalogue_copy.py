"""Copying all rows of a catalogue to another database, and comparing them one by one.

The values are those that the database keeps: what was noted in JSON is copied as the text that it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

from sqlalchemy import Connection, Table, func, literal_column, select, table

from jlabel.datastores.catalogue_place import STUDIES_ID
from jlabel.datastores.catalogue_schema import WRITTEN
from jlabel.datastores.database.statements import follow_keys, is_postgresql
from jlabel.datastores.tables import Base, SettingRow
from jlabel.errors import DatastoreError
from jlabel.progress import NO_PROGRESS, Progress

# Settings that say something of a database, and nothing of the studies.
_OWN = (STUDIES_ID, WRITTEN, "moved")
_CHUNK = 5000

Chunk = Sequence[Sequence[Any]]


def copy_rows(source: Connection, target: Connection, progress: Progress = NO_PROGRESS) -> int:
    """Copy the rows of all tables, and compare what has arrived with what was sent.

    Args:
        source: A transaction in which nobody else writes.
        target: A writing transaction; its tables are there and empty, but for settings of its own.
        progress: Hears how far it is, and can cancel it.

    Returns:
        How many rows there are.

    Raises:
        DatastoreError: A row is another one there, or cannot be kept; the caller takes the transaction back.
    """
    tables = Base.metadata.sorted_tables
    total = sum(int(source.scalar(select(func.count()).select_from(one)) or 0) for one in tables)
    done = 0

    def watched(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        nonlocal done
        for chunk in chunks:
            progress.step(min(done, 2 * total), max(1, 2 * total))
            yield chunk
            done += len(chunk)

    for one in tables:
        _writer(target)(target, one, watched(_chunks(source, one)))
    for one in tables:
        _compare(one, watched(_chunks(source, one)), _chunks(target, one))
    if is_postgresql(target):
        for one in tables:
            follow_keys(target, one)
            target.exec_driver_sql(f'ANALYZE "{one.name}"')  # so that it finds the quick ways from the first query on
    return total


def _compare(of: Table, sent: Iterator[Chunk], arrived: Iterator[Chunk]) -> None:
    for number, (one, other) in enumerate(zip_longest(sent, arrived, fillvalue=())):
        if one == other:
            continue
        pairs = enumerate(zip_longest(one, other), number * _CHUNK + 1)
        where, (row, copied) = next((at, pair) for at, pair in pairs if pair[0] != pair[1])
        raise DatastoreError(
            f"the catalogue was not moved: row {where} of the table {of.name} is not the same in the copy "
            f"({_shown(row)} and {_shown(copied)}). Nothing has changed; please report it"
        )


def _chunks(connection: Connection, of: Table) -> Iterator[Chunk]:
    """The rows by their key, as the database keeps them, many at a time."""
    columns: list[Any] = [literal_column(f'"{column.name}"') for column in of.columns]
    keys: list[Any] = [literal_column(f'"{column.name}"') for column in of.primary_key.columns]
    query = select(*columns).select_from(table(of.name)).order_by(*keys)
    if of.name == SettingRow.__tablename__:
        query = query.where(literal_column("key").not_in(_OWN))
    yield from connection.execute(query, execution_options={"stream_results": True}).partitions(_CHUNK)


def _writer(target: Connection) -> Callable[[Connection, Table, Iterator[Chunk]], None]:
    if not is_postgresql(target):
        return _insert
    from jlabel.datastores.database.postgresql import copy_in

    return copy_in


def _insert(target: Connection, of: Table, chunks: Iterator[Chunk]) -> None:
    names = ", ".join(f'"{column.name}"' for column in of.columns)
    places = ", ".join("?" for _ in of.columns)
    for chunk in chunks:
        target.exec_driver_sql(f'INSERT INTO "{of.name}" ({names}) VALUES ({places})', [tuple(row) for row in chunk])


def _shown(row: Sequence[Any] | None) -> str:
    return "none" if row is None else repr(row)[:200]
