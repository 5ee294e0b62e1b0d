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

_DELETED = "the history of tickets is append-only: no event is deleted"
_CHANGED = "the history of tickets is append-only: an event can only be marked as undone"
_COLUMNS = (
    "id", "ticket_id", "at", "event", "from_state", "to_state", "reason", "by", "row", "text", "journal_id", "facts",
)  # fmt: skip
_DIFFERS = " OR ".join(f'old."{name}" IS NOT new."{name}"' for name in _COLUMNS)
_TRAIL_OF_SQLITE = (
    f"CREATE TRIGGER events_stay BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, '{_DELETED}'); END",
    "CREATE TRIGGER events_stay_as_they_are BEFORE UPDATE ON events"
    f" WHEN {_DIFFERS} OR old.undone > new.undone OR new.undone NOT IN (0, 1)"
    f" BEGIN SELECT RAISE(ABORT, '{_CHANGED}'); END",
    "CREATE TRIGGER events_stay_in_place BEFORE INSERT ON events"
    " WHEN EXISTS (SELECT 1 FROM events WHERE id = new.id)"
    f" BEGIN SELECT RAISE(ABORT, '{_CHANGED}'); END",
)
_TRAIL_OF_POSTGRES = (
    f"""
CREATE FUNCTION mailgate_keep_events() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    same events;
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION '{_DELETED}';
    END IF;
    same := NEW;
    same.undone := OLD.undone;
    IF OLD.undone > NEW.undone OR same::text IS DISTINCT FROM OLD::text THEN
        RAISE EXCEPTION '{_CHANGED}';
    END IF;
    RETURN NEW;
END $$
""",
    "CREATE TRIGGER events_stay_as_they_are BEFORE UPDATE OR DELETE ON events"
    " FOR EACH ROW EXECUTE FUNCTION mailgate_keep_events()",
    "CREATE TRIGGER events_stay BEFORE TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION mailgate_keep_events()",
)


def upgrade() -> None:
    _add_columns()
    _create_tables()
    for statement in _TRAIL_OF_SQLITE if op.get_bind().dialect.name == "sqlite" else _TRAIL_OF_POSTGRES:
        op.get_bind().exec_driver_sql(statement)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.text("false"))


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def _add_columns() -> None:
    op.add_column("events", sa.Column("facts", sa.JSON()))
    op.add_column("contacts", sa.Column("rating_asked_at", MOMENT))
    op.drop_index("ix_messages_ticket_id", "messages")
    op.create_index("ix_messages_ticket_id_at", "messages", ["ticket_id", "at", "direction"])
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
