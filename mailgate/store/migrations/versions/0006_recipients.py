"""Notices counted by their recipient in whatever case its address is written."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels: str | None = None
depends_on: str | None = None

_NAME = "ix_outbox_recipient_created_at"


def upgrade() -> None:
    op.drop_index(_NAME, "outbox")
    op.create_index(_NAME, "outbox", [sa.text("lower(recipient)"), "created_at"])
