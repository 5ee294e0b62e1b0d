"""The tables. Journal, outbox and timers are queues (`queue.py`); the rest is what a ticket is made of.

Times are kept in UTC and come back aware on both engines; a naive time is refused. Bytes of mails lie in `blobs`
and `blob_parts` alone, so that a scan of the journal or the outbox never reads them.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    event,
    text,
)

from mailgate.store.telling import install_telling, remove_telling

VERSION = "0003"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_Id = BigInteger().with_variant(Integer, "sqlite")


class Moment(TypeDecorator[datetime]):
    """An aware time, stored in UTC. SQLite forgets zones, so they are put back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def _queue_columns() -> tuple[Column[object], ...]:
    """What every queue has: see `queue.py` for the life of a row."""
    return (
        Column("id", _Id, primary_key=True, autoincrement=True),
        Column("state", Text, nullable=False, server_default="waiting"),
        Column("due_at", Moment, nullable=False),
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("leased_until", Moment),
        Column("last_error", Text, nullable=False, server_default=""),
        Column("created_at", Moment, nullable=False),
    )


blobs = Table("blobs", metadata, Column("id", _Id, primary_key=True), Column("content", LargeBinary, nullable=False))

# What a blob has beyond its first piece: `position` counts pieces, the one in `blobs` being 0.
blob_parts = Table(
    "blob_parts",
    metadata,
    Column("blob_id", _Id, ForeignKey("blobs.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

journal = Table(
    "journal",
    metadata,
    *_queue_columns(),
    Column("received_at", Moment, nullable=False),
    Column("source", Text, nullable=False),
    Column("source_key", Text, unique=True),
    Column("sender", Text),
    Column("recipients", JSON, nullable=False),
    Column("auth_user", Text, nullable=False, server_default=""),
    Column("peer", Text, nullable=False, server_default=""),
    Column("message_id", Text, nullable=False, server_default="", index=True),
    Column("fingerprint", Text, index=True),
    Column("size", Integer, nullable=False),
    Column("blob_id", _Id, ForeignKey("blobs.id"), nullable=False),
    Column("ticket_id", _Id),
    Column("outcome", Text, nullable=False, server_default=""),
    Column("forced", Boolean, nullable=False, server_default=text("false")),
    # A mail larger than the desk takes: the blob is its head, `size` what it has, and the rest is where it came from.
    Column("oversized", Boolean, nullable=False, server_default=text("false")),
    sqlite_autoincrement=True,
)

tickets = Table(
    "tickets",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("reference", Text, nullable=False, server_default=""),
    Column("queue", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("resolved_by", Text),
    Column("subject", Text, nullable=False),
    Column("requester", Text, nullable=False),
    Column("requester_name", Text, nullable=False),
    Column("department", Text, nullable=False, server_default=""),
    Column("language", Text, nullable=False),
    Column("type", Text, nullable=False, server_default=""),
    Column("priority", Text, nullable=False, server_default="normal"),
    Column("urgency", Text, nullable=False, server_default=""),
    Column("desired_outcome", Text, nullable=False, server_default=""),
    Column("fields", JSON, nullable=False),
    Column("assignee", Text, nullable=False, server_default=""),
    Column("solution", Text, nullable=False, server_default=""),
    Column("close_reason", Text, nullable=False, server_default=""),
    Column("cause", Text, nullable=False, server_default=""),
    Column("minutes_spent", Integer, nullable=False, server_default="0"),
    Column("created_at", Moment, nullable=False),
    Column("level_since", Moment, nullable=False),
    Column("answered_at", Moment),
    Column("waiting_since", Moment),
    Column("promise_due", Moment),
    Column("confirm_at", Moment),
    Column("resolved_at", Moment),
    Column("closed_at", Moment),
    Column("not_fixed", Integer, nullable=False, server_default="0"),
    Column("questions", Integer, nullable=False, server_default="0"),
    Column("reminders", Integer, nullable=False, server_default="0"),
    Column("clarified", Boolean, nullable=False, server_default=text("false")),
    Column("review_asked", Boolean, nullable=False, server_default=text("false")),
    Column("notices", Integer, nullable=False, server_default="0"),
    Column("confirm_notice", Integer, nullable=False, server_default="0"),
    Column("question", Text, nullable=False, server_default=""),
    Column("last_answer", Text, nullable=False, server_default=""),
    Column("last_agent", Text, nullable=False, server_default=""),
    Column("last_agent_name", Text, nullable=False, server_default=""),
    Column("last_agent_notice", Integer, nullable=False, server_default="0"),
    Column("last_agent_at", Moment),
    Column("last_agent_did", Text, nullable=False, server_default=""),
    Column("merged_into", _Id),
    Column("version", Integer, nullable=False, server_default="0"),
    Index("ix_tickets_requester", "requester"),
    Index("ix_tickets_reference", "reference"),
    Index("ix_tickets_state_queue", "state", "queue"),
    sqlite_autoincrement=True,
)

participants = Table(
    "participants",
    metadata,
    Column("ticket_id", _Id, ForeignKey("tickets.id"), primary_key=True),
    Column("address", Text, primary_key=True),
    Column("name", Text, nullable=False, server_default=""),
)

# What is known of an address whatever the ticket: whether a token came back from it or an agent answered it
# (rule 13), the language it writes, whether its mail is refused as spam.
contacts = Table(
    "contacts",
    metadata,
    Column("address", Text, primary_key=True),
    Column("language", Text, nullable=False, server_default=""),
    Column("known", Boolean, nullable=False, server_default=text("false")),
    Column("blocked", Boolean, nullable=False, server_default=text("false")),
)

messages = Table(
    "messages",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("ticket_id", _Id, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("direction", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("recipients", JSON, nullable=False),
    Column("subject", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("internal", Boolean, nullable=False),
    Column("notice", Text, nullable=False, server_default=""),
    Column("text", Text, nullable=False),
    Column("new_text", Text, nullable=False, server_default=""),
    Column("journal_id", _Id),
)

attachments = Table(
    "attachments",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("message_id", _Id, ForeignKey("messages.id"), nullable=False, index=True),
    Column("filename", Text, nullable=False),
    Column("mime_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("inline", Boolean, nullable=False),
    Column("content_id", Text, nullable=False, server_default=""),
    Column("blob_id", _Id, ForeignKey("blobs.id"), nullable=False),
    Column("span_start", Integer),
    Column("span_end", Integer),
)

# Every Message-ID of a ticket, and the address that has seen it: References name only what the addressee knows.
message_ids = Table(
    "message_ids",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("ticket_id", _Id, ForeignKey("tickets.id"), nullable=False),
    Column("address", Text, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Index("ix_message_ids_ticket_id_address", "ticket_id", "address"),
)

events = Table(
    "events",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("ticket_id", _Id, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("event", Text, nullable=False),
    Column("from_state", Text),
    Column("to_state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("row", Text, nullable=False),
    Column("text", Text, nullable=False, server_default=""),
    Column("journal_id", _Id),
)

links = Table(
    "links",
    metadata,
    Column("ticket_id", _Id, ForeignKey("tickets.id"), primary_key=True),
    Column("other_id", _Id, ForeignKey("tickets.id"), primary_key=True),
    Column("kind", Text, nullable=False),
)

timers = Table(
    "timers",
    metadata,
    *_queue_columns(),
    Column("ticket_id", _Id, ForeignKey("tickets.id"), nullable=False),
    Column("name", Text, nullable=False),
    UniqueConstraint("ticket_id", "name"),
)

outbox = Table(
    "outbox",
    metadata,
    *_queue_columns(),
    Column("ticket_id", _Id, ForeignKey("tickets.id")),
    Column("reference", Text, nullable=False, server_default=""),
    Column("number", Integer, nullable=False),
    Column("notice", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("return_path", Text, nullable=False),
    Column("message_id", Text, nullable=False, index=True),
    Column("human", Boolean, nullable=False),
    Column("size", Integer, nullable=False),
    Column("inserts", JSON, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_outbox_ticket_id_number", "ticket_id", "number"),
    Index("ix_outbox_recipient_created_at", "recipient", "created_at"),
)

for _queue in (journal, timers, outbox):
    Index(
        f"ix_{_queue.name}_due",
        _queue.c.due_at,
        sqlite_where=_queue.c.state == "waiting",
        postgresql_where=_queue.c.state == "waiting",
    )

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", Moment, nullable=False),
)

# How each way in fares, by its name: when it last brought success, since when it has failed and why, when the operator
# was told, and what it counts.
ways = Table(
    "ways",
    metadata,
    Column("name", Text, primary_key=True),
    Column("succeeded_at", Moment),
    Column("failing_since", Moment),
    Column("last_error", Text, nullable=False, server_default=""),
    Column("alarmed_at", Moment),
    Column("figures", JSON, nullable=False),
)

# A folder of an IMAP server, and what is known of it. UIDs up to `last_uid` were looked at; those up to `top_uid` stood
# there on first contact, and of them only `planned` is taken (null: all).
mailboxes = Table(
    "mailboxes",
    metadata,
    Column("name", Text, primary_key=True),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("last_uid", BigInteger, nullable=False),
    Column("contacted_at", Moment, nullable=False),
    Column("top_uid", BigInteger, nullable=False),
    Column("planned", JSON),
)


@event.listens_for(metadata, "after_create")
def _after_create(_metadata: MetaData, connection: Connection, **_: object) -> None:
    if connection.dialect.name == "postgresql":
        install_telling(connection)


@event.listens_for(metadata, "after_drop")
def _after_drop(_metadata: MetaData, connection: Connection, **_: object) -> None:
    if connection.dialect.name == "postgresql":
        remove_telling(connection)
