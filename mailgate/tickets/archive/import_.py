"""Imports the ticket of a bundle in the caller's transaction: its history as it was, and one event more.

Nothing is sent: mails and notices come as done. The reference stays where it is free here. What this desk has already
stays as it is: what it knows of people, the Message-IDs of other tickets, its knowledge base. A bundle that contradicts
itself is `InvalidBundle`; the transaction must be undone then.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.core.domains import fold_address
from mailgate.core.frozen import replace
from mailgate.core.workflow.effects import Timer
from mailgate.parsers.html.alignment import check_html
from mailgate.store.approvals import put_approvals
from mailgate.store.blobs import put_blob, read_blob
from mailgate.store.events import NewEvent, add_event, list_events
from mailgate.store.locks import take_advisory_lock
from mailgate.store.queries.export import (
    find_import,
    is_taken,
    note_import,
    put_given,
    put_history,
    put_links,
    put_mail,
    put_message,
    put_people,
    put_seen,
    put_sent,
    put_ticket,
)
from mailgate.store.spool import PIECE, Spool
from mailgate.store.tags import add_tags
from mailgate.store.ticket_numbers import last_number
from mailgate.store.tickets import Ticket, find_by_reference
from mailgate.store.timers import start_timers
from mailgate.store.work_queue import CANCELLED, DONE, DUPLICATE, IGNORED
from mailgate.tickets.archive.export import decode
from mailgate.tickets.archive.format import (
    ArchivedAttachment,
    ArchivedMail,
    ArchivedMessage,
    ArchivedNotice,
    ArchivedPerson,
    ArchivedTicket,
)
from mailgate.tickets.archive.validation import find_fault
from mailgate.tickets.archive.verification import Bundle, InvalidBundle
from mailgate.tickets.fallback_queue import locate_ticket

IMPORTED = "import"
"""Event that is added to the history of an imported ticket."""

_REFERENCE = re.compile(r"([A-Z][A-Z0-9]*)-(\d+)")
# From a reference far above its own the desk would count on, and soon have no number left that fits into a tag.
_LARGEST_STEP = 1_000_000
_NEVER_CHANGES = ("created_at", "subject")  # by these a ticket of this desk's own is known
_CRLF = b"\r\n"


@dataclass(frozen=True, slots=True)
class ImportedTicket:
    """Ticket that was imported."""

    ticket_id: int
    reference: str
    renamed: bool  # its reference was another
    unlinked: tuple[str, ...]  # tickets that it was linked with and that are not here
    insiders: tuple[str, ...]  # people who are staff here and thereby no people of a ticket


@dataclass(frozen=True, slots=True)
class ExistingTicket:
    """Ticket that is here already, under this reference; `same`: it came from this very bundle."""

    reference: str
    same: bool


def load_bundle(
    connection: Connection,
    bundle: Bundle,
    settings: Settings,
    now: datetime,
    is_internal_address: Callable[[str], bool],
) -> ImportedTicket | ExistingTicket:
    """Stores the ticket and everything that belongs to it.

    `is_internal_address` knows the addresses of the desk and its agents.
    """
    record = bundle.record
    source = name_source(record.desk, record.reference)
    take_advisory_lock(connection, "import")
    known = _find_known(connection, bundle, source, settings)
    if known is not None:
        return known
    if fault := find_fault(record, bundle.manifest, settings, now):
        raise InvalidBundle(f"ticket.json: {fault}")
    try:
        return _load(connection, bundle, source, settings, now, is_internal_address)
    except ValueError as error:
        raise InvalidBundle(str(error)) from None


def name_source(desk: str, reference: str) -> str:
    """Names the origin of a ticket as the table `imports` keeps it."""
    return f"{fold_address(desk)} {reference}"


def _find_known(connection: Connection, bundle: Bundle, source: str, settings: Settings) -> ExistingTicket | None:
    record = bundle.record
    came = find_import(connection, source)
    if came is not None:
        return ExistingTicket(came.reference, came.sha256 == bundle.digest)
    if fold_address(record.desk) != fold_address(settings.default_queue.address):
        return None
    own = find_by_reference(connection, record.reference)
    if own is None or any(getattr(own, name) != getattr(record, name) for name in _NEVER_CHANGES):
        return None
    return ExistingTicket(own.reference, len(list_events(connection, own.id)) == len(record.events))


def _load(
    connection: Connection,
    bundle: Bundle,
    source: str,
    settings: Settings,
    now: datetime,
    is_internal_address: Callable[[str], bool],
) -> ImportedTicket:
    record = bundle.record
    ticket = _put_ticket(connection, record, settings)
    mails = [_put_mail(connection, bundle, mail, ticket.id) for mail in record.mails]
    put_sent(connection, [_sent_values(connection, bundle, one, ticket) for one in record.sent])
    for message in record.messages:
        files = [_file_values(connection, bundle, file, mails) for file in message.attachments]
        put_message(connection, _message_values(message, ticket.id, mails), files)
    people, insiders = _part(record, is_internal_address)
    add_tags(connection, ticket.id, record.tags)
    put_people(connection, ticket.id, [{**one.model_dump(), "address": fold_address(one.address)} for one in people])
    put_seen(connection, [{**one.model_dump(), "ticket_id": ticket.id} for one in record.seen])
    put_approvals(connection, ticket.id, [one.model_dump() for one in record.approvals])
    put_given(connection, ticket.id, [one.model_dump() for one in record.articles])
    put_history(connection, _history(record, ticket.id, mails))
    unlinked = _put_links(connection, record, ticket.id)
    words = f"{record.reference} of {record.desk}, manifest {bundle.digest}"
    words += f"; not here: {', '.join(unlinked)}" if unlinked else ""
    words += f"; of this desk, and no participant: {', '.join(insiders)}" if insiders else ""
    add_event(connection, ticket.id, NewEvent(now, IMPORTED, ticket.state, ticket.state, words, "operator"))
    note_import(connection, source, ticket.id, bundle.digest, now)
    if record.timers:
        start_timers(connection, ticket.id, _timers(record), now)
    return ImportedTicket(ticket.id, ticket.reference, ticket.reference != record.reference, unlinked, insiders)


# -- the ticket's own row --------------------------------------------------------------------------------------------


def _put_ticket(connection: Connection, record: ArchivedTicket, settings: Settings) -> Ticket:
    names = {field.name for field in fields(Ticket)} & ArchivedTicket.model_fields.keys() - {"merged_into"}
    kept = _find_here(connection, record.desk, record.merged_into) if record.merged_into else None
    came = Ticket(id=0, **{name: getattr(record, name) for name in names}, merged_into=kept)
    home = locate_ticket(settings, came)
    reference, number = _choose_reference(connection, record.reference, settings.desk.reference)
    values = {name: getattr(home, name) for name in names - {"tags"}}
    values |= {"reference": reference or "", "merged_into": kept}
    ticket_id = put_ticket(connection, values, number) if reference else None
    if ticket_id is None:  # it becomes a number of this desk's own
        number = last_number(connection) + 1
        while is_taken(connection, reference := f"{settings.desk.reference}-{number}".upper()):
            number += 1
        ticket_id = put_ticket(connection, values | {"reference": reference}, number)
        if ticket_id is None:
            raise ValueError("another ticket was created at the same moment: import the file again")
    return replace(home, id=ticket_id, reference=reference)


def _choose_reference(connection: Connection, reference: str, prefix: str) -> tuple[str, int | None]:
    """Returns the reference that the ticket keeps and its id; ("", None) where it cannot keep it."""
    found = _REFERENCE.fullmatch(reference)
    if found is None or is_taken(connection, reference):
        return "", None
    if found[1] != prefix.upper():
        return reference, None  # no ticket of this desk's own is ever called so
    number = int(found[2])
    return (reference, number) if number <= last_number(connection) + _LARGEST_STEP else ("", None)


def _find_here(connection: Connection, desk: str, reference: str) -> int | None:
    """Finds another ticket of the same desk that was imported, too."""
    found = find_import(connection, name_source(desk, reference))
    return int(found.ticket_id) if found is not None else None


# -- mails and notices -----------------------------------------------------------------------------------------------


def _put_mail(connection: Connection, bundle: Bundle, mail: ArchivedMail, ticket_id: int) -> tuple[int, int]:
    """Stores a mail; returns the ids of its row in the journal and of its blob."""
    blob = _store(connection, bundle.pieces(mail.file))
    values = mail.model_dump(exclude={"number", "file"}) | {
        "recipients": list(mail.recipients),
        "state": mail.state if mail.state in (DONE, DUPLICATE, IGNORED) else DONE,
        "due_at": mail.received_at,
        "created_at": mail.received_at,
        "blob_id": blob,
        "ticket_id": ticket_id,
    }
    return put_mail(connection, values), blob


def _sent_values(connection: Connection, bundle: Bundle, sent: ArchivedNotice, ticket: Ticket) -> dict[str, Any]:
    body, inserts = _place_body(connection, bundle, sent)
    return sent.model_dump(exclude={"file"}) | {
        "state": DONE if sent.state == DONE else CANCELLED,  # nothing of it is sent from here
        "last_error": sent.last_error or ("" if sent.state == DONE else f"{sent.state} when it was exported"),
        "ticket_id": ticket.id,
        "reference": ticket.reference,
        "body": body,
        "inserts": inserts,
    }


def _place_body(connection: Connection, bundle: Bundle, sent: ArchivedNotice) -> tuple[bytes, list[list[Any]]]:
    """Returns the bytes of a notice; those of a large one as a blob, inserted as a message: its line end follows."""
    if bundle.entries[sent.file].size < PIECE:
        return b"".join(bundle.pieces(sent.file)), []
    last = b""
    with closing(Spool()) as spool:
        for piece in bundle.pieces(sent.file):
            spool.write(last)
            cut = max(len(piece) - len(_CRLF), 0)
            spool.write(piece[:cut])
            last = piece[cut:]
        if last != _CRLF:
            return b"".join((*spool.pieces(), last)), []
        return b"", [[0, put_blob(connection, spool), None, None, False, True]]


def _message_values(message: ArchivedMessage, ticket_id: int, mails: Sequence[tuple[int, int]]) -> dict[str, Any]:
    values = message.model_dump(by_alias=False, exclude={"number", "mail", "attachments"})
    journal_id = mails[message.mail - 1][0] if message.mail is not None else None
    html = check_html(message.new_html, message.new_text)
    values |= {"recipients": list(message.recipients), "ticket_id": ticket_id, "journal_id": journal_id}
    return values | {"new_html": html}


def _file_values(
    connection: Connection, bundle: Bundle, file: ArchivedAttachment, mails: Sequence[tuple[int, int]]
) -> dict[str, Any]:
    """Returns the row of a file: its place in its mail, else a blob of its own."""
    values = file.model_dump(exclude={"file", "mail", "span"})
    if file.mail is None or file.span is None:
        listed = bundle.entries[file.file]
        if (listed.sha256, listed.size) != (file.sha256, file.size):
            raise InvalidBundle(f"{file.file} is not the file that ticket.json describes")
        return values | {"blob_id": _store(connection, bundle.pieces(file.file)), "span_start": None, "span_end": None}
    start, end = file.span
    blob = mails[file.mail - 1][1]
    digest = hashlib.sha256()
    for piece in decode(read_blob(lambda: nullcontext(connection), blob, start, max(start, end))):
        digest.update(piece)
    if digest.hexdigest() != file.sha256:
        raise InvalidBundle(f"{file.file} is not in its email where ticket.json says")
    return values | {"blob_id": blob, "span_start": start, "span_end": end}


def _store(connection: Connection, pieces: Iterable[bytes]) -> int:
    """Stores bytes of any number as a blob and returns its id."""
    with closing(Spool()) as spool:
        for piece in pieces:
            spool.write(piece)
        return put_blob(connection, spool)


# -- people, history, links, timers ------------------------------------------------------------------------------------


def _part(
    record: ArchivedTicket, is_internal_address: Callable[[str], bool]
) -> tuple[list[ArchivedPerson], tuple[str, ...]]:
    """Splits the people of the ticket into its participants here and those who are staff of this desk.

    As with a new mail (rule 6), only the requester may be staff.
    """
    key = fold_address(record.requester)
    inside = {
        one.address for one in record.people if fold_address(one.address) != key and is_internal_address(one.address)
    }
    return [one for one in record.people if one.address not in inside], tuple(sorted(inside))


def _history(record: ArchivedTicket, ticket_id: int, mails: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
    return [
        step.model_dump(exclude={"number", "mail"})
        | {"ticket_id": ticket_id, "journal_id": mails[step.mail - 1][0] if step.mail is not None else None}
        for step in record.events
    ]


def _put_links(connection: Connection, record: ArchivedTicket, ticket_id: int) -> tuple[str, ...]:
    """Links the ticket with those imported from the same desk; returns the links that are left."""
    rows, missing = [], []
    for link in record.links:
        other = _find_here(connection, record.desk, link.reference)
        if other is None:
            missing.append(link.reference)
        else:
            ends = (ticket_id, other) if link.towards == "there" else (other, ticket_id)
            rows.append({"ticket_id": ends[0], "other_id": ends[1], "kind": link.kind})
    put_links(connection, rows)
    return tuple(missing)


def _timers(record: ArchivedTicket) -> dict[str, datetime]:
    names = {timer.value for timer in Timer}
    for one in record.timers:
        if one.name not in names:
            raise InvalidBundle(f"ticket.json has a timer unknown to this mailgate: {one.name!a}")
    return {one.name: one.due_at for one in record.timers}
