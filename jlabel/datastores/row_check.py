"""Rows of a catalogue that came with a folder: those that jlabel cannot have written are taken out, and named.

A database takes any value in any column, and a path in a row would be read, written or removed. Rows are looked for in
the database, so that a large catalogue of jlabel's own costs a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, text

from jlabel.datastores import score_queue
from jlabel.datastores.database.statements import is_postgresql
from jlabel.datastores.image_queue import chunks
from jlabel.datastores.safe_names import is_extension, problem_with_id
from jlabel.files.json_values import LATEST, finite, parse_json

_MOST_NAMED = 5
_LARGEST = 2**62


def take_out_bad_rows(connection: Connection) -> list[str]:
    """Take out rows with names that lead elsewhere or values of another type; returns what was done, in words.

    Args:
        connection: A writing transaction.
    """
    if is_postgresql(connection):
        return []  # its columns take values of their own type alone, and it does not come with a folder
    connection.execute(text("PRAGMA defer_foreign_keys=ON"))
    bad_settings = _keys(connection, "setting", "rowid", "typeof(key) != 'text' OR typeof(value) != 'text'")
    _delete(connection, "setting", "rowid", bad_settings)
    bad_folders = _bad_folders(connection)
    _delete(connection, "folder", "rowid", bad_folders)
    images = _bad_images(connection)
    labels = _bad_labels(connection)
    named = [*images.values(), *labels.values()]
    _delete(connection, "image", "pk", images)
    _delete(connection, "label", "pk", labels)
    connection.execute(text("DELETE FROM label WHERE image_pk NOT IN (SELECT pk FROM image)"))
    versions = _bad_versions(connection)
    _delete(connection, "version", "pk", versions)
    connection.execute(text("DELETE FROM version WHERE label_pk NOT IN (SELECT pk FROM label)"))
    _mend_values(connection)
    _take_out_bad_team_rows(connection)
    bad_sets = _bad_score_sets(connection)
    _delete(connection, "score_set", "pk", bad_sets)
    if images or bad_sets:
        # The others are not looked through: values of another type are passed by where they are read.
        connection.execute(text("DELETE FROM score WHERE set_pk NOT IN (SELECT pk FROM score_set)"))
        for table in ("score", "feature"):
            connection.execute(text(f"DELETE FROM {table} WHERE image_pk NOT IN (SELECT pk FROM image)"))
        score_queue.count(connection)
    notes = []
    if named or versions or bad_settings or bad_folders or bad_sets:
        # What they stood for is found again, under a name of its own, where it is there.
        connection.execute(text("UPDATE folder SET mtime_ns = NULL"))
        shown = ", ".join(named[:_MOST_NAMED]) + (", …" if len(named) > _MOST_NAMED else "")
        count = len(named) + len(versions) + len(bad_settings) + len(bad_folders) + len(bad_sets)
        notes.append(
            f"{count} entries of the catalogue are none that jlabel writes and were taken out"
            + (f": {shown}" if shown else "")
        )
    return notes


def _bad_folders(connection: Connection) -> set[Any]:
    """Of folders that are taken out, the next look into the studies makes new ones."""
    types = "typeof(mtime_ns) NOT IN ('integer', 'null')"
    columns = {row[1] for row in connection.execute(text("PRAGMA table_info(folder)"))} & {"contents", "left_out"}
    types += "".join(f" OR typeof({column}) NOT IN ('text', 'null')" for column in sorted(columns))
    found = set(_unsafe(connection, "folder", "rowid", ["path"], lambda row: not _is_path(row[0]), types))
    if "left_out" in columns:
        query = text("SELECT rowid, left_out FROM folder WHERE left_out IS NOT NULL")
        found.update(key for key, value in connection.execute(query) if not _is_left_out(value))
    return found


def _is_left_out(value: object) -> bool:
    """Whether it is what a listing notes of files that were passed over: reason, count and names."""
    try:
        kept = parse_json(value) if isinstance(value, str) else None
    except ValueError:
        return False
    return isinstance(kept, list) and all(
        isinstance(one, list)
        and len(one) == 3
        and isinstance(one[0], str)
        and finite(one[1], 0, _LARGEST) is not None
        and isinstance(one[2], list)
        for one in kept
    )


def _bad_images(connection: Connection) -> dict[Any, str]:
    def bad(row: Any) -> bool:
        image_id, path, folder = row
        return problem_with_id(image_id) is not None or not _is_path(path) or not _is_path(folder)

    types = "typeof(state) != 'integer' OR state NOT IN (0, 1, 2) OR typeof(pk) != 'integer'"
    return _unsafe(connection, "image", "pk", ["id", "path", "folder"], bad, types)


def _bad_labels(connection: Connection) -> dict[Any, str]:
    numbers = " OR ".join(f"typeof({name}) != 'integer'" for name in ("image_pk", "pending", "size", "mtime_ns"))
    types = f"{numbers} OR typeof(number) NOT IN ('integer', 'null') OR number < 1 OR number > {_LARGEST}"
    return _unsafe(connection, "label", "pk", ["tag"], lambda row: problem_with_id(row[0]) is not None, types)


def _bad_versions(connection: Connection) -> dict[Any, str]:
    types = (
        f"typeof(label_pk) != 'integer' OR typeof(number) != 'integer' OR number < 1 OR number > {_LARGEST} "
        "OR typeof(size) != 'integer' OR size < 0"
    )
    exts = [row[0] for row in connection.execute(text("SELECT DISTINCT ext FROM version"))]
    wrong = [ext for ext in exts if not is_extension(ext)]
    found = dict.fromkeys(_keys(connection, "version", "pk", types), "")
    for ext in wrong:
        found |= {
            row[0]: "" for row in connection.execute(text("SELECT pk FROM version WHERE ext IS :ext"), {"ext": ext})
        }
    return found


def _bad_score_sets(connection: Connection) -> list[Any]:
    numbers = " OR ".join(
        f"typeof({name}) != 'integer' OR NOT ({name} BETWEEN 0 AND {_LARGEST})"
        for name in ("pk", "version", "images", "waiting")
    )
    return _keys(connection, "score_set", "pk", f"typeof(method) != 'text' OR typeof(model) != 'text' OR {numbers}")


def _take_out_bad_team_rows(connection: Connection) -> None:
    """Who works on what is no work: rows that make no sense, or are of no image, go without a word."""
    for table, (texts, times) in _TEAM_COLUMNS.items():
        wrong = [f"typeof({name}) != 'text'" for name in texts]
        wrong += [f"typeof({name}) NOT IN ('real', 'integer') OR NOT ({name} BETWEEN 0 AND {LATEST})" for name in times]
        wrong.append("image_pk NOT IN (SELECT pk FROM image)")
        connection.execute(text(f"DELETE FROM {table} WHERE {' OR '.join(wrong)}"))
    voxels = " OR ".join(f"typeof({axis}) NOT IN ('integer', 'null')" for axis in "ijk")
    verdicts = "verdict NOT IN ('accepted', 'sent_back') OR typeof(number) != 'integer'"
    connection.execute(text(f"DELETE FROM review WHERE {voxels} OR {verdicts}"))
    connection.execute(text("DELETE FROM lease WHERE purpose NOT IN ('label', 'review', 'reading')"))
    connection.execute(text("DELETE FROM reading WHERE typeof(reader) NOT IN ('text', 'null')"))


_TEAM_COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "lease": (("holder", "session", "purpose"), ("since", "until")),
    "review": (("tag", "reviewer", "verdict", "comment"), ("time",)),
    "reading": ((), ()),
    "note": (("author", "text"), ("time",)),
}


def _mend_values(connection: Connection) -> None:
    """Values that say nothing else wrong: what was noted is forgotten, a time that is none becomes 1970."""
    for table in ("image", "version"):
        connection.execute(
            text(
                f"UPDATE {table} SET info = '{{}}' WHERE CASE WHEN typeof(info) = 'text' AND json_valid(info) "
                "THEN json_type(info) != 'object' ELSE 1 END"
            )
        )
    connection.execute(
        text(
            "UPDATE version SET time = 0 "
            f"WHERE typeof(time) NOT IN ('real', 'integer') OR NOT (time BETWEEN 0 AND {LATEST})"
        )
    )
    for column in ("author", "sha256"):
        connection.execute(text(f"UPDATE version SET {column} = NULL WHERE typeof({column}) NOT IN ('text', 'null')"))
    connection.execute(
        text(
            "UPDATE label SET number = NULL, pending = 0 WHERE number IS NOT NULL AND NOT EXISTS "
            "(SELECT 1 FROM version WHERE version.label_pk = label.pk AND version.number = label.number)"
        )
    )


def _unsafe(
    connection: Connection, table: str, key: str, columns: list[str], bad: Callable[[Any], bool], types: str = "0"
) -> dict[Any, str]:
    """The keys of rows with such names, and how they are called; the database looks for what may be one."""
    suspicious = " OR ".join(_suspicious(column) for column in columns)
    query = f"SELECT {key}, {', '.join(columns)}, ({types}) FROM {table} WHERE {types} OR {suspicious}"
    rows = connection.execute(text(query))
    return {row[0]: f"{table} {str(row[1])[:100]!r}" for row in rows if row[-1] or bad(row[1:-1])}


def _suspicious(column: str) -> str:
    return (
        f"typeof({column}) != 'text' OR {column} LIKE '.%' OR {column} LIKE '%/.%' OR {column} LIKE '/%' "
        f"OR {column} LIKE '%//%' OR {column} LIKE '%/' OR instr({column}, char(92)) OR instr({column}, char(0))"
    )


def _is_path(value: object) -> bool:
    """Whether it is what a row may have as a path: "" and "." are the top."""
    return isinstance(value, str) and (value in ("", ".") or problem_with_id(value) is None)


def _keys(connection: Connection, table: str, key: str, where: str) -> list[Any]:
    return [row[0] for row in connection.execute(text(f"SELECT {key} FROM {table} WHERE {where}"))]


def _delete(connection: Connection, table: str, key: str, keys: Iterable[Any]) -> None:
    for chunk in chunks(keys):
        for one in chunk:
            connection.execute(text(f"DELETE FROM {table} WHERE {key} IS :key"), {"key": one})
