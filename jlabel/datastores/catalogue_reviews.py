"""Reviews in the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, insert, select, update

from jlabel.datastores.catalogue import Catalogue
from jlabel.datastores.catalogue_leases import moment
from jlabel.datastores.database_time import DatabaseClock
from jlabel.datastores.image_rows import find_image
from jlabel.datastores.label_version import FINAL
from jlabel.datastores.reviews import Review, Reviews, Verdict
from jlabel.datastores.safe_names import check_tag, check_text
from jlabel.datastores.tables import PRESENT, ImageRow, LabelRow, VersionRow
from jlabel.datastores.team_tables import LeaseRow, ReviewRow
from jlabel.errors import DatastoreError

_MOST_LETTERS = 4000

_VERSION_OF_REVIEW = (VersionRow.label_pk == LabelRow.pk) & (VersionRow.number == ReviewRow.number)
_REVIEWS = (
    select(
        ImageRow.id,
        ReviewRow.tag,
        ReviewRow.number,
        ReviewRow.verdict,
        ReviewRow.reviewer,
        ReviewRow.comment,
        ReviewRow.i,
        ReviewRow.j,
        ReviewRow.k,
        ReviewRow.time,
        VersionRow.author,
    )
    .join(ImageRow, ImageRow.pk == ReviewRow.image_pk)
    .join(LabelRow, (LabelRow.image_pk == ReviewRow.image_pk) & (LabelRow.tag == ReviewRow.tag))
    .outerjoin(VersionRow, _VERSION_OF_REVIEW)
)
_OF_IMAGE = _REVIEWS.where(ReviewRow.image_pk == bindparam("image"), ReviewRow.tag == bindparam("tag"))
_CURRENT = (ReviewRow.latest, ReviewRow.number == LabelRow.number)
_NOW = _OF_IMAGE.where(*_CURRENT)
_HISTORY = _OF_IMAGE.order_by(ReviewRow.pk)
_SENT_BACK = _REVIEWS.where(
    *_CURRENT, ReviewRow.verdict == "sent_back", ReviewRow.tag == bindparam("tag"), ImageRow.state == PRESENT
).order_by(ReviewRow.pk)
_SENT_BACK_TO = _SENT_BACK.where(VersionRow.author == bindparam("author"))
_COUNTS = (
    select(VersionRow.author, ReviewRow.verdict, func.count())
    .select_from(ReviewRow)
    .join(ImageRow, ImageRow.pk == ReviewRow.image_pk)
    .join(LabelRow, (LabelRow.image_pk == ReviewRow.image_pk) & (LabelRow.tag == ReviewRow.tag))
    .join(VersionRow, _VERSION_OF_REVIEW)
    .where(*_CURRENT, ReviewRow.tag == FINAL, ImageRow.state == PRESENT)
    .group_by(VersionRow.author, ReviewRow.verdict)
)
_JUDGED = exists().where(
    ReviewRow.image_pk == LabelRow.image_pk,
    ReviewRow.tag == LabelRow.tag,
    ReviewRow.number == LabelRow.number,
    ReviewRow.latest,
)
_HELD = exists().where(
    LeaseRow.image_pk == LabelRow.image_pk,
    LeaseRow.place == 0,
    LeaseRow.until >= bindparam("now"),
    LeaseRow.holder != bindparam("reviewer"),
)
_UNJUDGED = (
    select(ImageRow.id)
    .join(LabelRow, LabelRow.image_pk == ImageRow.pk)
    .join(VersionRow, (VersionRow.label_pk == LabelRow.pk) & (VersionRow.number == LabelRow.number))
    .where(LabelRow.tag == FINAL, ImageRow.state == PRESENT, ~_JUDGED, ~_HELD)
    .order_by(VersionRow.pk)
    .limit(bindparam("count"))
)
_BY_OTHERS = _UNJUDGED.where(func.coalesce(VersionRow.author, "") != bindparam("reviewer"))
_BY_REVIEWER = _UNJUDGED.where(VersionRow.author == bindparam("reviewer"))


class CatalogueReviews(Reviews):
    """The reviews of a catalogue's labels.

    Args:
        catalogue: The catalogue.
        clock: The time of verdicts.
    """

    def __init__(self, catalogue: Catalogue, clock: DatabaseClock) -> None:
        self._catalogue = catalogue
        self._clock = clock

    def add(
        self,
        image_id: str,
        verdict: Verdict,
        reviewer: str,
        comment: str = "",
        place: Sequence[int] | None = None,
        tag: str = FINAL,
        version: int | None = None,
    ) -> Review:
        """See :class:`Reviews`."""
        where = [None] * 3 if place is None else [int(one) for one in (*place, *[0] * (3 - len(place)))]
        said = check_text(comment, "a comment").strip()[:_MOST_LETTERS]
        with self._catalogue.write() as connection:
            image_pk, number = _current(connection, image_id, check_tag(tag))
            if version is not None and version != number:
                raise DatastoreError(
                    f"the label {tag!r} of {image_id!r} was saved anew meanwhile: version {number} is the current one, "
                    f"and the verdict was about version {version}. Look at it again"
                )
            of_version = (ReviewRow.image_pk == image_pk, ReviewRow.tag == tag, ReviewRow.number == number)
            connection.execute(update(ReviewRow).where(*of_version).values(latest=False))
            values = dict(zip("ijk", where, strict=True)) | {"image_pk": image_pk, "tag": tag, "number": number}
            values |= {"verdict": verdict, "comment": said, "reviewer": reviewer, "latest": True}
            connection.execute(insert(ReviewRow), {**values, "time": self._clock.now(connection)})
            return _review(connection.execute(_NOW, {"image": image_pk, "tag": tag}).one())

    def of_image(self, image_id: str, tag: str = FINAL) -> Review | None:
        """See :class:`Reviews`."""
        found = self._of_image(_NOW, image_id, tag)
        return found[-1] if found else None

    def history(self, image_id: str, tag: str = FINAL) -> list[Review]:
        """See :class:`Reviews`."""
        return self._of_image(_HISTORY, image_id, tag)

    def sent_back(self, author: str | None = None, tag: str = FINAL) -> list[Review]:
        """See :class:`Reviews`."""
        query = _SENT_BACK if author is None else _SENT_BACK_TO
        values = {"tag": tag} if author is None else {"tag": tag, "author": author}
        with self._catalogue.read() as connection:
            return [_review(row) for row in connection.execute(query, values)]

    def waiting(self, reviewer: str, exclude: Collection[str] = (), limit: int = 8) -> list[str]:
        """See :class:`Reviews`."""
        without, found = set(exclude), list[str]()
        with self._catalogue.read() as connection:
            now = self._clock.now(connection)
            values = {"now": now, "reviewer": reviewer, "count": limit + len(without)}
            for query in (_BY_OTHERS, _BY_REVIEWER):
                if len(found) < limit:
                    found += [one for one in connection.scalars(query, values) if one not in without]
        return found[:limit]

    def counts(self) -> dict[tuple[str, Verdict], int]:
        """See :class:`Reviews`."""
        with self._catalogue.read() as connection:
            rows: Any = connection.execute(_COUNTS)
            return {(author or "", verdict): count for author, verdict, count in rows}

    def _of_image(self, query: Any, image_id: str, tag: str) -> list[Review]:
        with self._catalogue.read() as connection:
            image = find_image(connection, image_id)
            if image is None:
                return []
            return [_review(row) for row in connection.execute(query, {"image": image.pk, "tag": tag})]


def _current(connection: Connection, image_id: str, tag: str) -> tuple[int, int]:
    image = find_image(connection, image_id)
    if image is None:
        raise DatastoreError(f"there is no image {image_id!r}")
    number = connection.scalar(select(LabelRow.number).where(LabelRow.image_pk == image.pk, LabelRow.tag == tag))
    if number is None:
        raise DatastoreError(f"image {image_id!r} has no label {tag!r} to review")
    return image.pk, number


def _review(row: Any) -> Review:
    place = None if row.i is None else (row.i, row.j or 0, row.k or 0)
    said = (row.id, row.tag, row.number, row.verdict, row.reviewer, row.comment)
    return Review(*said, place, moment(row.time), row.author)
