"""Calls of hooks, a queue like the others; when a mail was scanned for viruses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def upgrade() -> None:
    op.create_table(
        "hook_calls",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        _text("state", "waiting"),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("leased_until", MOMENT),
        _text("last_error", ""),
        sa.Column("created_at", MOMENT, nullable=False),
        *(_text(name) for name in ("hook", "uid", "type")),
        sa.Column("ticket_id", ID),
        _text("body"),
        sa.Column("called_at", MOMENT),
        _text("reply", ""),
        sa.Column("requeued_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_hook_calls"),
    )
    op.create_index("ix_hook_calls_ticket_id", "hook_calls", ["ticket_id"])
    op.add_column("journal", sa.Column("scanned_at", MOMENT))
    for table, name, column, state in (
        ("hook_calls", "parked", "id", "parked"),
        ("hook_calls", "due", "due_at", "waiting"),
        ("journal", "quarantined", "id", "quarantined"),
    ):
        where = sa.text(f"state = '{state}'")
        op.create_index(f"ix_{table}_{name}", table, [column], sqlite_where=where, postgresql_where=where)
