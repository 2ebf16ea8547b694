"""The catalogue's database: opening it, transactions, its settings, and a damaged one set aside."""

from __future__ import annotations

import json
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, inspect, select, text, update
from sqlalchemy.exc import StatementError

from jlabel.datastores import (
    sqlite,
    team_tables,  # noqa: F401 - its tables are made with the others
)
from jlabel.datastores.safe_names import is_unicode
from jlabel.datastores.tables import SCHEMA_VERSION, Base, FeatureRow, FolderRow, ScoreRow, ScoreSetRow, SettingRow
from jlabel.errors import DatastoreError
from jlabel.files.file_operations import replace
from jlabel.files.json_values import parse_json


class Catalogue:
    """One SQLite file in write-ahead mode, shared by threads and processes.

    Commits are synced to disk, so what a method reported is there after a power cut. Writers take their turn: the
    threads of this process by a lock, other processes by SQLite's own, for which ``timeout`` seconds are waited.

    Args:
        file: The database.
        timeout: Seconds to wait for other processes that write.
        only_read: Why nothing can be written: a copy in memory is used then. None where it can.
    """

    def __init__(self, file: Path, timeout: float = 10.0, only_read: str | None = None) -> None:
        self.file = file
        self.timeout = timeout
        self.only_read = only_read
        self._turn = threading.RLock()
        self._kept: Any = None
        if only_read is None:
            self._engine: Engine = sqlite.make_engine(file, timeout, dumps)
        else:
            self._engine, self._kept = sqlite.make_memory_engine(file, dumps)
        self._writing = sqlite.writing(self._engine, durable=True)
        self._finishing = sqlite.writing(self._engine, durable=False)
        weakref.finalize(self, self._engine.dispose)
        self._prepare()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that reads one consistent state."""
        with self._explained(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self, *, durable: bool = True, found: bool = False) -> Iterator[Connection]:
        """A transaction that no other writer runs beside; an exception takes it back.

        One that is not ``durable`` survives a kill, but a power cut may take it back: for what can be done again.

        Args:
            durable: Whether a power cut must not take it back.
            found: Whether it writes down what was found in the folder, and could be found there again.

        Raises:
            DatastoreError: Nothing can be written, and it is no such thing.
        """
        if not found:
            self.check_writing()
        engine = self._writing if durable else self._finishing
        with self._turn, self._explained(), engine.begin() as connection:
            yield connection

    def check_writing(self) -> None:
        """Refuse before anything is made, where nothing can be written.

        Raises:
            DatastoreError: It says why.
        """
        if self.only_read is not None:
            raise Unwritable(self.only_read)

    def stamp(self) -> tuple[tuple[int, int] | None, ...]:
        """Something that is another whenever anybody has written; asks the file system alone."""
        if self.only_read is not None:
            return ()
        return _written(self.file), _written(Path(f"{self.file}-wal"))

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()
        if self._kept is not None:
            self._kept.close()

    def _prepare(self) -> None:
        with self._explained():
            if self.only_read is None:
                sqlite.use_write_ahead_log(self._engine, self.timeout)
            found = sqlite.damage(self._engine)
            if found is not None:
                raise _Damaged(found)
            with self.write(found=True) as connection:
                strange = sqlite.strangers(connection)
                if strange:
                    raise _Damaged(f"it holds what jlabel does not make: {', '.join(strange[:3])}")
                _upgrade(connection)
                Base.metadata.create_all(connection)
                for index in (index for table in Base.metadata.sorted_tables for index in table.indexes):
                    index.create(connection, checkfirst=True)  # one that a catalogue of before does not have
                version = _version(get_setting(connection, "schema_version"))
                if version > SCHEMA_VERSION:
                    raise DatastoreError(
                        f"{self.file} was written by a newer jlabel (catalogue version {version}, this one knows "
                        f"{SCHEMA_VERSION}): upgrade jlabel to open it"
                    )
                set_setting(connection, "schema_version", str(SCHEMA_VERSION))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite.ERRORS as error:
            cause = error.orig if isinstance(error, StatementError) else error
            if isinstance(cause, DatastoreError):
                raise cause from error
            kind = sqlite.kind_of(cause) if cause is not None else "other"
            if kind == "damaged":
                raise _Damaged(str(cause), self.file) from error
            if kind == "busy":
                raise DatastoreError(
                    f"{self.file}: held by another program for more than {self.timeout:g} s; try again when it is done"
                ) from error
            kind_of_error = Unwritable if kind == "unwritable" else DatastoreError
            raise kind_of_error(f"{self.file}: the catalogue cannot be used: {cause}") from error


def _written(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _version(kept: str | None) -> int:
    if kept is None:
        return SCHEMA_VERSION
    if not kept.isdecimal() or len(kept) > 9:
        raise _Damaged("its version is no number")
    return int(kept)


class Unwritable(DatastoreError):
    """Nothing can be written: there is no room, no permission, or the file system is only read."""


def _upgrade(connection: Connection) -> None:
    """Give a catalogue of version 1 what version 2 has: nothing in it changes, its folders are listed again.

    Version 3 has tables for scores beside those of version 2.
    """
    _drop_other_scores(connection)
    if not inspect(connection).has_table(FolderRow.__tablename__):
        return
    present = {column["name"] for column in inspect(connection).get_columns(FolderRow.__tablename__)}
    missing = [column for column in Base.metadata.tables[FolderRow.__tablename__].columns if column.name not in present]
    for column in missing:
        kind = column.type.compile(connection.dialect)
        connection.execute(text(f"ALTER TABLE {FolderRow.__tablename__} ADD COLUMN {column.name} {kind}"))
    if missing:
        connection.execute(update(FolderRow).values(mtime_ns=None))


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
            "the folder: labels and their versions are there, what was noted about images and labels is not, nor are "
            "scores"
        )


def get_setting(connection: Connection, key: str) -> str | None:
    """The setting's value, or None."""
    value = connection.scalar(select(SettingRow.value).where(SettingRow.key == key))
    return value if isinstance(value, str) else None


def get_json(connection: Connection, key: str) -> Any:
    """What a setting of JSON holds; None where there is none, or what is there is no JSON."""
    try:
        return parse_json(get_setting(connection, key) or "null")
    except ValueError:
        return None


def set_setting(connection: Connection, key: str, value: str) -> None:
    """Set it, unless it has that value."""
    if get_setting(connection, key) != value:
        connection.execute(sqlite.upsert(SettingRow, {"key": key, "value": value}, "key"))


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
