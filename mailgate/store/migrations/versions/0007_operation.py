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
    for table in ("journal", "timers", "outbox"):
        _index_some(f"ix_{table}_parked", table, "id", "state = 'parked'")
    _index_some("ix_tickets_merged", "tickets", "state", "merged_into IS NOT NULL")
    # What the relay refused was reported to the ticket's level at the time: it waits for nobody.
    op.execute(
        "UPDATE outbox SET state = 'failed'"
        " WHERE state = 'parked' AND ticket_id IS NOT NULL AND last_error LIKE '5__ %'"
    )


def _index_some(name: str, table: str, column: str, condition: str) -> None:
    """Adds an index of the rows that meet a condition, so that they are counted without reading the others."""
    some = sa.text(condition)
    op.create_index(name, table, [column], sqlite_where=some, postgresql_where=some)
