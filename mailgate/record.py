"""Keeping a mail in its ticket: the message, its files, its Message-ID, and the people it brought."""

from __future__ import annotations

from sqlalchemy import Connection

from mailgate.config import Limits
from mailgate.happening import Arrival
from mailgate.mail import Attachment
from mailgate.notices import File
from mailgate.store.blobs import put_blob
from mailgate.store.tickets import (
    MessageRow,
    Ticket,
    add_attachments,
    add_message,
    add_participants,
    list_attachments,
    note_seen,
)


def keep_mail(connection: Connection, ticket: Ticket, arrival: Arrival, limits: Limits) -> tuple[File, ...]:
    """Record a mail that came in; the files that a notice about it may carry.

    Inline images that the ticket holds already came back with a quote or a signature and are not carried again
    (rule 16).
    """
    mail = arrival.mail
    recipients = tuple(address.address for address in (*mail.to, *mail.cc))
    row = MessageRow(
        "in", arrival.sender.address, recipients, mail.subject, mail.message_id, arrival.at, mail.text, mail.new_text,
        internal=arrival.internal, journal_id=arrival.journal_id,
    )  # fmt: skip
    message = add_message(connection, ticket.id, row)
    known = {stored.sha256 for stored in list_attachments(connection, ticket.id)} if mail.attachments else set()
    placed = [(file, _place(connection, file, arrival)) for file in mail.attachments]
    add_attachments(connection, message, placed)
    note_seen(connection, ticket.id, mail.message_id, arrival.sender.address, arrival.at)
    if arrival.people:
        add_participants(connection, ticket.id, arrival.people, limits.participants)
    return tuple(_refer(file, blob) for file, blob in placed if not (file.inline and file.sha256 in known))


def _place(connection: Connection, file: Attachment, arrival: Arrival) -> int:
    """The blob that holds a file: the raw mail itself where its base64 text can be reused."""
    return arrival.blob_id if file.span is not None else put_blob(connection, file.content)


def _refer(file: Attachment, blob: int) -> File:
    start, end = file.span or (None, None)
    cid = file.content_id if file.inline else ""
    return File(file.filename, file.mime_type, blob, file.size, start, end, file.span is not None, cid)
