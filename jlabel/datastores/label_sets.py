"""The label set that people work with, as the catalogue keeps it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection

from jlabel.datastores.catalogue import dumps, get_setting, set_setting

_KEY = "label_set"


def find(connection: Connection) -> dict[str, Any] | None:
    """What is kept, or None."""
    kept = json.loads(get_setting(connection, _KEY) or "null")
    return kept if isinstance(kept, dict) else None


def change(
    connection: Connection, make: Callable[[dict[str, Any] | None], Mapping[str, Any] | None]
) -> dict[str, Any] | None:
    """Keep what ``make`` makes of it; returns it as it is kept."""
    set_setting(connection, _KEY, dumps(make(find(connection))))
    return find(connection)
