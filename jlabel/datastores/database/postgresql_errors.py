"""What the errors of PostgreSQL mean, and what to do about them."""

from __future__ import annotations

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from jlabel.datastores.database.base import Problem

_BUSY = ("55P03", "40P01", "40001")
_GONE = ("57P01", "57P02", "57P03", "57P05", "08000", "08001", "08003", "08004", "08006")
_FULL = ("53100", "53200")
_MANY = "53300"
_READ_ONLY = "25006"
_RIGHTS = "42501"
_NO_DATABASE = "3D000"
_PASSWORD = ("28P01",)
_LOGIN = "28000"
#: What gives a user the rights.
GRANT = "Its administrator can give them: GRANT CREATE, USAGE ON SCHEMA … TO …"


def explain(error: BaseException, place: str, timeout: float) -> Problem:
    """The kind of an error, and what a person is told.

    Args:
        error: psycopg's, or SQLAlchemy's with psycopg's in it.
        place: The address, without a password.
        timeout: How many seconds were waited for others that write.
    """
    if isinstance(error, PoolTimeoutError):
        return Problem("busy", f"{place}: too many threads use the catalogue at once; try again")
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(cause, "sqlstate", None) or ""
    said = _first_line(cause)
    if state in _BUSY:
        text = f"held by another program for more than {timeout:g} s; try again when it is done"
        return Problem("busy", f"{place}: {text}")
    if state in _FULL:
        return Problem("unwritable", f"{place}: the server of the catalogue has no room: {said}")
    if state == _READ_ONLY:
        return Problem(
            "unwritable", f"{place}: the database can only be read; give the address of the one that is written"
        )
    if state == _RIGHTS:
        return Problem("unavailable", f"{place}: the user has not the rights: {said}. {GRANT}")
    if isinstance(cause, psycopg.OperationalError) or is_gone(error):
        return Problem("unavailable", f"{place}: {_of_connection(error, state, said)}")
    return Problem("other", f"{place}: the catalogue cannot be used: {said}")


def is_gone(error: BaseException) -> bool:
    """Whether the connection has died."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (error.orig is not None and is_gone(error.orig))
    return isinstance(error, psycopg.OperationalError) and (getattr(error, "sqlstate", None) or "08006") in _GONE


def lacks_password(error: BaseException) -> bool:
    """Whether a server wants a password, and none was given."""
    return "no password supplied" in str(error)


def _of_connection(error: BaseException, state: str, said: str) -> str:
    """Why there is no connection. Where one is refused, libpq gives the server's words and no code."""
    if state in _PASSWORD or "password authentication failed" in said:
        return "the server refuses the password: see JLABEL_CATALOGUE_PASSWORD, ~/.pgpass or the keyring"
    if lacks_password(error):
        return "the server wants a password: set JLABEL_CATALOGUE_PASSWORD, or add a line to ~/.pgpass"
    if state == _NO_DATABASE or ('database "' in said and "does not exist" in said):
        return f"there is no such database: {said}. Its administrator can make it: CREATE DATABASE …"
    if state == _LOGIN or "no pg_hba.conf entry" in said or ('role "' in said and "does not exist" in said):
        return f"the server does not let this user in: {said}"
    if state == _MANY or "too many clients" in said or "remaining connection slots" in said:
        return "the server takes no more connections; try again, or see to its max_connections"
    return f"the database cannot be reached ({said}); nothing was changed. Try again when it is back"


def _first_line(cause: object) -> str:
    lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
    # libpq names each address of the host that it tried: the last line is the last one's answer.
    return lines[0] if lines else type(cause).__name__
