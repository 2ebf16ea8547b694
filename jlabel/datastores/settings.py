"""What everybody who works on a folder shares beside images and labels, as the catalogue keeps it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection

from jlabel.datastores.catalogue import dumps
from jlabel.datastores.setting_rows import get_json, set_setting


def find(connection: Connection, name: str) -> dict[str, Any] | None:
    """What is kept under the name; None, too, where it is no such thing."""
    kept = get_json(connection, _key(name))
    return kept if isinstance(kept, dict) else None


def change(
    connection: Connection, name: str, make: Callable[[dict[str, Any] | None], Mapping[str, Any] | None]
) -> dict[str, Any] | None:
    """Keep what ``make`` makes of it; returns it as it is kept."""
    set_setting(connection, _key(name), dumps(make(find(connection, name))))
    return find(connection, name)


def _key(name: str) -> str:
    # The label set was there before other settings; the catalogue's own keys are never met.
    return name if name == "label_set" else f"setting:{name}"
