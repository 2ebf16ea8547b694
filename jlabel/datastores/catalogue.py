"""The catalogue: its database opened, transactions, and a damaged file set aside."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import StatementError

from jlabel.datastores.catalogue_schema import bring_up_to_date, kept_version
from jlabel.datastores.database.address import PostgresAddress
from jlabel.datastores.database.base import Database
from jlabel.datastores.database.problems import DamagedError, Unavailable, Unwritable
from jlabel.datastores.database.sqlite import SqliteDatabase
from jlabel.datastores.safe_names import is_unicode
from jlabel.datastores.tables import SCHEMA_VERSION
from jlabel.errors import DatastoreError
from jlabel.files.file_operations import replace


class Catalogue:
    """A database in an SQLite file or on a PostgreSQL server, shared by threads and processes.

    Commits are synced to disk, so what a method reported is there after a power cut. Writers take their turn: the
    threads of this process by a lock, other processes by the database's own, for which ``timeout`` seconds are waited.

    Args:
        address: The file, or where it is on a server.
        timeout: Seconds to wait for other processes that write.
        only_read: Why nothing can be written: a copy in memory is used then. None where it can.

    Raises:
        DatastoreError: It is held by another program, cannot be reached or written, or is of a newer jlabel.
    """

    def __init__(self, address: Path | PostgresAddress, timeout: float = 10.0, only_read: str | None = None) -> None:
        self.address = address
        self.timeout = timeout
        self.only_read = only_read
        self._turn = threading.RLock()
        self._database = open_database(address, timeout, in_memory=only_read is not None)
        try:
            self._prepare()
        except BaseException:
            self._database.close()
            raise

    @property
    def database(self) -> Database:
        """The database that it is in now."""
        return self._database

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that reads one consistent state."""
        with explained(self._database), self._database.read() as connection:
            yield connection

    @contextmanager
    def write(self, *, durable: bool = True, found: bool = False, alone: bool = True) -> Iterator[Connection]:
        """A transaction that no other writer runs beside; an exception takes it back.

        One that is not ``durable`` survives a kill, but a power cut may take it back: for what can be done again.

        Args:
            durable: Whether a power cut must not take it back.
            found: Whether it writes down what was found in the folder, and could be found there again.
            alone: Whether others that write wait for it. A server lets those that need not be alone write beside it,
                as long as they write to other rows; a file lets nobody.

        Raises:
            DatastoreError: Nothing can be written, and it is no such thing.
        """
        if not found:
            self.check_writing()
        if not alone and isinstance(self.address, PostgresAddress):
            with explained(self._database), self._database.write(durable=durable, alone=False) as connection:
                yield connection
            return
        with self._turn, explained(self._database), self._database.write(durable=durable) as connection:
            yield connection

    def check_writing(self) -> None:
        """Refuse before anything is made, where nothing can be written.

        Raises:
            DatastoreError: It says why.
        """
        if self.only_read is not None:
            raise Unwritable(self.only_read)

    def stamp(self) -> Hashable:
        """Something that is another whenever anybody has written; what it was last, where a server cannot be asked."""
        return self._database.stamp()

    def close(self) -> None:
        """Close the connections."""
        self._database.close()

    def go_to(self, address: Path | PostgresAddress) -> None:
        """Go on with another database, to which the catalogue was moved.

        Raises:
            DatastoreError: It cannot be opened; this one is closed then.
        """
        with self._turn:
            self._database.close()
            self.address = address
            self._database = open_database(address, self.timeout)
            self._prepare()

    def _prepare(self) -> None:
        database = self._database
        with explained(database):
            database.prepare()
            if isinstance(self.address, PostgresAddress):
                # Nobody waits for the writers' turn where there is nothing to be written.
                with database.read() as connection:
                    if kept_version(connection) == SCHEMA_VERSION:
                        return
            with self.write(found=True) as connection:
                strange = database.strangers(connection)
                if strange:
                    raise DamagedError(f"it holds what jlabel does not make: {', '.join(strange[:3])}")
                bring_up_to_date(connection, database.place)


def open_database(address: Path | PostgresAddress, timeout: float, in_memory: bool = False) -> Database:
    """The database at an address.

    Raises:
        DatastoreError: What speaks with such a server is not installed.
    """
    if isinstance(address, Path):
        return SqliteDatabase(address, dumps, timeout, in_memory)
    try:
        from jlabel.datastores.database.postgresql import PostgresDatabase
    except ImportError as error:
        raise DatastoreError(
            f"{address}: psycopg is missing, with which jlabel speaks with PostgreSQL: "
            f'pip install "jlabel[postgresql]" ({error})'
        ) from error
    return PostgresDatabase(address, dumps, timeout)


@contextmanager
def explained(database: Database) -> Iterator[None]:
    """Errors of the database become those of a datastore, which say what is wrong and what to do."""
    try:
        yield
    except database.errors as error:
        cause = error.orig if isinstance(error, StatementError) else error
        if isinstance(cause, DatastoreError):
            raise cause from error
        problem = database.problem(error)
        if problem.kind == "damaged":
            raise DamagedError(problem.text, database.place) from error
        kinds = {"unwritable": Unwritable, "unavailable": Unavailable}
        raise kinds.get(problem.kind, DatastoreError)(problem.text) from error


def open_catalogue(address: Path | PostgresAddress, timeout: float = 10.0) -> tuple[Catalogue, str | None]:
    """The catalogue at that address, made if there is none, and a note where a damaged file was set aside for another.

    Raises:
        DatastoreError: It is held by another program, cannot be written, or is of a newer version of jlabel.
    """
    try:
        return Catalogue(address, timeout), None
    except DamagedError as damage:
        if not isinstance(address, Path):
            raise
        aside = _set_aside(address)
        return Catalogue(address, timeout), (
            f"the catalogue was damaged ({damage.found}) and was set aside as {aside.name}; a new one was made from "
            "the folder: labels and their versions are there, what was noted about images and labels is not, nor are "
            "scores"
        )


def dumps(value: Any) -> str:
    """JSON; numpy numbers and arrays become numbers and lists.

    Raises:
        DatastoreError: It holds something that JSON cannot.
    """
    try:
        text = json.dumps(value, default=_plain, ensure_ascii=False)
        # Half of a pair of surrogates is no letter that a database takes.
        return text if is_unicode(text) else json.dumps(value, default=_plain)
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
            replace(part, Path(f"{aside}{suffix}"))
    return aside
