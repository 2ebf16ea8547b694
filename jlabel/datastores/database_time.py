"""One clock for all who work in the studies, however their machines' clocks differ."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import Connection, text

_NAME = "clock"
# Days from noon UTC on November 24, 4714 BC, as SQLite counts them, to 1970.
_JULIAN_DAY_OF_1970 = 2440587.5


class DatabaseClock:
    """The time by which leases run out: that of a database's server, or of the file system that SQLite's file lies on.

    On a network share the server of the share stamps its files, so machines agree whose own clocks do not. Where no
    file can be written there, it is the time of this machine.

    Args:
        folder: A folder beside the catalogue.

    Examples:
        >>> from jlabel.datastores.catalogue import open_catalogue
        >>> catalogue, _ = open_catalogue(studies / "catalogue.sqlite")
        >>> clock = DatabaseClock(studies)
        >>> with catalogue.read() as connection:
        ...     first, second = clock.now(connection), clock.now(connection)
        >>> 0 <= second - first < 60
        True
        >>> catalogue.close()
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / _NAME

    def now(self, connection: Connection) -> float:
        """Seconds since 1970."""
        if connection.dialect.name == "postgresql":
            return float(connection.scalar(text("SELECT extract(epoch FROM clock_timestamp())")) or 0.0)
        try:
            return self._touched()
        except OSError:
            days = connection.scalar(text("SELECT julianday('now')"))
            return (float(days or 0.0) - _JULIAN_DAY_OF_1970) * 86400.0

    def _touched(self) -> float:
        # Without following a link: what lies in the folder may have come with it.
        handle = os.open(self._file, os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0), 0o666)
        try:
            # None: the file system says what time it is, not this machine.
            os.utime(handle if os.utime in os.supports_fd else self._file, None)
            return os.fstat(handle).st_mtime_ns / 1e9
        finally:
            os.close(handle)
