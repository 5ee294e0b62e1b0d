"""The mails of a ticket as they came: where their bytes lie, and which of their files lie in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from mailgate.store.schema import attachments, journal, messages

# Statements are built once: building one costs more than running it.
_LIST: Select[Any] = (
    select(
        messages.c.id, messages.c.sender, messages.c.at, messages.c.new_text, messages.c.journal_id,
        journal.c.blob_id, journal.c.size,
    )
    .join(journal, journal.c.id == messages.c.journal_id)
    .where(
        messages.c.ticket_id == bindparam("ticket"), messages.c.direction == "in", journal.c.oversized.is_(False)
    )
    .order_by(messages.c.id)
)  # fmt: skip
_FILES: Select[Any] = (
    select(
        attachments.c.message_id, attachments.c.filename, attachments.c.sha256, attachments.c.span_start,
        attachments.c.span_end,
    )
    .join(messages, messages.c.id == attachments.c.message_id)
    .where(messages.c.ticket_id == bindparam("ticket"))
    .order_by(attachments.c.id)
)  # fmt: skip


def list_originals(connection: Connection, ticket_id: int) -> Sequence[Row[Any]]:
    """The mails that came in, oldest first, with the blob that holds each."""
    return connection.execute(_LIST, {"ticket": ticket_id}).all()


def list_their_files(connection: Connection, ticket_id: int) -> Sequence[Row[Any]]:
    """The files of all mails of a ticket: whose each is, its digest, and where its base64 text stands in the mail."""
    return connection.execute(_FILES, {"ticket": ticket_id}).all()
