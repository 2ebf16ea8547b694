"""Statements that SQLite and PostgreSQL spell in different ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    Table,
    case,
    cast,
    false,
    func,
    inspect,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from jlabel.datastores import spelling

# What Python writes as JSON and PostgreSQL does not read, or cannot make a text of.
_NO_JSON_TO_POSTGRESQL = r"\\u0000|\\u[dD][89a-fA-F]|NaN|Infinity"


def is_postgresql(connection: Connection) -> bool:
    """Whether the database is PostgreSQL; else it is SQLite."""
    return connection.dialect.name == "postgresql"


class Upsert:
    """Rows with values of these columns, each in the place of the one that has the same keys; for many at once.

    Args:
        table: The table.
        columns: The columns that get values.
        keys: Those of them that are the key.
    """

    def __init__(self, table: Any, columns: Sequence[str], keys: Sequence[str]) -> None:
        self._statements = {
            name: _upsert(insert(table), columns, keys)
            for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
        }

    def run(self, connection: Connection, rows: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
        """Write one row, or many."""
        connection.execute(self._statements[connection.dialect.name], rows)


def _upsert(rows: Any, columns: Sequence[str], keys: Sequence[str]) -> Any:
    others = {name: rows.excluded[name] for name in columns if name not in keys}
    return rows.on_conflict_do_update(index_elements=list(keys), set_=others)


def new_keys(connection: Connection, table: Any, count: int) -> range:
    """The keys of so many new rows, which the caller inserts; no other writer may run beside."""
    key = inspect(table).primary_key[0] if not isinstance(table, Table) else table.primary_key.columns[0]
    if not is_postgresql(connection):
        first = (connection.scalar(select(func.max(key))) or 0) + 1
        return range(first, first + count)
    if count == 0:
        return range(0)
    name = func.pg_get_serial_sequence(key.table.name, key.name)
    last = int(connection.scalar(select(func.setval(name, func.nextval(name) + count - 1))) or 0)
    return range(last - count + 1, last + 1)


def follow_keys(connection: Connection, table: Table) -> None:
    """Have PostgreSQL give new rows keys after those that rows were copied with."""
    keys = list(table.primary_key.columns)
    if len(keys) != 1 or not isinstance(keys[0].type, Integer):
        return
    last = connection.scalar(select(func.max(keys[0])))
    if last is not None:
        connection.scalar(select(func.setval(func.pg_get_serial_sequence(table.name, keys[0].name), last)))


def contains(connection: Connection, column: Any, text: str) -> ColumnElement[bool]:
    """Whether a text column contains a text, in upper or lower case and in any unicode form."""
    pattern = f"%{_literally(text)}%"
    if text.isascii():
        # SQLite's LIKE takes no notice of the case of a to z, and is several times as quick as a function of ours.
        like = column.ilike if is_postgresql(connection) else column.like
        return like(pattern, escape="~")  # type: ignore[no-any-return]
    if is_postgresql(connection):
        wanted = spelling.folded(text)
        return _one_of(column, [one for one in _all(connection, column) if wanted in spelling.folded(one)])
    return func.folded(column).like(f"%{_literally(spelling.folded(text))}%", escape="~")


def is_spelling_of(connection: Connection, column: Any, name: str) -> ColumnElement[bool]:
    """Whether a text column holds a name in any spelling, see :func:`jlabel.datastores.spelling.folded`."""
    wanted = spelling.folded(name)
    if is_postgresql(connection):
        # PostgreSQL's ways to fold letters depend on how it was built: Python's own are asked, as they are for SQLite.
        return _one_of(column, [one for one in _all(connection, column) if spelling.folded(one) == wanted])
    return func.folded(column) == wanted


def _all(connection: Connection, column: Any) -> Any:
    return connection.scalars(select(column))


def _one_of(column: Any, found: list[str]) -> ColumnElement[bool]:
    # One array, however many there are: a statement takes 65,535 parameters.
    return column == func.any(cast(found, postgresql.ARRAY(String))) if found else false()


def with_index(query: Select[Any], table: Any, index: str) -> Select[Any]:
    """The query, which takes that index of a table where SQLite would take another; PostgreSQL chooses by itself."""
    return query.with_hint(table, f"INDEXED BY {index}", "sqlite")


def value_of_json(connection: Connection, column: Any, key: str) -> tuple[ColumnElement[Any], ColumnElement[bool]]:
    """What a JSON column has under a key, as text, and whether the database cannot tell."""
    if not is_postgresql(connection):
        return column[key].as_string(), false()
    text = type_coerce(column, String)
    unread = text.regexp_match(_NO_JSON_TO_POSTGRESQL)
    return case((~unread, cast(text, JSON).op("->>")(key)), else_=None), unread


def may_have(connection: Connection, column: Any, key: str) -> ColumnElement[bool]:
    """A condition that rows meet whose JSON has a key of plain letters, and PostgreSQL's without it mostly do not."""
    if not is_postgresql(connection) or not _is_plain(key):
        return true()
    return type_coerce(column, String).contains(f'"{key}"', autoescape=True)


def part_of_json(connection: Connection, column: Any, key: str) -> tuple[ColumnElement[Any], ColumnElement[bool]]:
    """What a JSON column has under a key, as text, and whether that is all of the column instead.

    It is where the column holds what is no JSON to the database, such as NaN: whoever reads it looks for the key.
    """
    text = type_coerce(column, String)
    if not is_postgresql(connection):
        valid = func.json_valid(column) == 1
        return case((valid, column[key].as_string()), else_=text), ~valid
    found, unread = value_of_json(connection, column, key)
    return case((unread, text), else_=found), unread


class listed(FunctionElement[str]):
    """The numbers of a column as one text, with commas."""

    inherit_cache = True
    type = String()


class is_whole_number(FunctionElement[bool]):
    """Whether a column of whole numbers holds one: SQLite's columns take any value."""

    inherit_cache = True


class first_line(FunctionElement[str]):
    """A text up to the end of its first line."""

    inherit_cache = True
    type = String()


@compiles(listed)
def _listed(element: Any, compiler: Any, **options: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **options)})"


@compiles(listed, "postgresql")
def _listed_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"string_agg(CAST({compiler.process(element.clauses, **options)} AS TEXT), ',')"


@compiles(is_whole_number)
def _is_whole_number(element: Any, compiler: Any, **options: Any) -> str:
    return f"typeof({compiler.process(element.clauses, **options)}) = 'integer'"


@compiles(is_whole_number, "postgresql")
def _is_whole_number_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"{compiler.process(element.clauses, **options)} IS NOT NULL"


@compiles(first_line)
def _first_line(element: Any, compiler: Any, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f"substr({text}, 1, instr({text}, char(10)))"


@compiles(first_line, "postgresql")
def _first_line_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f"substr({text}, 1, strpos({text}, chr(10)))"


def _is_plain(key: str) -> bool:
    """Whether JSON writes a text as it is."""
    return key.isascii() and key.isprintable() and not {'"', "\\"} & {*key}


def _literally(text: str) -> str:
    return "".join(f"~{letter}" if letter in "~%_" else letter for letter in text)
