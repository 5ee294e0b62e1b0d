"""Promises from the history alone, ratings, new plans for open tickets, mailed reports, archives."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _add_columns()
    _create_tables()


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.text("false"))


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def _add_columns() -> None:
    op.add_column("events", sa.Column("facts", sa.JSON()))
    op.add_column("contacts", sa.Column("rating_asked_at", MOMENT))
    op.add_column("tickets", _flag("rating_asked"))
    op.add_column("tickets", sa.Column("rating", sa.Integer()))
    op.add_column("tickets", _text("rating_words", ""))
    op.add_column("tickets", sa.Column("rated_at", MOMENT))
    op.add_column("tickets", _flag("unarchived"))
    some = sa.text("unarchived")
    op.create_index("ix_tickets_unarchived", "tickets", ["id"], sqlite_where=some, postgresql_where=some)


def _create_tables() -> None:
    op.create_table(
        "plans",
        _text("queue"),
        _text("fingerprint"),
        sa.Column("cursor", ID),
        *(sa.Column(name, sa.Integer(), nullable=False, server_default="0") for name in ("changed", "late")),
        sa.Column("planned_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("queue", name="pk_plans"),
    )
    op.create_table(
        "logos",
        _text("digest"),
        sa.Column("blob_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_logos"),
        sa.ForeignKeyConstraint(["blob_id"], ["blobs.id"], name="fk_logos_blob_id"),
    )
    op.create_table("bulletins", _text("name"), _text("period"), sa.PrimaryKeyConstraint("name", name="pk_bulletins"))
    op.create_table(
        "archives",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        _text("path"),
        _text("sha256"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_archives"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_archives_ticket_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_archives_ticket_id", "archives", ["ticket_id"])
    op.create_table(
        "imports",
        _text("source"),
        sa.Column("ticket_id", ID, nullable=False),
        _text("sha256"),
        sa.Column("imported_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_imports"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_imports_ticket_id"),
    )
