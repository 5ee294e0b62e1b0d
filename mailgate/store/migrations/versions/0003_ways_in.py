"""Tables for sources: the status of each, the state of mailboxes, and mails of which only the head is stored."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("journal", sa.Column("oversized", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.create_table(
        "ways",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("succeeded_at", MOMENT),
        sa.Column("failing_since", MOMENT),
        sa.Column("last_error", sa.Text(), nullable=False, server_default=""),
        sa.Column("alarmed_at", MOMENT),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_ways"),
    )
    op.create_table(
        "mailboxes",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("contacted_at", MOMENT, nullable=False),
        sa.Column("top_uid", sa.BigInteger(), nullable=False),
        sa.Column("planned", sa.JSON()),
        sa.PrimaryKeyConstraint("name", name="pk_mailboxes"),
    )
