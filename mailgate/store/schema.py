"""The tables. Journal, outbox, timers and calls of hooks are queues (`work_queue`); the others hold the rest.

Times are kept in UTC and come back aware on both engines; a naive time is refused. Bytes of mails lie in `blobs`
and `blob_parts` alone, so that a scan of the journal or the outbox never reads them.
"""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
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

from mailgate.store.ddl.append_only import create_append_only, drop_append_only_function
from mailgate.store.ddl.fulltext import install_index, remove_index

VERSION = "0013"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_COMPRESSED = b"\0"
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


class Compressed(TypeDecorator[bytes]):
    """Bytes of notices, compressed: their pages are alike, and a row is written again with each change of its state.

    Compressed bytes are zlib's (RFC 1950) behind a NUL, with which no notice begins: rows without one are read as they
    are. Level 1 takes half the time of level 6 for a seventh more bytes. Bytes that cannot be restored are read as
    b"", which no notice is: an error here would cost the other rows of its statement, too.
    """

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        return _COMPRESSED + zlib.compress(value, 1) if value is not None else None

    def process_result_value(self, value: Any | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        if value is None:
            return None
        stored = bytes(value)
        if not stored.startswith(_COMPRESSED):
            return stored
        try:
            return zlib.decompress(stored[1:])
        except zlib.error:
            return b""


def _queue_columns() -> tuple[Column[object], ...]:
    """Builds the columns that every queue has; `work_queue` describes the life of a row."""
    return (
        Column("id", _Id, primary_key=True, autoincrement=True),
        Column("state", Text, nullable=False, server_default="waiting"),
        Column("due_at", Moment, nullable=False),
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("leased_until", Moment),
        Column("last_error", Text, nullable=False, server_default=""),
        Column("created_at", Moment, nullable=False),
    )


blobs = Table(
    "blobs",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    # How many bytes it has where `content` is compressed; null where it is not.
    Column("size", Integer),
)

# What a blob has beyond its first piece: `position` counts pieces, the one in `blobs` being 0.
blob_parts = Table(
    "blob_parts",
    metadata,
    Column("blob_id", _Id, ForeignKey("blobs.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

# Which blob is the logo with this SHA-256: notices refer to it.
logos = Table(
    "logos",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("blob_id", _Id, ForeignKey("blobs.id"), nullable=False),
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
    Column("ticket_id", _Id, index=True),
    Column("outcome", Text, nullable=False, server_default=""),
    Column("forced", Boolean, nullable=False, server_default=text("false")),
    # A mail larger than the desk takes: the blob is its head, `size` what it has, and the rest is where it came from.
    Column("oversized", Boolean, nullable=False, server_default=text("false")),
    # The address that a challenge has proven to have written this mail, "" where none was needed or answered.
    Column("proven", Text, nullable=False, server_default=""),
    # The address in From and the subject, as a listing shows them; "" where the mail has none.
    Column("author", Text, nullable=False, server_default=""),
    Column("subject", Text, nullable=False, server_default=""),
    # When the virus scanner found it clean, or the operator released it; null where it was not scanned.
    Column("scanned_at", Moment),
    Index(
        "ix_journal_quarantined",
        "id",
        sqlite_where=text("state = 'quarantined'"),
        postgresql_where=text("state = 'quarantined'"),
    ),
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
    # Who wrote the request for the requester, "" for the requester; the form that it came by, and how often its missing
    # fields were asked for.
    Column("submitter", Text, nullable=False, server_default=""),
    Column("form", Text, nullable=False, server_default=""),
    Column("form_asked", Integer, nullable=False, server_default="0"),
    # How satisfied the requester said to be, from 1 to 5, and their words beside it; whether they were asked.
    Column("rating_asked", Boolean, nullable=False, server_default=text("false")),
    Column("rating", Integer),
    Column("rating_words", Text, nullable=False, server_default=""),
    Column("rated_at", Moment),
    # Closed, and not yet in the folder of archives.
    Column("unarchived", Boolean, nullable=False, server_default=text("false")),
    # Random, and part of the signatures of its notices: a database that is restored gives its number to another ticket,
    # and replies to the lost one must not be taken for replies to that. "" for tickets older than version 0007.
    Column("word", Text, nullable=False, server_default=""),
    # How the request came: mail, phone, form or chat.
    Column("channel", Text, nullable=False, server_default="mail"),
    # While the clock is paused: the person or supplier that the desk waits for, "" for the requester.
    Column("waits_for", Text, nullable=False, server_default=""),
    Column("waits_until", Moment),
    # Lists leave it out until then.
    Column("hidden_until", Moment),
    Column("version", Integer, nullable=False, server_default="0"),
    Index("ix_tickets_requester", "requester"),
    Index("ix_tickets_reference", "reference"),
    Index("ix_tickets_state_queue", "state", "queue"),
    Index(
        "ix_tickets_merged",
        "state",
        sqlite_where=text("merged_into IS NOT NULL"),
        postgresql_where=text("merged_into IS NOT NULL"),
    ),
    Index(
        "ix_tickets_unarchived",
        "id",
        sqlite_where=text("unarchived"),
        postgresql_where=text("unarchived"),
    ),
    sqlite_autoincrement=True,
)

# Words by which agents sort tickets, in lower case.
tags = Table(
    "tags",
    metadata,
    Column("ticket_id", _Id, ForeignKey("tickets.id"), primary_key=True),
    Column("tag", Text, primary_key=True, index=True),
)

# Third persons who were asked to approve a request: the question, its notice, and what they decided in which words.
approvals = Table(
    "approvals",
    metadata,
    Column("ticket_id", _Id, ForeignKey("tickets.id"), primary_key=True),
    Column("notice", Integer, primary_key=True),
    Column("address", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    # "" until they decide, then approved, rejected or withdrawn.
    Column("decision", Text, nullable=False, server_default=""),
    Column("decided_at", Moment),
    Column("words", Text, nullable=False, server_default=""),
)

participants = Table(
    "participants",
    metadata,
    Column("ticket_id", _Id, ForeignKey("tickets.id"), primary_key=True),
    Column("address", Text, primary_key=True),
    Column("name", Text, nullable=False, server_default=""),
    # When they asked to get no more mail of this ticket.
    Column("left_at", Moment),
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
    Column("blocked_at", Moment),
    # An agent has approved mail from this address, where unknown senders are held.
    Column("accepted", Boolean, nullable=False, server_default=text("false")),
    # Set aside since then, for this reason: its server says that it does not exist, so it gets no notices.
    Column("set_aside_at", Moment),
    Column("set_aside_reason", Text, nullable=False, server_default=""),
    # How often its server has said so, or that it is disabled, since this person last wrote.
    Column("refusals", Integer, nullable=False, server_default="0"),
    # When this person was last asked for a rating.
    Column("rating_asked_at", Moment),
)

messages = Table(
    "messages",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("ticket_id", _Id, ForeignKey("tickets.id"), nullable=False),
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
    # The new text as safe HTML, "" where the mail has no formatting.
    Column("new_html", Text, nullable=False, server_default=""),
    Column("journal_id", _Id),
    # With all that a report asks of mails, so that it need not read them.
    Index("ix_messages_ticket_id_at", "ticket_id", "at", "direction"),
    Index("ix_messages_journal_id", "journal_id"),
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
    Column("at", Moment, nullable=False, index=True),
    Column("event", Text, nullable=False),
    Column("from_state", Text),
    Column("to_state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("row", Text, nullable=False),
    Column("text", Text, nullable=False, server_default=""),
    Column("journal_id", _Id),
    # An agent has undone it: it stays in the history, and a ticket's timeline leaves it out.
    Column("undone", Boolean, nullable=False, server_default=text("false")),
    # What the ticket's promises depend on, where the event changed it: queue, type, priority, and the promise that was
    # made. With them the history alone says whether promises were kept.
    Column("facts", JSON(none_as_null=True)),
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
    Column("body", Compressed, nullable=False),
    # When the relay took it, and the relay's last reply; when an operator put it back, from which its age then counts.
    Column("sent_at", Moment),
    Column("relay_reply", Text, nullable=False, server_default=""),
    Column("requeued_at", Moment),
    # Whether it was last deferred because of its recipient: then it does not become due when the relay works again.
    Column("of_recipient", Boolean, nullable=False, server_default=text("false")),
    # Which notices the relay gets first (`outbox.Urgency`).
    Column("urgency", Integer, nullable=False, server_default="1"),
    Index("ix_outbox_ticket_id_number", "ticket_id", "number"),
    Index("ix_outbox_recipient_created_at", text("lower(recipient)"), "created_at"),
)

# Calls of hooks: `uid` names a call to its receiver, `type` is what it says, and `body` its JSON, "" once it is done.
# `reply` is the first line of the receiver's last answer.
hook_calls = Table(
    "hook_calls",
    metadata,
    *_queue_columns(),
    Column("hook", Text, nullable=False),
    Column("uid", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("ticket_id", _Id, index=True),
    Column("body", Text, nullable=False),
    Column("called_at", Moment),
    Column("reply", Text, nullable=False, server_default=""),
    Column("requeued_at", Moment),
)

# The last step of a ticket that an agent's mail made, and what it replaced, so that the agent can undo it. `before` has
# the columns of the ticket that it changed, `timers` the deadlines that ran, `people` who was of the ticket, `links`
# what it was linked with, `contact` what was known of the requester. Its events and notices are those above the number
# before it, up to the last one; `events` are what happened by it. `version` is the ticket's after it,
# `final` why it cannot be taken back, "" where it can.
steps = Table(
    "steps",
    metadata,
    Column("ticket_id", _Id, ForeignKey("tickets.id"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("events", JSON, nullable=False),
    Column("before", JSON, nullable=False),
    Column("timers", JSON, nullable=False),
    Column("people", JSON, nullable=False),
    Column("links", JSON, nullable=False),
    Column("contact", JSON, nullable=False),
    Column("event_before", _Id, nullable=False),
    Column("last_event", _Id, nullable=False),
    Column("notice_before", Integer, nullable=False),
    Column("last_notice", Integer, nullable=False),
    Column("final", Text, nullable=False, server_default=""),
)

# The knowledge base: articles from the operator's folder, and solutions that requesters have confirmed. `source` is
# the file's name or the ticket's reference; `folded` are its words as the search compares them (`ddl/fulltext`).
articles = Table(
    "articles",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("folded", Text, nullable=False),
    Column("language", Text, nullable=False, server_default=""),
    Column("queue", Text, nullable=False, server_default=""),
    Column("public", Boolean, nullable=False, server_default=text("false")),
    Column("confirmed", Integer, nullable=False, server_default="0"),
    Column("refuted", Integer, nullable=False, server_default="0"),
    Column("fingerprint", Text, nullable=False, server_default=""),
    Column("changed_at", Moment, nullable=False),
    Index("ix_articles_seen", "id", "kind", "queue", "public"),
    Index("ix_articles_kind_confirmed", "kind", "confirmed"),
    Index("ix_articles_fingerprint", "fingerprint"),
    sqlite_autoincrement=True,
)

# Which articles were given to a ticket's requester.
ticket_articles = Table(
    "ticket_articles",
    metadata,
    Column("ticket_id", _Id, ForeignKey("tickets.id"), primary_key=True),
    Column("article_id", _Id, ForeignKey("articles.id"), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
)

# Mails that wait for an answer: an agent's commands for the agent's proof (rule 8), the mail of an unknown sender for
# an agent's decision. `subject` is whom the question is about, `asked` who must answer it, `askings` how often it was
# sent.
holds = Table(
    "holds",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("subject", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("askings", Integer, nullable=False, server_default="0"),
    Column("answered_by", Text, nullable=False, server_default=""),
    Column("word", Text, nullable=False, server_default=""),  # as that of a ticket
    Index("ix_holds_subject_kind", "subject", "kind"),
    Index("ix_holds_state_due_at", "state", "due_at"),
    sqlite_autoincrement=True,
)

held_mails = Table(
    "held_mails",
    metadata,
    Column("hold_id", _Id, ForeignKey("holds.id"), primary_key=True),
    Column("journal_id", _Id, ForeignKey("journal.id"), primary_key=True),
    Column("ticket_id", _Id),
    # Whether a question has shown this mail: a yes does not count for mail that came after it was sent.
    Column("shown", Boolean, nullable=False, server_default=text("false")),
    Index("ix_held_mails_journal_id", "journal_id"),
)

# Agents who are away, and until when: meanwhile the level's mailbox gets what is assigned to them.
absences = Table(
    "absences",
    metadata,
    Column("address", Text, primary_key=True),
    Column("until", Moment, nullable=False),
)

# The day, in the person's own zone, for which a person last had a digest or was found to need none.
digests = Table(
    "digests",
    metadata,
    Column("address", Text, primary_key=True),
    Column("day", Text, nullable=False),
)

# By which configuration the deadlines of a queue's open tickets were last planned; `cursor` is how far a new planning
# has come, null where it is through, `changed` how many tickets it gave other deadlines, and `late` how many of them
# are over already.
plans = Table(
    "plans",
    metadata,
    Column("queue", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("cursor", _Id),
    Column("changed", Integer, nullable=False, server_default="0"),
    Column("late", Integer, nullable=False, server_default="0"),
    Column("planned_at", Moment, nullable=False),
)

# The last period that a mailed report was sent for, by the name of the report.
bulletins = Table(
    "bulletins",
    metadata,
    Column("name", Text, primary_key=True),
    Column("period", Text, nullable=False),
)

# The bundles of closed tickets in the folder of archives: a ticket that was opened again has one for each closing.
archives = Table(
    "archives",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("ticket_id", _Id, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("path", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("written_at", Moment, nullable=False),
    # When an erasure removed the file.
    Column("removed_at", Moment),
    sqlite_autoincrement=True,
)

# The tickets that came from bundles: `source` is where one stood and what it was called there.
imports = Table(
    "imports",
    metadata,
    Column("source", Text, primary_key=True),
    Column("ticket_id", _Id, ForeignKey("tickets.id"), nullable=False),
    Column("sha256", Text, nullable=False),
    Column("imported_at", Moment, nullable=False),
)

# Always empty: `erasures.open_ticket` refers to it, so that no transaction commits while that is set.
never_committed = Table(
    "never_committed",
    metadata,
    Column("id", _Id, primary_key=True),
    CheckConstraint("id < 0 AND id > 0", name="ck_never_committed"),
)

# People who were taken out of the desk, each by a keyed fingerprint of their address, and one row for what the
# retention periods remove. While `open_ticket` names a ticket, and in that transaction only, the events of that ticket
# may lose their words (`ddl/append_only`).
erasures = Table(
    "erasures",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("fingerprint", Text, nullable=False, index=True),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("certificate", JSON, nullable=False),
    Column("open_ticket", _Id, ForeignKey("never_committed.id", deferrable=True, initially="DEFERRED")),
    sqlite_autoincrement=True,
)

# Parts of closed tickets that are gone: `raw_mails`, `attachments`, `texts` or `tickets`.
erased_parts = Table(
    "erased_parts",
    metadata,
    Column("ticket_id", _Id, ForeignKey("tickets.id"), primary_key=True),
    Column("part", Text, primary_key=True),
    Column("at", Moment, nullable=False),
)

# Legal holds: what belongs to this address, or to this ticket, is neither erased nor removed until it is lifted.
legal_holds = Table(
    "legal_holds",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("address", Text, nullable=False, server_default=""),
    Column("ticket_id", _Id, ForeignKey("tickets.id"), index=True),
    Column("reason", Text, nullable=False),
    Column("set_at", Moment, nullable=False),
    Column("lifted_at", Moment),
    sqlite_autoincrement=True,
)

for _queue in (journal, timers, outbox, hook_calls):
    Index(
        f"ix_{_queue.name}_parked",
        _queue.c.id,
        sqlite_where=_queue.c.state == "parked",
        postgresql_where=_queue.c.state == "parked",
    )
    Index(
        f"ix_{_queue.name}_due",
        _queue.c.due_at,
        sqlite_where=_queue.c.state == "waiting",
        postgresql_where=_queue.c.state == "waiting",
    )

Index(
    "ix_outbox_urgency",
    outbox.c.urgency,
    outbox.c.due_at,
    sqlite_where=outbox.c.state == "waiting",
    postgresql_where=outbox.c.state == "waiting",
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", Moment, nullable=False),
)

# The status of each source by its name: when it last succeeded, since when it has failed and why, when the operator was
# alarmed, and its counts.
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
    install_index(connection)
    create_append_only(connection)


@event.listens_for(metadata, "after_drop")
def _after_drop(_metadata: MetaData, connection: Connection, **_: object) -> None:
    remove_index(connection)
    drop_append_only_function(connection)
