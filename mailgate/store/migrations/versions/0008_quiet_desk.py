"""Tags, approvals, channels, tickets out of sight, addresses set aside, participants who left, formatted messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def upgrade() -> None:
    for table, column in (
        ("tickets", _text("channel", "mail")),
        ("tickets", _text("waits_for", "")),
        ("tickets", sa.Column("waits_until", MOMENT)),
        ("tickets", sa.Column("hidden_until", MOMENT)),
        ("participants", sa.Column("left_at", MOMENT)),
        ("contacts", sa.Column("blocked_at", MOMENT)),
        ("contacts", sa.Column("set_aside_at", MOMENT)),
        ("contacts", _text("set_aside_reason", "")),
        ("contacts", sa.Column("refusals", sa.Integer(), nullable=False, server_default="0")),
        ("messages", _text("new_html", "")),
    ):
        op.add_column(table, column)
    op.create_table(
        "tags",
        sa.Column("ticket_id", ID, nullable=False),
        _text("tag"),
        sa.PrimaryKeyConstraint("ticket_id", "tag", name="pk_tags"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_tags_ticket_id"),
    )
    op.create_index("ix_tags_tag", "tags", ["tag"])
    op.create_table(
        "approvals",
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("notice", sa.Integer(), nullable=False),
        *(_text(name) for name in ("address", "question", "asked_by")),
        sa.Column("asked_at", MOMENT, nullable=False),
        _text("decision", ""),
        sa.Column("decided_at", MOMENT),
        _text("words", ""),
        sa.PrimaryKeyConstraint("ticket_id", "notice", name="pk_approvals"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_approvals_ticket_id"),
    )
