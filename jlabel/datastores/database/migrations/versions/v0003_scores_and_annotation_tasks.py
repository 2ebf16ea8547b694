"""Scores and features of images, and tasks on annotation servers."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
JSON = sa.JSON().with_variant(sa.Text(), "postgresql")
SCORES = ("feature", "score", "score_set")


def upgrade() -> None:
    """Make the tables that are not there; what others left under the names of scores can be computed again."""
    inspector = sa.inspect(op.get_bind())
    for name in SCORES:
        if inspector.has_table(name):
            op.drop_table(name)
    _make_scores()
    if not inspector.has_table("annotation_task"):
        _make_annotation_tasks()


def _make_scores() -> None:
    op.create_table(
        "score_set",
        sa.Column("pk", sa.Integer, primary_key=True),
        sa.Column("method", TEXT, nullable=False),
        sa.Column("model", TEXT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("images", sa.Integer, nullable=False),
        sa.Column("waiting", sa.Integer, nullable=False),
        sa.UniqueConstraint("method", "model", "version"),
    )
    op.create_table(
        "score",
        sa.Column("set_pk", sa.Integer, sa.ForeignKey("score_set.pk"), primary_key=True, autoincrement=False),
        sa.Column("image_pk", sa.Integer, sa.ForeignKey("image.pk"), primary_key=True, autoincrement=False),
        sa.Column("image_id", TEXT, nullable=False),
        sa.Column("queue", sa.Integer),
        sa.Column("value", sa.Double),
        sa.Column("by_label", JSON, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("time", sa.Double, nullable=False),
        sa.Column("info", JSON, nullable=False),
    )
    highest: list[Any] = ["set_pk", "queue", sa.text("value DESC"), "image_id"]
    ordered: list[Any] = ["set_pk", sa.text("value DESC"), "image_id", "image_pk"]
    with_value = sa.text("value IS NOT NULL")
    op.create_index("score_highest", "score", highest)
    op.create_index("score_order", "score", ordered, sqlite_where=with_value, postgresql_where=with_value)
    op.create_index("score_image", "score", ["image_pk"])
    op.create_table(
        "feature",
        sa.Column("kind", TEXT, primary_key=True),
        sa.Column("model", TEXT, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("image_pk", sa.Integer, sa.ForeignKey("image.pk"), primary_key=True, autoincrement=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
    )
    op.create_index("feature_image", "feature", ["image_pk"])


def _make_annotation_tasks() -> None:
    op.create_table(
        "annotation_task",
        sa.Column("pk", sa.Integer, primary_key=True),
        sa.Column("key", TEXT, nullable=False, unique=True),
        sa.Column("place", TEXT, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("info", JSON, nullable=False),
    )
    op.create_index("ix_annotation_task_place", "annotation_task", ["place"])
    op.create_table(
        "annotation_frame",
        sa.Column("pk", sa.Integer, primary_key=True),
        sa.Column("task_pk", sa.Integer, sa.ForeignKey("annotation_task.pk"), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("image_id", TEXT, nullable=False),
        sa.Column("slice", sa.Integer),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("frame", sa.Integer),
        sa.UniqueConstraint("task_pk", "name"),
    )
    op.create_index("ix_annotation_frame_image_id", "annotation_frame", ["image_id"])
    op.create_table(
        "annotation_job",
        sa.Column("pk", sa.Integer, primary_key=True),
        sa.Column("task_pk", sa.Integer, sa.ForeignKey("annotation_task.pk"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("first", sa.Integer, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("assignee", TEXT, nullable=False),
        sa.Column("pulled", TEXT, nullable=False),
        sa.Column("problem", TEXT, nullable=False),
        sa.UniqueConstraint("task_pk", "number"),
    )
