"""The types of the catalogue's columns: what SQLite has, and what PostgreSQL needs so that it behaves alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import JSON, BigInteger, Dialect, Integer, String, Text
from sqlalchemy.types import TypeDecorator


class JsonText(TypeDecorator[Any]):
    """JSON, kept as the text that was written.

    A JSON type of a database takes neither NaN nor a NUL character, which images come with.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """The text."""
        return _function(dialect, "_json_serializer")(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """What the text holds."""
        return _function(dialect, "_json_deserializer")(value)


def _function(dialect: Dialect, name: str) -> Callable[[Any], Any]:
    """One of those that the engine was made with."""
    found: Callable[[Any], Any] = getattr(dialect, name)
    return found


#: Texts in the order of their characters' numbers, which is SQLite's own order, whatever the language of the database.
TEXT = String().with_variant(String(collation="C"), "postgresql")
JSON_TEXT = JSON().with_variant(JsonText(), "postgresql")
#: Sizes and times in nanoseconds; SQLite's integers have 64 bits.
LARGE = Integer().with_variant(BigInteger(), "postgresql")
