"""Images, labels and their versions, and the folders that were listed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
JSON = sa.JSON().with_variant(sa.Text(), "postgresql")
LARGE = sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table("setting", sa.Column("key", TEXT, primary_key=True), sa.Column("value", TEXT, nullable=False))
    op.create_table(
        "folder",
        sa.Column("area", TEXT, primary_key=True),
        sa.Column("path", TEXT, primary_key=True),
        sa.Column("mtime_ns", LARGE),
    )
    op.create_table(
        "image",
        sa.Column("pk", sa.Integer, primary_key=True),
        sa.Column("id", TEXT, nullable=False, unique=True),
        sa.Column("path", TEXT, nullable=False, unique=True),
        sa.Column("folder", TEXT, nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("queue", sa.Integer),
        sa.Column("rank", sa.Integer),
        sa.Column("info", JSON, nullable=False),
    )
    op.create_index("ix_image_folder", "image", ["folder"])
    op.create_index("image_queue_rank", "image", ["queue", "rank"])
    op.create_index("image_queue_id", "image", ["queue", "id"])
    op.create_index("image_state_id_queue", "image", ["state", "id", "queue"])
    op.create_index("image_state", "image", ["state"])
    op.create_table(
        "label",
        sa.Column("pk", sa.Integer, primary_key=True),
        sa.Column("image_pk", sa.Integer, sa.ForeignKey("image.pk"), nullable=False),
        sa.Column("tag", TEXT, nullable=False),
        sa.Column("number", sa.Integer),
        sa.Column("pending", sa.Boolean, nullable=False),
        sa.Column("size", LARGE, nullable=False),
        sa.Column("mtime_ns", LARGE, nullable=False),
        sa.UniqueConstraint("image_pk", "tag"),
    )
    pending = sa.text("pending")
    op.create_index("label_tag_image_number", "label", ["tag", "image_pk", "number"])
    op.create_index("label_pending", "label", ["pending"], sqlite_where=pending, postgresql_where=pending)
    op.create_table(
        "version",
        sa.Column("pk", sa.Integer, primary_key=True),
        sa.Column("label_pk", sa.Integer, sa.ForeignKey("label.pk"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("ext", TEXT, nullable=False),
        sa.Column("size", LARGE, nullable=False),
        sa.Column("sha256", TEXT),
        sa.Column("author", TEXT),
        sa.Column("time", sa.Double, nullable=False),
        sa.Column("info", JSON, nullable=False),
        sa.UniqueConstraint("label_pk", "number"),
    )
