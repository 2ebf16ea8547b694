"""A catalogue in a PostgreSQL database, through psycopg."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection, Engine, RootTransaction, Table, create_engine, event
from sqlalchemy.exc import StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from jlabel.datastores.database.address import PostgresAddress
from jlabel.datastores.database.base import Database, Problem, noted
from jlabel.datastores.database.passwords import find_password, kept_password
from jlabel.datastores.database.postgresql_errors import GRANT, explain, is_gone, lacks_password
from jlabel.datastores.database.problems import MovedError, Unavailable

# Seconds until a server that does not answer counts as gone; a query may take longer, as long as the network is there.
_NETWORK = {
    "connect_timeout": 5,
    "tcp_user_timeout": 20_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "application_name": "jlabel",
    "client_encoding": "utf8",
}
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
# One lock for each catalogue; the first number stands for jlabel.
_TURN = "SELECT pg_advisory_xact_lock(1784897, hashtext(current_schema()))"
_PLACE = "SELECT value FROM setting WHERE key = 'moved'"
# A row tells whether anybody has written. A sequence would tell it before the commit.
_COUNT = (
    "UPDATE setting SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) "
    "WHERE key = 'written' AND txid_current_if_assigned() IS NOT NULL"
)
_STAMP = "SELECT value FROM setting WHERE key = 'written'"
# libpq knows it from this version on.
_REQUIRES_AUTH = 160_000


class PostgresDatabase(Database):
    """One schema of a database; connections are kept for the next transactions.

    Who writes holds a lock of the catalogue, for which ``timeout`` seconds are waited. A connection that has died since
    it was used last is replaced; where one dies in a transaction, that transaction fails, and the next one works.

    Args:
        address: Where it is.
        dumps: Writes JSON.
        timeout: Seconds to wait for others that write.

    Attributes:
        has_tables: Whether the catalogue's tables are there.
    """

    errors = (StatementError, psycopg.Error, PoolTimeoutError)

    def __init__(self, address: PostgresAddress, dumps: Callable[[Any], str], timeout: float) -> None:
        self.address = address
        self.place = str(address)
        self._timeout = timeout
        self._password: str | None = None
        self._stamp: Hashable = None
        self.has_tables = False
        self.engine = create_engine(
            "postgresql+psycopg://",
            creator=self._connect,
            # The transactions are begun by an event, which takes the lock in the same message.
            isolation_level="AUTOCOMMIT",
            use_native_hstore=False,
            json_serializer=dumps,
            json_deserializer=noted,
            # What a kernel keeps open: a server takes a hundred connections as it is installed.
            pool_size=3,
            max_overflow=29,
        )
        event.listen(self.engine, "begin", _begin)
        wait = f"BEGIN; SET LOCAL lock_timeout = {max(1, round(timeout * 1000))}"
        self._reading = self.engine.execution_options(begin=_READ)
        self._writing = {
            (durable, alone): self.engine.execution_options(begin=_first_words(wait, durable, alone), place=self)
            for durable in (True, False)
            for alone in (True, False)
        }
        weakref.finalize(self, self.engine.dispose)

    def prepare(self) -> None:
        """Make the schema, where it is missing."""
        with self.engine.connect() as connection:
            raw = _raw(connection)
            name = self.address.schema
            if name is not None:
                query = "SELECT 1 FROM pg_namespace WHERE nspname = %s"
                if raw.execute(query, (name,)).fetchone() is None:
                    raw.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(name)))
            if raw.execute("SELECT current_schema()").fetchone() == (None,):
                raise Unavailable(f"{self.place}: the user has not the rights to use a schema there. {GRANT}")
            self._look_for_tables(connection)

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """See :meth:`Database.read`."""
        connection, transaction = self._begun(self._reading)
        with connection, self._committed(transaction):
            yield connection

    @contextlib.contextmanager
    def write(self, *, durable: bool = True, alone: bool = True) -> Iterator[Connection]:
        """See :meth:`Database.write`. Not alone, it waits only for those that write to the same rows.

        Raises:
            MovedError: The catalogue was moved since it was opened.
            Unavailable: The connection died at the commit.
        """
        connection, transaction = self._begun(self._writing[durable, alone])
        with connection, self._committed(transaction):
            yield connection
            if not self.has_tables:
                self._look_for_tables(connection)
            if self.has_tables:
                _raw(connection).execute(_COUNT)

    @contextlib.contextmanager
    def _committed(self, transaction: RootTransaction) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            if is_gone(error):
                transaction.connection.invalidate(error)
            with contextlib.suppress(*self.errors):
                transaction.rollback()
            if not is_gone(error):
                raise
            raise Unavailable(
                f"{self.place}: the database went away while it was used; nothing was saved. Try again when it is back"
            ) from error
        try:
            transaction.commit()
        except self.errors as error:
            if not is_gone(error):
                raise
            raise Unavailable(
                f"{self.place}: the database went away in the moment of saving, and did not say whether it has saved. "
                "Look when it is back, and save again"
            ) from error

    def stamp(self) -> Hashable:
        """Asks the server; what it said last where it cannot be asked."""
        with contextlib.suppress(*self.errors), self.engine.connect() as connection:
            try:
                self._stamp = _raw(connection).execute(_STAMP).fetchone()
            except psycopg.Error as error:
                connection.invalidate(error)
        return self._stamp

    def problem(self, error: BaseException) -> Problem:
        """See :meth:`Database.problem`."""
        return explain(error, self.place, self._timeout)

    def close(self) -> None:
        """See :meth:`Database.close`."""
        self.engine.dispose()

    def _begun(self, engine: Engine) -> tuple[Connection, RootTransaction]:
        """A connection with a transaction that has begun; once more where the connection had died meanwhile."""
        for again in (True, False):
            connection = engine.connect()
            try:
                return connection, connection.begin()
            except psycopg.Error as error:
                dead = is_gone(error) or _raw(connection).closed
                if dead:
                    connection.invalidate(error)
                connection.close()
                if not (again and dead):
                    raise
                # The server was started again, or had enough of idle connections: the others are dead, too.
                self.engine.dispose()
            except BaseException:
                connection.close()
                raise
        raise AssertionError("unreachable: the second time the error is passed on")

    def _look_for_tables(self, connection: Connection) -> None:
        self.has_tables = _raw(connection).execute("SELECT to_regclass('setting')").fetchone() != (None,)

    def _connect(self) -> psycopg.Connection[Any]:
        given = find_password(self.address.who, self.address.password) or self._password
        try:
            return self._connected(given)
        except psycopg.OperationalError as error:
            if given is not None or not lacks_password(error):
                raise
            found = kept_password(self.address.who)
            if found is None:
                raise
        connection = self._connected(found)
        self._password = found
        return connection

    def _connected(self, password: str | None) -> psycopg.Connection[Any]:
        parameters = {**_NETWORK, **self.address.parameters()}
        if self.address.schema is not None:
            parameters["options"] = f"{parameters.get('options', '')} -c search_path={self.address.schema}".strip()
        if self.address.from_folder and psycopg.pq.version() >= _REQUIRES_AUTH:
            # A folder may come from anybody: a server that it names does not get a password to read.
            parameters["require_auth"] = "!password"
        if password is not None:
            parameters["password"] = password
        return psycopg.connect(**parameters)


def copy_in(connection: Connection, table: Table, chunks: Iterable[Sequence[Sequence[Any]]]) -> None:
    """Write many rows into a table, as a part of a transaction."""
    names = SQL(", ").join(Identifier(column.name) for column in table.columns)
    query = SQL("COPY {} ({}) FROM STDIN").format(Identifier(table.name), names)
    with _raw(connection).cursor() as cursor, cursor.copy(query) as copy:
        for chunk in chunks:
            for row in chunk:
                copy.write_row(row)


def _first_words(wait: str, durable: bool, alone: bool) -> str:
    words = [wait, "" if durable else "SET LOCAL synchronous_commit = off", _TURN if alone else ""]
    return "; ".join(word for word in words if word)


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if "begin" not in options:
        return
    database: PostgresDatabase | None = options.get("place")
    checked = database is not None and database.has_tables and database.follows_moves
    # Several statements in one message cannot be prepared.
    answer = _raw(connection).execute(f"{options['begin']}; {_PLACE}" if checked else options["begin"], prepare=False)
    while answer.nextset():
        pass
    moved = answer.fetchone() if checked else None
    if database is not None and moved is not None:
        raise MovedError(database.place, moved[0])


def _raw(connection: Connection) -> psycopg.Connection[Any]:
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    return raw
