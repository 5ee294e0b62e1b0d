"""Stores a mail in its ticket: the message, its files, its Message-ID, and new participants."""

from __future__ import annotations

from collections.abc import Sequence

from mailgate.config import Limits
from mailgate.core.mail import Attachment, InboundMessage, Mail
from mailgate.core.workflow.events import Event
from mailgate.parsers.html.alignment import Formatter
from mailgate.parsers.quoting.pictures import place_pictures
from mailgate.store.blobs import find_logos, put_blob
from mailgate.store.messages import (
    NewMessage,
    SeenMessageId,
    add_message_with_files,
    list_attachments,
    note_seen,
    rewrite_message,
)
from mailgate.store.people import add_participants, list_participants
from mailgate.store.tickets import Ticket
from mailgate.store.unit_of_work import UnitOfWork
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.values import FileRef


def store_message(
    batch: UnitOfWork, ticket: Ticket, message: InboundMessage, limits: Limits, formatter: Formatter
) -> tuple[FileRef, ...]:
    """Stores an incoming mail and returns the files that a notice about it may carry.

    `formatter` is that of the mail. Inline images that the ticket holds already came back with a quote or a signature
    and are not carried again (rule 16).
    """
    mail = message.mail
    recipients = tuple(address.address for address in (*mail.to, *mail.cc))
    new_text = place_pictures(mail.new_text, mail.pictures)
    formatted, plain = formatter.format(new_text) or (None, "")
    row = NewMessage(
        direction="in",
        sender=message.sender.address,
        recipients=recipients,
        subject=mail.subject,
        message_id=mail.message_id,
        at=message.at,
        text=mail.text,
        new_text=message.words or new_text,
        new_html=formatted.html if formatted is not None and not (plain.strip() or message.words) else "",
        internal=message.internal,
        journal_id=message.journal_id,
    )
    connection, known, placed = batch.connection, set[str](), list[tuple[Attachment, int]]()
    if files := _without_our_logo(batch, mail):
        known = {stored.sha256 for stored in list_attachments(connection, ticket.id)}
        placed = [(file, _place(batch, file, message)) for file in files]
    if message.again and rewrite_message(connection, ticket.id, row, placed):
        pass  # what could be read of it before gives way
    elif placed:
        add_message_with_files(connection, ticket.id, row, placed)
    else:
        batch.add_message(row)
    note_seen(connection, ticket.id, (SeenMessageId(mail.message_id, message.sender.address, message.at),))
    if message.people:
        present = {row.address for row in list_participants(connection, ticket.id)}
        add_participants(connection, ticket.id, message.people, limits.participants, known=present)
    return tuple(_refer(file, blob) for file, blob in placed if not (file.inline and file.sha256 in known))


def store_words(batch: UnitOfWork, ticket: Ticket, ticket_events: Sequence[TicketEvent]) -> None:
    """Stores what an agent's mail said to the requester in a ticket that is not the mail's own.

    Such a mail orders things on several tickets, or answers a ticket that this one is answered with. Its own text may
    name the others, so that the words stand alone, below this ticket's subject: without recipients, Message-ID, files.
    """
    said = (one for one in ticket_events if one.journal_id is not None and (one.gathered or one.follows))
    shown = (one for one in said if one.event.info.text.is_shown and one.event is not Event.CLOSE_SPAM)
    words = next((one for one in shown if one.text.strip()), None)
    if words is None:
        return
    is_formatted = words.formatted is not None and words.formatted.text == words.text
    batch.add_message(
        NewMessage(
            direction="in",
            sender=words.by,
            recipients=(),
            subject=ticket.subject,
            message_id="",
            at=words.at,
            text=words.text,
            new_text=words.text,
            new_html=words.formatted.html if words.formatted is not None and is_formatted else "",
            journal_id=words.journal_id,
        )
    )
    batch.write()


def _without_our_logo(batch: UnitOfWork, mail: Mail) -> tuple[Attachment, ...]:
    """Returns the files of a mail without the desk's logo, which came back in a quotation of its notice."""
    inline = {file.sha256 for file in mail.attachments if file.inline}
    ours = find_logos(batch.connection, inline) if inline else set()
    return tuple(file for file in mail.attachments if not (file.inline and file.sha256 in ours))


def _place(batch: UnitOfWork, file: Attachment, message: InboundMessage) -> int:
    """Returns the blob that holds a file: the raw mail itself where its base64 text can be reused."""
    return message.blob_id if file.span is not None else put_blob(batch.connection, file.content)


def _refer(file: Attachment, blob: int) -> FileRef:
    start, end = file.span or (None, None)
    cid = file.content_id if file.inline else ""
    return FileRef(
        filename=file.filename,
        mime_type=file.mime_type,
        blob=blob,
        size=file.size,
        start=start,
        end=end,
        encoded=file.span is not None,
        content_id=cid,
        quoted=file.quoted,
    )
