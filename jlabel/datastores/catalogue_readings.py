"""Readings in the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, exists, func, insert, select, update
from sqlalchemy.orm import aliased

from jlabel.datastores import image_queue
from jlabel.datastores.catalogue import Catalogue
from jlabel.datastores.database_time import DatabaseClock
from jlabel.datastores.image_queue import chunks
from jlabel.datastores.image_rows import find_image
from jlabel.datastores.readings import READERS_KEY, Reading, Readings
from jlabel.datastores.tables import PRESENT, ImageRow
from jlabel.datastores.team_tables import LeaseRow, ReadingRow
from jlabel.errors import DatastoreError

_MOST_READERS = 20

_OWN = aliased(ReadingRow)
_HELD = exists().where(
    LeaseRow.image_pk == ReadingRow.image_pk,
    LeaseRow.place == ReadingRow.place,
    LeaseRow.until >= bindparam("now"),
    LeaseRow.holder != bindparam("who"),
)
# Who holds one reading of an image has no other one of it.
_HOLDS = exists().where(
    LeaseRow.image_pk == ReadingRow.image_pk,
    LeaseRow.place != ReadingRow.place,
    LeaseRow.place != 0,
    LeaseRow.until >= bindparam("now"),
    LeaseRow.holder == bindparam("who"),
)
# By itself, so that no database begins with the images: those that several read are few.
_FREE = (
    select(ReadingRow.image_pk)
    .where(
        ReadingRow.reader.is_(None),
        ~exists().where(_OWN.image_pk == ReadingRow.image_pk, _OWN.reader == bindparam("who")),
        ~_HELD,
        ~_HOLDS,
    )
    .distinct()
    .order_by(ReadingRow.image_pk)
    .limit(bindparam("count"))
    .subquery()
)
_WAITING = (
    select(ImageRow.id)
    .join(_FREE, _FREE.c.image_pk == ImageRow.pk)
    .where(ImageRow.state == PRESENT)
    .order_by(_FREE.c.image_pk)
)
_OF_IMAGE = (
    select(ReadingRow.place, ReadingRow.reader)
    .where(ReadingRow.image_pk == bindparam("image"))
    .order_by(ReadingRow.place)
)
_BEGUN = select(ReadingRow.image_pk).where(ReadingRow.reader.is_not(None)).distinct().subquery()
_READ = (
    select(ImageRow.id, ReadingRow.place, ReadingRow.reader, ImageRow.state)
    .select_from(_BEGUN)
    .join(ReadingRow, ReadingRow.image_pk == _BEGUN.c.image_pk)
    .join(ImageRow, ImageRow.pk == _BEGUN.c.image_pk)
)
_PER_IMAGE = (
    select(func.count().label("asked"), func.count(ReadingRow.reader).label("saved"))
    .group_by(ReadingRow.image_pk)
    .subquery()
)
_COUNTS = select(
    func.count(),
    func.coalesce(func.sum(case((_PER_IMAGE.c.asked == _PER_IMAGE.c.saved, 1), else_=0)), 0),
    func.coalesce(func.sum(_PER_IMAGE.c.saved), 0),
).select_from(_PER_IMAGE)
_LEASED_PLACE = select(LeaseRow.place).where(
    LeaseRow.image_pk == bindparam("image"), LeaseRow.holder == bindparam("who"), LeaseRow.place != 0
)


class CatalogueReadings(Readings):
    """The readings of a catalogue's images.

    Args:
        catalogue: The catalogue.
        clock: The time by which leases run out.
    """

    def __init__(self, catalogue: Catalogue, clock: DatabaseClock) -> None:
        self._catalogue = catalogue
        self._clock = clock

    def ask(self, image_ids: Iterable[str], readers: int) -> int:
        """See :class:`Readings`."""
        if (
            isinstance(readers, bool)
            or not isinstance(readers, int)
            or readers == 1
            or not 0 <= readers <= _MOST_READERS
        ):
            raise DatastoreError(f"readers is how many people read an image, 2 to {_MOST_READERS}, not {readers!r:.40}")
        changed = 0
        with self._catalogue.write() as connection:
            for chunk in chunks(dict.fromkeys(image_ids)):
                changed += _ask(connection, chunk, readers)
        return changed

    def note(self, image_id: str, reader: str) -> bool:
        """See :class:`Readings`."""
        with self._catalogue.write() as connection:
            image = find_image(connection, image_id)
            if image is None:
                return False
            known = {"image": image.pk, "who": reader}
            readings: dict[int, str | None] = dict(connection.execute(_OF_IMAGE, known).all())
            if reader in readings.values():
                return True
            free = [place for place, who in readings.items() if who is None]
            held = [place for place in connection.scalars(_LEASED_PLACE, known) if place in free]
            if not free:
                return False
            place = (held or free)[0]
            of_place = (ReadingRow.image_pk == image.pk, ReadingRow.place == place)
            connection.execute(update(ReadingRow).where(*of_place).values(reader=reader))
        return True

    def of_image(self, image_id: str) -> list[Reading]:
        """See :class:`Readings`."""
        with self._catalogue.read() as connection:
            image = find_image(connection, image_id)
            if image is None:
                return []
            rows = connection.execute(_OF_IMAGE, {"image": image.pk})
            return [Reading(image.id, place, reader) for place, reader in rows]

    def waiting(self, reader: str, exclude: Collection[str] = (), limit: int = 8) -> list[str]:
        """See :class:`Readings`."""
        without = set(exclude)
        with self._catalogue.read() as connection:
            values = {"who": reader, "now": self._clock.now(connection), "count": limit + len(without)}
            found = list(connection.scalars(_WAITING, values))
        return [one for one in found if one not in without][:limit]

    def read(self, image_ids: Iterable[str] | None = None) -> dict[str, list[Reading]]:
        """See :class:`Readings`."""
        wanted = None if image_ids is None else set(image_ids)
        found: dict[str, list[Reading]] = {}
        with self._catalogue.read() as connection:
            rows = [(row.id, row.place, row.reader) for row in connection.execute(_READ) if row.state == PRESENT]
        for image_id, place, reader in sorted(rows, key=lambda row: row[:2]):
            if wanted is None or image_id in wanted:
                found.setdefault(image_id, []).append(Reading(image_id, place, reader))
        return found

    def counts(self) -> tuple[int, int, int]:
        """See :class:`Readings`."""
        with self._catalogue.read() as connection:
            images, complete, saved = connection.execute(_COUNTS).one()
        return int(images), int(complete), int(saved)


def _ask(connection: Connection, image_ids: list[str], readers: int) -> int:
    images = {row.id: row for row in connection.execute(_IMAGES, {"ids": image_ids})}
    unknown = next((one for one in image_ids if one not in images), None)
    if unknown is not None:
        raise DatastoreError(f"there is no image {unknown!r}")
    pks = [row.pk for row in images.values()]
    there: dict[int, dict[int, str | None]] = {pk: {} for pk in pks}
    for pk, place, reader in connection.execute(_PLACES, {"pks": pks}):
        there[pk][place] = reader
    changed = 0
    for row in images.values():
        places = there[row.pk]
        saved = [place for place, reader in places.items() if reader is not None]
        wanted = max(readers, len(saved))
        extra = [place for place, reader in places.items() if reader is None][max(0, wanted - len(saved)) :]
        if extra:
            of_image = (ReadingRow.image_pk == row.pk, ReadingRow.place.in_(extra))
            connection.execute(delete(ReadingRow).where(*of_image))
        begin, missing = max(places, default=0) + 1, wanted - (len(places) - len(extra))
        new: list[dict[str, Any]] = [
            {"image_pk": row.pk, "place": place, "reader": None} for place in range(begin, begin + missing)
        ]
        if new:
            connection.execute(insert(ReadingRow), new)
        changed += bool(new or extra)
        info = {**row.info, READERS_KEY: wanted or None}
        connection.execute(update(ImageRow).where(ImageRow.pk == row.pk).values(info=info))
    image_queue.place_all(connection, pks)
    return changed


_IMAGES = select(ImageRow.pk, ImageRow.id, ImageRow.info).where(
    ImageRow.state == PRESENT, ImageRow.id.in_(bindparam("ids", expanding=True))
)
_PLACES = select(ReadingRow.image_pk, ReadingRow.place, ReadingRow.reader).where(
    ReadingRow.image_pk.in_(bindparam("pks", expanding=True))
)
