"""Signed words of tickets and holds, who a mail is from, and when a notice was sent with what reply of the relay."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for table, name in (
        ("tickets", "word"),
        ("holds", "word"),
        ("journal", "author"),
        ("journal", "subject"),
        ("outbox", "relay_reply"),
    ):
        op.add_column(table, sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("sent_at", MOMENT))
    op.add_column("outbox", sa.Column("requeued_at", MOMENT))
    op.add_column("outbox", sa.Column("of_recipient", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    # What the relay refused was reported to the ticket's level at the time: it waits for nobody.
    op.execute(
        "UPDATE outbox SET state = 'failed'"
        " WHERE state = 'parked' AND ticket_id IS NOT NULL AND last_error LIKE '5__ %'"
    )
