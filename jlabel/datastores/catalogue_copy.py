"""Copying all rows of a catalogue to another database, and comparing them one by one.

The values are those that the database keeps: what was noted in JSON is copied as the text that it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice, zip_longest
from typing import Any

from sqlalchemy import Boolean, Connection, Float, Table, func, literal_column, select, table

from jlabel.datastores.catalogue_place import STUDIES_ID
from jlabel.datastores.catalogue_schema import WRITTEN
from jlabel.datastores.database.statements import follow_keys, is_postgresql
from jlabel.datastores.tables import Base, SettingRow
from jlabel.errors import DatastoreError
from jlabel.progress import NO_PROGRESS, Progress

# Settings that say something of a database, and nothing of the studies.
_OWN = (STUDIES_ID, WRITTEN, "moved")
_CHUNK = 5000

Row = tuple[Any, ...]


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
    counts = {one.name: int(source.scalar(select(func.count()).select_from(one)) or 0) for one in tables}
    total, done = 2 * sum(counts.values()) or 1, 0

    def watched(rows: Iterator[Row]) -> Iterator[Row]:
        nonlocal done
        for number, row in enumerate(rows):
            if number % _CHUNK == 0:
                progress.step(min(done + number, total), total)
            yield row

    for one in tables:
        _writer(target)(target, one, watched(_rows(source, one)))
        done += counts[one.name]
    for one in tables:
        _compare(one, watched(_rows(source, one)), _rows(target, one))
        done += counts[one.name]
    if is_postgresql(target):
        for one in tables:
            follow_keys(target, one)
    return sum(counts.values())


def _compare(of: Table, sent: Iterable[Row], arrived: Iterable[Row]) -> None:
    for number, (one, other) in enumerate(zip_longest(sent, arrived)):
        if one != other:
            raise DatastoreError(
                f"the catalogue was not moved: row {number + 1} of the table {of.name} is not the same in the copy "
                f"({_shown(one)} and {_shown(other)}). Nothing has changed; please report it"
            )


def _rows(connection: Connection, of: Table) -> Iterator[Row]:
    """The rows by their key, as the database keeps them, but for numbers that SQLite keeps in other ways."""
    columns: list[Any] = [literal_column(f'"{column.name}"') for column in of.columns]
    keys: list[Any] = [literal_column(f'"{column.name}"') for column in of.primary_key.columns]
    query = select(*columns).select_from(table(of.name)).order_by(*keys)
    if of.name == SettingRow.__tablename__:
        query = query.where(literal_column("key").not_in(_OWN))
    makes = [(at, _made(column.type)) for at, column in enumerate(of.columns) if _made(column.type) is not None]
    result = connection.execute(query, execution_options={"stream_results": True, "yield_per": _CHUNK})
    for part in result.partitions(_CHUNK):
        for row in part:
            if not makes:
                yield tuple(row)
                continue
            values = list(row)
            for at, make in makes:
                if make is not None and values[at] is not None:
                    values[at] = make(values[at])
            yield tuple(values)


def _made(kind: Any) -> Callable[[Any], Any] | None:
    return bool if isinstance(kind, Boolean) else float if isinstance(kind, Float) else None


def _writer(target: Connection) -> Callable[[Connection, Table, Iterator[Row]], None]:
    if not is_postgresql(target):
        return _insert
    from jlabel.datastores.database.postgresql import copy_in

    return copy_in


def _insert(target: Connection, of: Table, rows: Iterator[Row]) -> None:
    names = ", ".join(f'"{column.name}"' for column in of.columns)
    places = ", ".join("?" for _ in of.columns)
    while chunk := list(islice(rows, _CHUNK)):
        target.exec_driver_sql(f'INSERT INTO "{of.name}" ({names}) VALUES ({places})', chunk)


def _shown(row: Row | None) -> str:
    return "none" if row is None else repr(row)[:200]
