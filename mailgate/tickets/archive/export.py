"""Reads a whole ticket from one view of the database: its record, and the bytes of its mails and files.

The bytes are read when they are asked for, piece by piece, and from the same view.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, fields
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection

from mailgate.core.message_parts import Insert, stream
from mailgate.core.message_parts import Message as Notice
from mailgate.store.approvals import list_approvals
from mailgate.store.blobs import read_blob
from mailgate.store.events import EventRow, list_events, list_used
from mailgate.store.journal import JournalRow
from mailgate.store.messages import AttachmentRow, MessageRow, list_messages, list_seen
from mailgate.store.queries.export import (
    ExportedLink,
    ExportedNotice,
    ExportedPerson,
    list_given_articles,
    list_linked,
    list_people,
    list_sent,
)
from mailgate.store.queries.listings import get_sent, list_files, received_mails
from mailgate.store.tickets import Ticket, get_ticket
from mailgate.store.timers import running_timers
from mailgate.tickets.archive.format import (
    VERSION,
    ArchivedApproval,
    ArchivedArticle,
    ArchivedAttachment,
    ArchivedEvent,
    ArchivedLink,
    ArchivedMail,
    ArchivedMessage,
    ArchivedMessageId,
    ArchivedNotice,
    ArchivedPerson,
    ArchivedTicket,
    ArchivedTimer,
)

_NOT_IN_NAMES = re.compile(r"[^\w .()+,@=-]+")
_LONGEST_NAME = 100
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")


@dataclass(frozen=True, slots=True)
class BundlePart:
    """File of a bundle that is made: its name, its time if it has one, and its bytes, read anew at each call."""

    name: str
    at: datetime | None
    pieces: Callable[[], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class TicketExport:
    """Ticket as it stands in the database: its record, and the other files of its bundle."""

    record: ArchivedTicket
    parts: tuple[BundlePart, ...]


def gather(connection: Connection, ticket: Ticket, desk: str) -> TicketExport:
    """Reads everything of a ticket; `desk` is the address of this desk.

    The database view must stay open while the parts are read.
    """
    mails = received_mails(connection, ticket.id)
    notices = list_sent(connection, ticket.id)
    numbers = {row.id: number for number, row in enumerate(mails, 1)}
    files, parts = _place_files(connection, ticket.id, {row.blob_id: numbers[row.id] for row in mails})
    people = list_people(connection, ticket.id)
    steps = list_events(connection, ticket.id)
    kept = get_ticket(connection, ticket.merged_into) if ticket.merged_into is not None else None
    record = ArchivedTicket(
        **_columns(ticket),
        bundle=VERSION,
        desk=desk,
        merged_into=kept.reference if kept is not None else None,
        used=list_used(steps),
        participants=tuple(row.address for row in people),
        people=tuple(_person(row) for row in people),
        messages=tuple(
            _message(number, row, numbers, files.get(row.id, ()))
            for number, row in enumerate(list_messages(connection, ticket.id), 1)
        ),
        events=tuple(_step(number, row, numbers) for number, row in enumerate(steps, 1)),
        timers=tuple(ArchivedTimer(name=row.name, due_at=row.due_at) for row in running_timers(connection, ticket.id)),
        links=tuple(_link(row, ticket.id) for row in list_linked(connection, ticket.id)),
        approvals=tuple(
            ArchivedApproval(**{name: value for name, value in row._asdict().items() if name != "ticket_id"})
            for row in list_approvals(connection, ticket.id)
        ),
        articles=tuple(ArchivedArticle(**row._asdict()) for row in list_given_articles(connection, ticket.id)),
        seen=tuple(
            ArchivedMessageId(message_id=one.message_id, address=one.address, seen_at=one.at)
            for one in list_seen(connection, ticket.id)
        ),
        mails=tuple(_mail(number, row) for number, row in enumerate(mails, 1)),
        sent=tuple(_sent(place, row) for place, row in enumerate(notices, 1)),
    )
    received = [
        BundlePart(mail.file, mail.received_at, partial(_read, connection, row.blob_id))
        for mail, row in zip(record.mails, mails, strict=True)
    ]
    sent = [
        BundlePart(one.file, one.created_at, partial(stream_notice, connection, row.id))
        for one, row in zip(record.sent, notices, strict=True)
    ]
    return TicketExport(record, (*received, *sent, *parts))


def safe_name(name: str) -> str:
    """Makes a file name from outside safe for every unpacker: no path, no control characters."""
    words = _NOT_IN_NAMES.sub("_", name.rpartition("/")[2].rpartition("\\")[2]).strip(" .")
    stem, dot, ending = words.rpartition(".")
    if len(words) > _LONGEST_NAME and dot and len(ending) <= 10:
        return f"{stem[: _LONGEST_NAME - len(ending) - 1]}.{ending}"
    return words[:_LONGEST_NAME] or "file"


# -- rows as parts of the record ---------------------------------------------------------------------------------------


def _columns(ticket: Ticket) -> dict[str, Any]:
    """Returns the ticket's own row without the numbers that mean something in this desk only."""
    names = {field.name for field in fields(ticket)} & ArchivedTicket.model_fields.keys() - {"merged_into"}
    return {name: getattr(ticket, name) for name in names} | {"fields": dict(ticket.fields or {})}


def _person(row: ExportedPerson) -> ArchivedPerson:
    return ArchivedPerson(address=row.address, name=row.name, language=row.language or "", known=bool(row.known))


def _message(
    number: int, row: MessageRow, numbers: Mapping[int, int], files: Iterable[ArchivedAttachment]
) -> ArchivedMessage:
    return ArchivedMessage(
        number=number, direction=row.direction, sender=row.sender, recipients=tuple(row.recipients),
        subject=row.subject, message_id=row.message_id, at=row.at, internal=row.internal, notice=row.notice,
        text=row.text, new_text=row.new_text, new_html=row.new_html, mail=numbers.get(row.journal_id or 0),
        attachments=tuple(files),
    )  # fmt: skip


def _step(number: int, row: EventRow, numbers: Mapping[int, int]) -> ArchivedEvent:
    return ArchivedEvent(
        number=number,
        at=row.at,
        event=row.event,
        from_state=row.from_state,
        to_state=row.to_state,
        reason=row.reason,
        by=row.by,
        row=row.row,
        text=row.text,
        undone=row.undone,
        facts=row.facts,
        mail=numbers.get(row.journal_id or 0),
    )


def _link(row: ExportedLink, ticket_id: int) -> ArchivedLink:
    return ArchivedLink(
        reference=row.reference, kind=row.kind, towards="there" if row.ticket_id == ticket_id else "here"
    )


def _mail(number: int, row: JournalRow) -> ArchivedMail:
    plain = (
        "received_at", "source", "sender", "auth_user", "peer", "message_id", "fingerprint", "size", "oversized",
        "forced", "proven", "state", "outcome", "last_error",
    )  # fmt: skip
    values = {name: getattr(row, name) for name in plain}
    return ArchivedMail(number=number, file=f"mails/{number:03}.eml", recipients=tuple(row.recipients), **values)


def _sent(place: int, row: ExportedNotice) -> ArchivedNotice:
    plain = (
        "number", "notice", "lane", "queue", "recipient", "return_path", "message_id", "human", "size", "state",
        "last_error", "created_at", "due_at", "sent_at", "relay_reply",
    )  # fmt: skip
    return ArchivedNotice(file=f"sent/{place:03}.eml", **{name: getattr(row, name) for name in plain})


def _place_files(
    connection: Connection, ticket_id: int, mails: Mapping[int, int]
) -> tuple[dict[int, list[ArchivedAttachment]], list[BundlePart]]:
    """Lists the files of the ticket by the id of their message, each with its place in the bundle.

    `mails` are the numbers of the mails by their blobs.
    """
    found: dict[int, list[ArchivedAttachment]] = {}
    parts: list[BundlePart] = []
    listed = list_files(connection, ticket_id).values()
    rows = sorted((row for files in listed for row in files), key=lambda one: int(one.id))
    for row in rows:
        place = f"attachments/{len(parts) + 1:03}-{safe_name(row.filename)}"
        span = row.span if row.blob_id in mails else None
        names = ("filename", "mime_type", "size", "sha256", "inline", "content_id")
        file = ArchivedAttachment(
            **{name: getattr(row, name) for name in names},
            file=place, span=span, mail=mails[row.blob_id] if span is not None else None,
        )  # fmt: skip
        found.setdefault(row.message_id, []).append(file)
        parts.append(BundlePart(place, None, partial(_read_file, connection, row)))
    return found, parts


# -- bytes -------------------------------------------------------------------------------------------------------------


def _read(connection: Connection, blob: int, start: int | None = None, end: int | None = None) -> Iterator[bytes]:
    return read_blob(lambda: nullcontext(connection), blob, start, end)


def stream_notice(connection: Connection, row_id: int) -> Iterator[bytes]:
    row = get_sent(connection, row_id)
    message = Notice(row.body, tuple(Insert(*place) for place in row.inserts), row.size)
    return stream(message, partial(_read, connection))


def _read_file(connection: Connection, row: AttachmentRow) -> Iterator[bytes]:
    """Reads the bytes of a file; a file that stayed inside its mail is base64 text there."""
    pieces = _read(connection, row.blob_id, row.span_start, row.span_end)
    return pieces if row.span_start is None else decode(pieces)


def decode(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Decodes base64 text, however it is cut; skips what is no base64, and what follows its end."""
    held = b""
    for piece in pieces:
        text = held + _NOT_BASE64.sub(b"", piece)
        whole = len(text) - len(text) % 4
        held = text[whole:]
        if b"=" in text[:whole]:
            yield base64.b64decode(text[:whole])
            return
        yield base64.b64decode(text[:whole])
    if held:
        yield base64.b64decode(held + b"=" * (-len(held) % 4))
