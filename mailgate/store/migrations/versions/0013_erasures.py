"""Erasures and retention: people taken out of the desk, removed parts of tickets, legal holds, removed bundles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mailgate.store.ddl.append_only import create_append_only, drop_append_only

revision = "0013"
down_revision = "0012"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "never_committed",
        sa.Column("id", ID, nullable=False),
        sa.CheckConstraint("id < 0 AND id > 0", name="ck_never_committed"),
        sa.PrimaryKeyConstraint("id", name="pk_never_committed"),
    )
    op.create_table(
        "erasures",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("certificate", sa.JSON(), nullable=False),
        sa.Column("open_ticket", ID),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
        sa.ForeignKeyConstraint(
            ["open_ticket"], ["never_committed.id"], name="fk_erasures_open_ticket", deferrable=True,
            initially="DEFERRED",
        ),
        sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_index("ix_erasures_fingerprint", "erasures", ["fingerprint"])
    op.create_table(
        "erased_parts",
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "part", name="pk_erased_parts"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_erased_parts_ticket_id"),
    )
    op.create_table(
        "legal_holds",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("address", sa.Text(), nullable=False, server_default=""),
        sa.Column("ticket_id", ID),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("lifted_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_legal_holds"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_legal_holds_ticket_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_legal_holds_ticket_id", "legal_holds", ["ticket_id"])
    op.create_index("ix_messages_journal_id", "messages", ["journal_id"])
    op.add_column("archives", sa.Column("removed_at", MOMENT))
    drop_append_only(op.get_bind())
    create_append_only(op.get_bind())
