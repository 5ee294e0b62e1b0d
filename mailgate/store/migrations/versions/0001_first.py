"""The tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default="")


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.text("false"))


def _queue_columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default="waiting"),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("leased_until", MOMENT),
        sa.Column("last_error", sa.Text(), nullable=False, server_default=""),
        sa.Column("created_at", MOMENT, nullable=False),
    )


def _index_due(table: str) -> None:
    waiting = sa.text("state = 'waiting'")
    op.create_index(f"ix_{table}_due", table, ["due_at"], sqlite_where=waiting, postgresql_where=waiting)


def upgrade() -> None:
    _create_mails()
    _create_tickets()
    _create_people()
    _create_messages()
    _create_history()
    _create_deadlines()
    _create_outbox()


def _create_mails() -> None:
    op.create_table(
        "blobs",
        sa.Column("id", ID, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_blobs"),
    )
    op.create_table(
        "journal",
        *_queue_columns(),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text()),
        sa.Column("sender", sa.Text()),
        sa.Column("recipients", sa.JSON(), nullable=False),
        _words("auth_user"),
        _words("peer"),
        _words("message_id"),
        sa.Column("fingerprint", sa.Text()),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("blob_id", ID, nullable=False),
        sa.Column("ticket_id", ID),
        _words("outcome"),
        sa.Column("forced", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
        sa.UniqueConstraint("source_key", name="uq_journal_source_key"),
        sa.ForeignKeyConstraint(["blob_id"], ["blobs.id"], name="fk_journal_blob_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_journal_message_id", "journal", ["message_id"])
    op.create_index("ix_journal_fingerprint", "journal", ["fingerprint"])
    _index_due("journal")


def _create_tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        _words("reference"),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("queue", "state", "level")),
        sa.Column("resolved_by", sa.Text()),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("subject", "requester", "requester_name")),
        _words("department"),
        sa.Column("language", sa.Text(), nullable=False),
        _words("type"),
        sa.Column("priority", sa.Text(), nullable=False, server_default="normal"),
        _words("urgency"),
        _words("desired_outcome"),
        sa.Column("fields", sa.JSON(), nullable=False),
        *(_words(name) for name in ("assignee", "solution", "close_reason", "cause")),
        _count("minutes_spent"),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("level_since", MOMENT, nullable=False),
        *(sa.Column(name, MOMENT) for name in ("answered_at", "waiting_since", "promise_due", "confirm_at")),
        *(sa.Column(name, MOMENT) for name in ("resolved_at", "closed_at")),
        *(_count(name) for name in ("not_fixed", "questions", "reminders")),
        *(_flag(name) for name in ("clarified", "review_asked")),
        *(_count(name) for name in ("notices", "confirm_notice")),
        *(_words(name) for name in ("question", "last_answer", "last_agent", "last_agent_name")),
        _count("last_agent_notice"),
        sa.Column("last_agent_at", MOMENT),
        _words("last_agent_did"),
        sa.Column("merged_into", ID),
        _count("version"),
        sa.PrimaryKeyConstraint("id", name="pk_tickets"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tickets_requester", "tickets", ["requester"])
    op.create_index("ix_tickets_reference", "tickets", ["reference"])
    op.create_index("ix_tickets_state_queue", "tickets", ["state", "queue"])


def _create_people() -> None:
    op.create_table(
        "participants",
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        _words("name"),
        sa.PrimaryKeyConstraint("ticket_id", "address", name="pk_participants"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_participants_ticket_id"),
    )
    op.create_table(
        "contacts",
        sa.Column("address", sa.Text(), nullable=False),
        _words("language"),
        _flag("known"),
        _flag("blocked"),
        sa.PrimaryKeyConstraint("address", name="pk_contacts"),
    )


def _create_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("direction", "sender")),
        sa.Column("recipients", sa.JSON(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("subject", "message_id")),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        _words("notice"),
        sa.Column("text", sa.Text(), nullable=False),
        _words("new_text"),
        sa.Column("journal_id", ID),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_messages_ticket_id"),
    )
    op.create_index("ix_messages_ticket_id", "messages", ["ticket_id"])
    op.create_table(
        "attachments",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("message_id", ID, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("filename", "mime_type")),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("inline", sa.Boolean(), nullable=False),
        _words("content_id"),
        sa.Column("blob_id", ID, nullable=False),
        sa.Column("span_start", sa.Integer()),
        sa.Column("span_end", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_attachments_message_id"),
        sa.ForeignKeyConstraint(["blob_id"], ["blobs.id"], name="fk_attachments_blob_id"),
    )
    op.create_index("ix_attachments_message_id", "attachments", ["message_id"])
    op.create_table(
        "message_ids",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_message_ids"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_message_ids_ticket_id"),
    )
    op.create_index("ix_message_ids_ticket_id_address", "message_ids", ["ticket_id", "address"])


def _create_history() -> None:
    op.create_table(
        "events",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text()),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("to_state", "reason", "by", "row")),
        _words("text"),
        sa.Column("journal_id", ID),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_events_ticket_id"),
    )
    op.create_index("ix_events_ticket_id", "events", ["ticket_id"])
    op.create_table(
        "links",
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("other_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "other_id", name="pk_links"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_links_ticket_id"),
        sa.ForeignKeyConstraint(["other_id"], ["tickets.id"], name="fk_links_other_id"),
    )


def _create_deadlines() -> None:
    op.create_table(
        "timers",
        *_queue_columns(),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_timers"),
        sa.UniqueConstraint("ticket_id", "name", name="uq_timers_ticket_id_name"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_timers_ticket_id"),
    )
    _index_due("timers")


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        *_queue_columns(),
        sa.Column("ticket_id", ID),
        _words("reference"),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("notice", "lane", "queue", "recipient")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("return_path", "message_id")),
        sa.Column("human", sa.Boolean(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("inserts", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_outbox_ticket_id"),
    )
    op.create_index("ix_outbox_ticket_id_number", "outbox", ["ticket_id", "number"])
    op.create_index("ix_outbox_recipient_created_at", "outbox", ["recipient", "created_at"])
    op.create_index("ix_outbox_message_id", "outbox", ["message_id"])
    _index_due("outbox")
