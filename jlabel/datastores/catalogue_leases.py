"""Leases in the catalogue: each is one row, which one statement takes, so that no two people get one image."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Float, bindparam, case, cast, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from jlabel.datastores.catalogue import Catalogue
from jlabel.datastores.database_time import DatabaseClock
from jlabel.datastores.image_rows import find_image
from jlabel.datastores.leases import Lease, Leases, Purpose
from jlabel.datastores.tables import PRESENT, ImageRow
from jlabel.datastores.team_tables import LeaseRow, ReadingRow
from jlabel.errors import DatastoreError

# A row that ran out so many seconds ago tells nobody anything any more.
_OLD = 86400.0

_COLUMNS = (ImageRow.id, LeaseRow.holder, LeaseRow.purpose, LeaseRow.since, LeaseRow.until, LeaseRow.place)
_LIVE = select(*_COLUMNS).join(ImageRow, ImageRow.pk == LeaseRow.image_pk).where(LeaseRow.until >= bindparam("now"))
_OF_IMAGE = _LIVE.where(LeaseRow.image_pk == bindparam("image")).order_by(LeaseRow.place)
_OTHERS = (
    select(ImageRow.id)
    .join(LeaseRow, ImageRow.pk == LeaseRow.image_pk)
    .where(LeaseRow.until >= bindparam("now"), LeaseRow.place == 0, LeaseRow.holder != bindparam("holder"))
)
# Locked, so that of two who come at once each sees what the other has taken.
_READINGS = (
    select(ReadingRow.place, ReadingRow.reader)
    .where(ReadingRow.image_pk == bindparam("image"))
    .order_by(ReadingRow.place)
    .with_for_update()
)
_GIVE_BACK = delete(LeaseRow).where(LeaseRow.session == bindparam("session_of"))
_GIVE_BACK_ONE = _GIVE_BACK.where(LeaseRow.image_pk == bindparam("image"))
_FORGET = delete(LeaseRow).where(LeaseRow.until < bindparam("old"))


class CatalogueLeases(Leases):
    """The leases of a catalogue's images.

    Args:
        catalogue: The catalogue.
        clock: The time by which leases run out.
    """

    def __init__(self, catalogue: Catalogue, clock: DatabaseClock) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._swept = False

    @property
    def kept(self) -> bool:
        """See :class:`Leases`."""
        return self._catalogue.only_read is None

    def take(
        self, image_id: str, holder: str, session: str, purpose: Purpose = "label", *, force: bool = False
    ) -> Lease | None:
        """See :class:`Leases`."""
        if not self.kept:
            return super().take(image_id, holder, session, purpose, force=force)
        with self._write() as connection:
            image = find_image(connection, image_id)
            if image is None or image.state != PRESENT:
                raise DatastoreError(f"there is no image {image_id!r}")
            now = self._clock.now(connection)
            self._sweep(connection, now)
            place = _place(connection, image.pk, holder, now) if purpose != "review" else 0
            if place is None:
                return None
            values = {
                "image_pk": image.pk,
                "place": place,
                "holder": holder,
                "session": session,
                "purpose": "reading" if place else purpose,
                "since": now,
                "until": now + self.seconds,
            }
            taking = _taking(connection.dialect.name, force and not place)
            row = connection.execute(taking, {**values, "now": now}).one_or_none()
        if row is None:
            return None
        return _lease(image.id, holder, row.purpose, row.since, now + self.seconds, place)

    def release(self, image_id: str, session: str) -> None:
        """See :class:`Leases`."""
        if not self.kept:
            return
        with self._write() as connection:
            image = find_image(connection, image_id)
            if image is not None:
                connection.execute(_GIVE_BACK_ONE, {"session_of": session, "image": image.pk})

    def release_all(self, session: str) -> None:
        """See :class:`Leases`."""
        if self.kept:
            with self._write() as connection:
                connection.execute(_GIVE_BACK, {"session_of": session})

    def of_image(self, image_id: str) -> list[Lease]:
        """See :class:`Leases`."""
        with self._catalogue.read() as connection:
            image = find_image(connection, image_id)
            if image is None:
                return []
            values = {"now": self._clock.now(connection), "image": image.pk}
            return [_lease(*row) for row in connection.execute(_OF_IMAGE, values)]

    def all(self) -> list[Lease]:
        """See :class:`Leases`."""
        with self._catalogue.read() as connection:
            found = [_lease(*row) for row in connection.execute(_LIVE, {"now": self._clock.now(connection)})]
        # Put in order here: a database asked to do so may look through all images in the order of their ids.
        return sorted(found, key=lambda lease: (lease.image_id, lease.place))

    def of_others(self, holder: str) -> Collection[str]:
        """See :class:`Leases`."""
        with self._catalogue.read() as connection:
            values = {"now": self._clock.now(connection), "holder": holder}
            return list(connection.scalars(_OTHERS, values))

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        # A power cut may take a lease back: whoever had it takes it again.
        with self._catalogue.write(durable=False, alone=False) as connection:
            yield connection

    def _sweep(self, connection: Connection, now: float) -> None:
        if not self._swept:
            self._swept = True
            connection.execute(_FORGET, {"old": now - _OLD})


@cache
def _taking(dialect: str, force: bool) -> Any:
    """The statement that takes an image which is free, has run out or is the person's own, and gives since when."""
    new = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(LeaseRow)
    now = cast(bindparam("now"), Float(53))
    names = ("image_pk", "place", "holder", "session", "purpose", "since", "until")
    mine = LeaseRow.holder == new.excluded.holder
    since = case((mine & (LeaseRow.until >= now), LeaseRow.since), else_=new.excluded.since)
    # Who reviews a label goes on to do so, whoever of their tools takes the image again.
    reviews = mine & (LeaseRow.until >= now) & (LeaseRow.purpose == "review")
    purpose = case((reviews, LeaseRow.purpose), else_=new.excluded.purpose)
    changed: dict[str, Any] = {name: new.excluded[name] for name in ("holder", "session", "until")}
    return (
        new.values({name: bindparam(name) for name in names})
        .on_conflict_do_update(
            index_elements=["image_pk", "place"],
            set_={**changed, "since": since, "purpose": purpose},
            where=None if force else or_(LeaseRow.until < now, mine),
        )
        .returning(LeaseRow.since, LeaseRow.purpose)
    )


def _place(connection: Connection, image_pk: int, holder: str, now: float) -> int | None:
    """Which reading of an image a person can have: 0 where it is not read by several; None where all are taken."""
    readings: dict[int, str | None] = dict(connection.execute(_READINGS, {"image": image_pk}).all())
    if all(reader is not None for reader in readings.values()):
        return 0
    own = next((place for place, reader in readings.items() if reader == holder), None)
    if own is not None:
        return own
    rows: Any = connection.execute(_OF_IMAGE, {"now": now, "image": image_pk})
    leased: dict[int, str] = {row.place: row.holder for row in rows}
    mine = next((place for place, who in leased.items() if place and who == holder), None)
    if mine is not None:
        return mine
    return next((place for place, reader in readings.items() if reader is None and place not in leased), None)


def _lease(image_id: str, holder: str, purpose: Any, since: float, until: float, place: int) -> Lease:
    return Lease(image_id, holder, purpose, moment(since), moment(until), place)


def moment(seconds: float) -> datetime:
    """A time of the catalogue."""
    return datetime.fromtimestamp(seconds, UTC)
