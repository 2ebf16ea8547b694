"""The address of a catalogue: the path of an SQLite file, or where it is on a PostgreSQL server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from jlabel.errors import DatastoreError

_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_SECRETS = ("password", "sslpassword", "oauth_client_secret")
# What an address may say that stands in a file, which somebody else may have written: nothing that names other files,
# but for the folder of a local socket.
_PLAIN = {"schema", "host", "port", "sslmode", "application_name", "connect_timeout", "target_session_attrs"}


@dataclass(frozen=True)
class PostgresAddress:
    """Where a catalogue is on a PostgreSQL server.

    Attributes:
        url: SQLAlchemy's, without a password.
        schema: The schema that its tables are in; None for the connection's own.
        password: As it was given with the address; None where it was not. It is never shown or kept.
        from_folder: Whether a studies folder named it, and not a person.
    """

    url: URL
    schema: str | None = None
    password: str | None = field(default=None, repr=False, compare=False)
    from_folder: bool = field(default=False, repr=False, compare=False)

    def __str__(self) -> str:
        url = self.url if self.schema is None else self.url.update_query_dict({"schema": self.schema})
        return url.render_as_string(hide_password=True)

    def __reduce__(self) -> tuple[Any, ...]:
        # Where it is sent to, the password is found by other ways than this.
        return parse_address, (str(self),)

    @property
    def who(self) -> str:
        """The user and the database, as passwords are kept by: ``user@host:port/database``."""
        url = self.url
        host = url.host or _text(url.query.get("host")) or "localhost"
        return f"{url.username or ''}@{host}:{url.port or 5432}/{url.database or ''}"

    @property
    def location(self) -> tuple[str, str | None]:
        """What is the same for all users of one catalogue."""
        return self.who.partition("@")[2], self.schema

    def parameters(self) -> dict[str, Any]:
        """What libpq connects with, but for the password."""
        url = self.url
        named = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database}
        return {name: value for name, value in {**named, **_texts(url.query)}.items() if value is not None}


def parse_address(text: str | Path, *, from_folder: bool = False) -> Path | PostgresAddress:
    """The address that a text means: ``postgresql://user@host:port/database?schema=name``, or a path.

    Args:
        text: As a person typed it.
        from_folder: Whether it stands in a studies folder, which anybody may have written.

    Raises:
        DatastoreError: It is none.
    """
    if isinstance(text, Path) or "://" not in text:
        return Path(text).expanduser()
    scheme = text.partition("://")[0]
    if scheme not in _SCHEMES:
        raise DatastoreError(
            f"a catalogue cannot be at an address that begins with {scheme[:40]!r}: give "
            "postgresql://user@host/database, or the path of a file"
        )
    try:
        url = make_url(text)
        query = _texts(url.query)
    except (ArgumentError, ValueError):
        # Without the text, which may hold a password.
        raise DatastoreError(
            "the address of the catalogue cannot be understood: it is written postgresql://user@host:port/database, "
            "with special characters as %40 and the like"
        ) from None
    schema = query.pop("schema", None)
    if schema is not None and not _NAME.fullmatch(schema):
        raise DatastoreError(f"{schema[:80]!r} cannot be the schema of a catalogue: use letters, digits and _")
    secrets = [query.pop(name) for name in _SECRETS if name in query]
    strange = {*query} - _PLAIN
    if from_folder and (strange or secrets or url.password):
        raise DatastoreError(
            f"the address of the catalogue that the folder names says more than it may ({', '.join(sorted(strange))}): "
            "give the address yourself, catalogue='postgresql://…'"
        )
    password = url.password if url.password is not None else (secrets[0] if secrets else None)
    plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database, query)
    return PostgresAddress(plain, schema, None if password is None else str(password), from_folder)


def can_be_kept(address: PostgresAddress) -> bool:
    """Whether a studies folder can name the address so that it is found there again."""
    return {*address.url.query} <= _PLAIN


def _texts(query: Mapping[str, tuple[str, ...] | str]) -> dict[str, str]:
    return {name: _text(value) for name, value in query.items()}


def _text(value: tuple[str, ...] | str | None) -> str:
    return "" if value is None else value if isinstance(value, str) else value[-1]
