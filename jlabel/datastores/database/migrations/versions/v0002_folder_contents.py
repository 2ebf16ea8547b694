"""What was found in the files of a folder, so that an unchanged one is not looked into again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the columns; nothing else changes, and the folders are listed again."""
    present = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("folder")}
    missing = [name for name in ("contents", "left_out") if name not in present]
    for name in missing:
        op.add_column("folder", sa.Column(name, TEXT))
    if missing:
        op.execute("UPDATE folder SET mtime_ns = NULL")
