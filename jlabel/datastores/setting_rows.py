"""The facts about a whole catalogue: its settings, by their names."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from jlabel.datastores.database.statements import Upsert
from jlabel.datastores.tables import SettingRow
from jlabel.files.json_values import parse_json

_SAVE = Upsert(SettingRow, ("key", "value"), ("key",))


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
        _SAVE.run(connection, {"key": key, "value": value})
