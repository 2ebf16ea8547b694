"""A catalogue in an SQLite file, in write-ahead mode, or in a copy of it in memory."""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
import time
import weakref
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import StatementError
from sqlalchemy.pool import QueuePool

from jlabel.datastores import spelling
from jlabel.datastores.database.base import Database, Problem, noted
from jlabel.datastores.database.problems import DamagedError, MovedError

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
#: The user version of a database whose catalogue was moved elsewhere: nobody who has it open goes on with it.
MOVED = 1


class SqliteDatabase(Database):
    """One file, shared by threads and processes.

    Commits are synced to disk, so what a method reported is there after a power cut. Writers take their turn by
    SQLite's own lock, for which ``timeout`` seconds are waited.

    Args:
        file: The database; made where there is none.
        dumps: Writes JSON.
        timeout: Seconds to wait for other processes that write.
        in_memory: Whether to work with a copy in memory.
    """

    errors = (StatementError, sqlite3.Error)

    def __init__(self, file: Path, dumps: Callable[[Any], str], timeout: float, in_memory: bool = False) -> None:
        self.place = str(file)
        self.file = file
        self._timeout = timeout
        self._kept: Any = None
        if in_memory:
            self.engine, self._kept = _make_memory_engine(file, dumps)
        else:
            self.engine = _engine(f"sqlite:///{file}", dumps, connect_args={"timeout": timeout})
        # Transactions that take their turn at once; those that are durable survive a power cut.
        self._writing = self.engine.execution_options(immediate=True)
        self._finishing = self.engine.execution_options(immediate=True, synchronous="NORMAL")
        weakref.finalize(self, self.engine.dispose)

    def prepare(self) -> None:
        """Let readers and a writer work at the same time, and look for damage."""
        if self._kept is None:
            _use_write_ahead_log(self.engine, self._timeout)
        found = _damage(self.engine)
        if found is not None:
            raise DamagedError(found)

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """See :meth:`Database.read`."""
        with self.engine.begin() as connection:
            self._check_place(connection)
            yield connection

    @contextlib.contextmanager
    def write(self, *, durable: bool = True, alone: bool = True) -> Iterator[Connection]:
        """See :meth:`Database.write`; it always is alone."""
        with (self._writing if durable else self._finishing).begin() as connection:
            self._check_place(connection)
            yield connection

    def stamp(self) -> Hashable:
        """Asks the file system alone."""
        return () if self._kept is not None else (_written(self.file), _written(Path(f"{self.file}-wal")))

    def problem(self, error: BaseException) -> Problem:
        """See :meth:`Database.problem`."""
        cause = error.orig if isinstance(error, StatementError) and error.orig is not None else error
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if code in _DAMAGED:
            return Problem("damaged", str(cause))
        if code in _BUSY:
            text = f"held by another program for more than {self._timeout:g} s; try again when it is done"
            return Problem("busy", f"{self.place}: {text}")
        text = f"{self.place}: the catalogue cannot be used: {cause}"
        return Problem("unwritable" if code in _UNWRITABLE else "other", text)

    def close(self) -> None:
        """See :meth:`Database.close`."""
        self.engine.dispose()
        if self._kept is not None:
            self._kept.close()

    def strangers(self, connection: Connection) -> list[str]:
        """Triggers, views and virtual tables."""
        query = (
            "SELECT type || ' ' || name FROM sqlite_master "
            "WHERE type IN ('trigger', 'view') OR upper(ltrim(sql)) LIKE 'CREATE VIRTUAL%'"
        )
        return [str(found) for found in connection.exec_driver_sql(query).scalars()]

    def _check_place(self, connection: Connection) -> None:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        if self.follows_moves and raw.execute("PRAGMA user_version").fetchone()[0] == MOVED:
            kept = raw.execute("SELECT value FROM setting WHERE key = 'moved'").fetchone()
            raise MovedError(self.place, str(kept[0]) if kept else "")


def mark_moved(connection: Connection) -> None:
    """Say, as a part of a transaction, that the catalogue is somewhere else from its commit on."""
    connection.exec_driver_sql(f"PRAGMA user_version = {MOVED}")


def is_moved(file: Path) -> bool:
    """Whether a file is a catalogue that was moved; not where it is none."""
    with contextlib.suppress(sqlite3.Error):
        source = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
        with contextlib.closing(source):
            return bool(source.execute("PRAGMA user_version").fetchone()[0] == MOVED)
    return False


def _written(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _make_memory_engine(file: Path, dumps: Callable[[Any], str]) -> tuple[Engine, Any]:
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
    engine = create_engine(url, json_serializer=dumps, json_deserializer=noted, pool_size=8, max_overflow=24, **options)
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _use_write_ahead_log(engine: Engine, timeout: float) -> None:
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


def _damage(engine: Engine) -> str | None:
    """What is damaged in the database, None where nothing is."""
    with engine.connect() as connection:
        found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    return None if found == "ok" else found


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
