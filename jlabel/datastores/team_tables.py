"""The tables of what several people do together: who works on which image, verdicts on labels, readings, notes."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from jlabel.datastores.tables import Base


class LeaseRow(Base):
    """Who works on an image; see leases.py. Times are in seconds since 1970, by the database's clock.

    ``place`` is 0 where an image is one person's, and the number of the reading where several read it. A lease counts
    until ``until``, and is anybody's from then on.
    """

    __tablename__ = "lease"

    image_pk: Mapped[int] = mapped_column(ForeignKey("image.pk"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, default=0)
    holder: Mapped[str]
    session: Mapped[str]
    purpose: Mapped[str]
    since: Mapped[float]
    until: Mapped[float]


class ReviewRow(Base):
    """What a reviewer said of one version of a label; see reviews.py.

    ``latest`` is set for the last verdict on that version. ``i``, ``j`` and ``k`` are the voxel that the comment is
    about, NULL where it is about the whole label. ``time`` is in seconds since 1970, by the database's clock.
    """

    __tablename__ = "review"

    pk: Mapped[int] = mapped_column(primary_key=True)
    image_pk: Mapped[int] = mapped_column(ForeignKey("image.pk"))
    tag: Mapped[str]
    number: Mapped[int]
    latest: Mapped[bool] = mapped_column(default=True)
    reviewer: Mapped[str]
    verdict: Mapped[str]
    comment: Mapped[str] = mapped_column(default="")
    i: Mapped[int | None]
    j: Mapped[int | None]
    k: Mapped[int | None]
    time: Mapped[float]

    __table_args__ = (
        Index("review_image", "image_pk", "tag", "number"),
        Index("review_verdict", "latest", "verdict", "tag"),
    )


class ReadingRow(Base):
    """One of the readings of an image that several people read; see readings.py.

    ``place`` counts from 1. ``reader`` is who has saved it, NULL while nobody has.
    """

    __tablename__ = "reading"

    image_pk: Mapped[int] = mapped_column(ForeignKey("image.pk"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    reader: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("image_pk", "reader", name="reading_once"),
        Index("reading_reader", "reader"),
    )


class NoteRow(Base):
    """A person's note on an image as a whole; ``time`` as in :class:`ReviewRow`."""

    __tablename__ = "note"

    pk: Mapped[int] = mapped_column(primary_key=True)
    image_pk: Mapped[int] = mapped_column(ForeignKey("image.pk"), index=True)
    author: Mapped[str]
    text: Mapped[str]
    time: Mapped[float]
