"""What is SQLite's own in the catalogue: another database needs a module like this one, and nothing else.

The rest of the catalogue is written in SQLAlchemy's own terms.
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Executable,
    Select,
    String,
    case,
    create_engine,
    event,
    func,
    type_coerce,
)
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import StatementError
from sqlalchemy.pool import QueuePool

from jlabel.datastores import spelling
from jlabel.files.json_values import parse_json

#: What is caught around everything that is done with the database.
ERRORS = (StatementError, sqlite3.Error)

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
# No room, no permission, or a file system that is only read.
_UNWRITABLE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM,
}


def make_engine(file: Path, timeout: float, dumps: Callable[[Any], str]) -> Engine:
    """An engine for the database in a file.

    Args:
        file: Made where there is none.
        timeout: Seconds to wait for other processes that write.
        dumps: Writes JSON.
    """
    return _engine(f"sqlite:///{file}", dumps, connect_args={"timeout": timeout})


def make_memory_engine(file: Path, dumps: Callable[[Any], str]) -> tuple[Engine, Any]:
    """An engine for a copy in memory of the database in a file; an empty one where the file cannot be read.

    Returns:
        The engine, and a connection: the copy lasts as long as one is open.
    """
    name = f"file:jlabel-{secrets.token_hex(8)}?mode=memory&cache=shared&uri=true"
    engine = _engine(f"sqlite:///{name}", dumps, connect_args={"check_same_thread": False}, poolclass=QueuePool)
    event.listen(engine, "connect", _read_on)
    keeping = engine.raw_connection()
    raw = keeping.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    for option in ("mode=ro", "immutable=1"):
        with contextlib.suppress(sqlite3.Error):
            source = sqlite3.connect(f"{file.absolute().as_uri()}?{option}", uri=True)
            with contextlib.closing(source):
                source.backup(raw)
                break
    return engine, keeping


def _engine(url: str, dumps: Callable[[Any], str], **options: Any) -> Engine:
    engine = create_engine(
        url, json_serializer=dumps, json_deserializer=_noted, pool_size=8, max_overflow=24, **options
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def writing(engine: Engine, *, durable: bool) -> Engine:
    """The engine with transactions that take their turn at once; those that are durable survive a power cut."""
    options = {} if durable else {"synchronous": "NORMAL"}
    return engine.execution_options(immediate=True, **options)


def use_write_ahead_log(engine: Engine, timeout: float) -> None:
    """Let readers and a writer work at the same time."""
    # SQLite does not wait for others when the journal's mode changes, so two that open a new file at once would fail.
    deadline = time.monotonic() + timeout
    while True:
        try:
            with engine.connect() as connection:
                raw = connection.connection.driver_connection
                assert raw is not None
                raw.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def damage(engine: Engine) -> str | None:
    """What is damaged in the database, None where nothing is."""
    with engine.connect() as connection:
        found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    return None if found == "ok" else found


def strangers(connection: Connection) -> list[str]:
    """What the schema holds that jlabel never makes: triggers, views and virtual tables, which act by themselves."""
    query = (
        "SELECT type || ' ' || name FROM sqlite_master "
        "WHERE type IN ('trigger', 'view') OR upper(ltrim(sql)) LIKE 'CREATE VIRTUAL%'"
    )
    return [str(found) for found in connection.exec_driver_sql(query).scalars()]


def kind_of(error: BaseException) -> Literal["damaged", "busy", "unwritable", "other"]:
    """Why something could not be done: the file is damaged, held by another program, cannot be written, or else."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _DAMAGED:
        return "damaged"
    return "busy" if code in _BUSY else "unwritable" if code in _UNWRITABLE else "other"


def upsert(table: Any, values: Mapping[str, Any], key: str) -> Executable:
    """A row with those values, in the place of the one that has the same key."""
    others = {name: value for name, value in values.items() if name != key}
    return insert(table).values(**values).on_conflict_do_update(index_elements=[key], set_=others)


def upsert_rows(table: Any, columns: Sequence[str], keys: Sequence[str]) -> Executable:
    """Rows with values of these columns, each in the place of the one that has the same keys; for many at once."""
    rows = insert(table)
    others = {name: rows.excluded[name] for name in columns if name not in keys}
    return rows.on_conflict_do_update(index_elements=list(keys), set_=others)


def contains(column: Any, text: str) -> ColumnElement[bool]:
    """Whether a text column contains a text, in upper or lower case and in any unicode form."""
    if text.isascii():
        # LIKE takes no notice of case here, and it is several times as quick as a function of ours.
        return column.like(f"%{_literally(text)}%", escape="~")  # type: ignore[no-any-return]
    return folded(column).like(f"%{_literally(spelling.folded(text))}%", escape="~")


def folded(column: Any) -> ColumnElement[str]:
    """A text column as :func:`jlabel.datastores.spelling.folded` gives it."""
    return func.folded(column)


def with_index(query: Select[Any], table: Any, index: str) -> Select[Any]:
    """The query, which takes that index of a table where the database would take another."""
    return query.with_hint(table, f"INDEXED BY {index}", "sqlite")


def _noted(kept: Any) -> dict[str, Any]:
    """What was noted of an image or a label; nothing where it is no such thing."""
    try:
        found = parse_json(kept)
    except (ValueError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _literally(text: str) -> str:
    return "".join(f"~{letter}" if letter in "~%_" else letter for letter in text)


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    # SQLAlchemy's events begin the transactions, not the driver: only so can a writer take its turn at the start.
    connection.isolation_level = None
    connection.create_function("folded", 1, spelling.folded, deterministic=True)
    connection.execute("PRAGMA foreign_keys=ON")


def _read_on(connection: sqlite3.Connection, _record: object) -> None:
    # Connections to one copy in memory share their locks: a reader would be refused while another thread writes.
    connection.execute("PRAGMA read_uncommitted=1")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    raw = connection.connection.driver_connection
    assert raw is not None
    if options.get("immediate"):
        raw.execute(f"PRAGMA synchronous={options.get('synchronous', 'FULL')}")
    raw.execute("BEGIN IMMEDIATE" if options.get("immediate") else "BEGIN")


def part_of_json(column: Any, key: str) -> tuple[ColumnElement[str | None], ColumnElement[bool]]:
    """What a JSON column has under a key, as text, and whether that is all of the column instead.

    It is where the column holds what is no JSON to SQLite, such as NaN: whoever reads it looks for the key.
    """
    valid = func.json_valid(column) == 1
    return case((valid, column[key].as_string()), else_=type_coerce(column, String)), ~valid
