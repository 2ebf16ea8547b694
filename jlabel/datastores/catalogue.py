"""The catalogue's database: opening it, transactions, its settings, and a damaged one set aside."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import StatementError

from jlabel.datastores.models import SCHEMA_VERSION, Base, SettingRow
from jlabel.errors import DatastoreError

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class Catalogue:
    """One SQLite file in write-ahead mode, shared by threads and processes.

    Commits are synced to disk, so what a method reported is there after a power cut. Writers take their turn: the
    threads of this process by a lock, other processes by SQLite's own, for which ``timeout`` seconds are waited.
    """

    def __init__(self, file: Path, timeout: float = 10.0) -> None:
        self.file = file
        self.timeout = timeout
        self._turn = threading.RLock()
        self._engine = create_engine(
            f"sqlite:///{file}", connect_args={"timeout": timeout}, json_serializer=dumps, pool_size=8, max_overflow=24
        )
        event.listen(self._engine, "connect", _set_up)
        event.listen(self._engine, "begin", _begin)
        self._writing: Engine = self._engine.execution_options(immediate=True)
        self._finishing: Engine = self._engine.execution_options(immediate=True, synchronous="NORMAL")
        weakref.finalize(self, self._engine.dispose)
        self._prepare()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that reads one consistent state."""
        with self._explained(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """A transaction that no other writer runs beside; an exception takes it back.

        One that is not ``durable`` survives a kill, but a power cut may take it back: for what can be done again.
        """
        engine = self._writing if durable else self._finishing
        with self._turn, self._explained(), engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _prepare(self) -> None:
        with self._explained():
            self._use_write_ahead_log()
            with self._engine.connect() as connection:
                found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
            if found != "ok":
                raise _Damaged(found)
            with self.write() as connection:
                Base.metadata.create_all(connection)
                for index in (index for table in Base.metadata.sorted_tables for index in table.indexes):
                    index.create(connection, checkfirst=True)  # one that a catalogue of before does not have
                version = int(get_setting(connection, "schema_version") or SCHEMA_VERSION)
                if version > SCHEMA_VERSION:
                    raise DatastoreError(
                        f"{self.file} was written by a newer jlabel (catalogue version {version}, this one knows "
                        f"{SCHEMA_VERSION}): upgrade jlabel to open it"
                    )
                set_setting(connection, "schema_version", str(SCHEMA_VERSION))

    def _use_write_ahead_log(self) -> None:
        # SQLite does not wait for others when the journal's mode changes, so two that open a new file at once would
        # fail.
        deadline = time.monotonic() + self.timeout
        while True:
            try:
                with self._engine.connect() as connection:
                    raw = connection.connection.driver_connection
                    assert raw is not None
                    raw.execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (StatementError, sqlite3.Error) as error:
            cause = error.orig if isinstance(error, StatementError) else error
            if isinstance(cause, DatastoreError):
                raise cause from error
            code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
            if code in _DAMAGED:
                raise _Damaged(str(cause), self.file) from error
            if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise DatastoreError(
                    f"{self.file}: held by another program for more than {self.timeout:g} s; try again when it is done"
                ) from error
            raise DatastoreError(f"{self.file}: the catalogue cannot be used: {cause}") from error


class _Damaged(DatastoreError):
    def __init__(self, found: str, file: Path | str = "the catalogue") -> None:
        self.found = found
        super().__init__(f"{file} is damaged ({found}): open the datastore again to have it rebuilt from the folder")


def open_catalogue(file: Path, timeout: float = 10.0) -> tuple[Catalogue, str | None]:
    """The catalogue in that file, made if there is none, and a note where a damaged one was set aside for a new one.

    Raises:
        DatastoreError: It is held by another program, cannot be written, or is of a newer version of jlabel.
    """
    try:
        return Catalogue(file, timeout), None
    except _Damaged as damage:
        aside = _set_aside(file)
        return Catalogue(file, timeout), (
            f"the catalogue was damaged ({damage.found}) and was set aside as {aside.name}; a new one was made from "
            "the folder: labels and their versions are there, what was noted about images and labels is not"
        )


def get_setting(connection: Connection, key: str) -> str | None:
    """The setting's value, or None."""
    return connection.scalar(select(SettingRow.value).where(SettingRow.key == key))


def set_setting(connection: Connection, key: str, value: str) -> None:
    """Set it, unless it has that value."""
    if get_setting(connection, key) != value:
        row = upsert(SettingRow).values(key=key, value=value)
        connection.execute(row.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


def dumps(value: Any) -> str:
    """JSON; numpy numbers and arrays become numbers and lists.

    Raises:
        DatastoreError: It holds something that JSON cannot.
    """
    try:
        return json.dumps(value, default=_plain, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise DatastoreError(f"info must be text, numbers, lists and dictionaries: {error}") from error


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is none of them")


def _set_aside(file: Path) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    aside = file.with_name(f"{file.stem}.damaged-{stamp}-{time.time_ns() % 1_000_000}{file.suffix}")
    for suffix in ("", "-wal", "-shm"):
        part = Path(f"{file}{suffix}")
        if part.exists():
            part.rename(f"{aside}{suffix}")
    return aside


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    # SQLAlchemy's events begin the transactions, not the driver: only so can a writer take its turn at the start.
    connection.isolation_level = None
    connection.create_function("casefold", 1, str.casefold, deterministic=True)
    connection.execute("PRAGMA foreign_keys=ON")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    raw = connection.connection.driver_connection
    assert raw is not None
    if options.get("immediate"):
        raw.execute(f"PRAGMA synchronous={options.get('synchronous', 'FULL')}")
    raw.execute("BEGIN IMMEDIATE" if options.get("immediate") else "BEGIN")
