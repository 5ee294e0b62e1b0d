"""Notices that go to the relay before others. From this version on the bytes of notices are compressed, row by row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("urgency", sa.Integer(), nullable=False, server_default="1"))
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_outbox_urgency", "outbox", ["urgency", "due_at"], sqlite_where=waiting, postgresql_where=waiting
    )
