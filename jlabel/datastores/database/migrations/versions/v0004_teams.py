"""Who works on which image, verdicts on labels, readings by several people, and notes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
TIME = sa.Double


def _image() -> sa.Column[int]:
    return sa.Column("image_pk", sa.Integer, sa.ForeignKey("image.pk"), nullable=False)


def upgrade() -> None:
    """Make the tables that are not there."""
    makers = {"lease": _make_leases, "review": _make_reviews, "reading": _make_readings, "note": _make_notes}
    inspector = sa.inspect(op.get_bind())
    for name, make in makers.items():
        if not inspector.has_table(name):
            make()


def _make_leases() -> None:
    op.create_table(
        "lease",
        sa.Column("image_pk", sa.Integer, sa.ForeignKey("image.pk"), primary_key=True, autoincrement=False),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("holder", TEXT, nullable=False),
        sa.Column("session", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("until", TIME, nullable=False),
    )


def _make_reviews() -> None:
    op.create_table(
        "review",
        sa.Column("pk", sa.Integer, primary_key=True),
        _image(),
        sa.Column("tag", TEXT, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("latest", sa.Boolean, nullable=False),
        sa.Column("reviewer", TEXT, nullable=False),
        sa.Column("verdict", TEXT, nullable=False),
        sa.Column("comment", TEXT, nullable=False),
        *(sa.Column(axis, sa.Integer) for axis in "ijk"),
        sa.Column("time", TIME, nullable=False),
    )
    op.create_index("review_image", "review", ["image_pk", "tag", "number"])
    op.create_index("review_verdict", "review", ["latest", "verdict", "tag"])


def _make_readings() -> None:
    op.create_table(
        "reading",
        sa.Column("image_pk", sa.Integer, sa.ForeignKey("image.pk"), primary_key=True, autoincrement=False),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("reader", TEXT),
        sa.UniqueConstraint("image_pk", "reader", name="reading_once"),
    )
    op.create_index("reading_reader", "reading", ["reader"])


def _make_notes() -> None:
    op.create_table(
        "note",
        sa.Column("pk", sa.Integer, primary_key=True),
        _image(),
        sa.Column("author", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("time", TIME, nullable=False),
    )
    op.create_index("ix_note_image_pk", "note", ["image_pk"])
