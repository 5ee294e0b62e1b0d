"""Tickets: finding, locking, changing them, and everything that is told of them.

Only `advance` calls what changes a ticket; everybody may read. A reference that no ticket has gives None.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, insert, or_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite

from mailgate.mail import Address, Attachment
from mailgate.store.schema import attachments, contacts, events, links, message_ids, messages, participants, tickets


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as stored; the fields are the columns of the table."""

    id: int
    queue: str
    state: str
    level: str
    subject: str
    requester: str
    requester_name: str
    language: str
    created_at: datetime
    level_since: datetime
    reference: str = ""
    resolved_by: str | None = None
    department: str = ""
    type: str = ""
    priority: str = "normal"
    urgency: str = ""
    desired_outcome: str = ""
    fields: Any = None
    assignee: str = ""
    solution: str = ""
    close_reason: str = ""
    cause: str = ""
    minutes_spent: int = 0
    answered_at: datetime | None = None
    waiting_since: datetime | None = None
    promise_due: datetime | None = None
    confirm_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    not_fixed: int = 0
    questions: int = 0
    reminders: int = 0
    clarified: bool = False
    review_asked: bool = False
    notices: int = 0
    confirm_notice: int = 0
    question: str = ""
    last_answer: str = ""
    last_agent: str = ""
    last_agent_name: str = ""
    last_agent_notice: int = 0
    last_agent_at: datetime | None = None
    last_agent_did: str = ""
    merged_into: int | None = None
    version: int = 0

    @property
    def person(self) -> Address:
        """The requester."""
        return Address(self.requester_name, self.requester)


_COLUMNS = tuple(field.name for field in fields(Ticket))

# Statements are built once: building one costs more than running it.
_OPEN = insert(tickets).returning(*tickets.c)
_ADD_MESSAGE = insert(messages).returning(messages.c.id)
_ADD_EVENT = insert(events)


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A mail of a ticket, in or out, for the record."""

    direction: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    message_id: str
    at: datetime
    text: str
    new_text: str = ""
    internal: bool = False
    notice: str = ""
    journal_id: int | None = None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of a ticket's history; append-only."""

    at: datetime
    event: str
    from_state: str | None
    to_state: str
    reason: str
    by: str
    row: str = ""
    text: str = ""
    journal_id: int | None = None


def _ticket(row: Row[Any] | None) -> Ticket | None:
    return Ticket(**{name: getattr(row, name) for name in _COLUMNS}) if row is not None else None


def get_ticket(connection: Connection, ticket_id: int) -> Ticket | None:
    """A ticket by its id, whatever became of it."""
    return _ticket(connection.execute(select(tickets).where(tickets.c.id == ticket_id)).first())


def lock_ticket(connection: Connection, ticket_id: int) -> Ticket:
    """The ticket, locked for this transaction; a merged one gives the ticket that was kept (rule 34)."""
    for _ in range(100):
        row = connection.execute(select(tickets).where(tickets.c.id == ticket_id).with_for_update()).one()
        if row.merged_into is None:
            break
        ticket_id = row.merged_into
    found = _ticket(row)
    assert found is not None
    return found


def find_by_reference(connection: Connection, reference: str) -> Ticket | None:
    """The ticket of that reference, without case; a merged one gives the ticket that was kept."""
    found = find_exactly(connection, reference)
    while found is not None and found.merged_into is not None:
        found = get_ticket(connection, found.merged_into)
    return found


def find_exactly(connection: Connection, reference: str) -> Ticket | None:
    """The ticket of that reference itself, even where it was merged away."""
    return _ticket(connection.execute(select(tickets).where(tickets.c.reference == reference.upper())).first())


def find_by_message_id(connection: Connection, message_id: str) -> int | None:
    """The id of the ticket that a Message-ID belongs to."""
    query = select(message_ids.c.ticket_id).where(message_ids.c.message_id == message_id)
    return connection.execute(query).scalar()


def list_tickets(
    connection: Connection, *, state: str | None = None, queue: str | None = None, limit: int | None = None
) -> Sequence[Ticket]:
    """Tickets that were not merged away, newest last."""
    where: list[ColumnElement[bool]] = [tickets.c.merged_into.is_(None)]
    if state is not None:
        where.append(tickets.c.state == state)
    if queue is not None:
        where.append(tickets.c.queue == queue)
    query = select(tickets).where(*where).order_by(tickets.c.id)
    if limit is not None:
        newest = select(tickets.c.id).where(*where).order_by(tickets.c.id.desc()).limit(limit)
        query = select(tickets).where(tickets.c.id.in_(newest)).order_by(tickets.c.id)
    return [found for row in connection.execute(query) if (found := _ticket(row)) is not None]


def earlier_tickets(connection: Connection, ticket: Ticket, limit: int) -> Sequence[Ticket]:
    """The requester's tickets before this one, newest first."""
    query = select(tickets).where(tickets.c.requester == ticket.requester, tickets.c.id < ticket.id)
    rows = connection.execute(query.order_by(tickets.c.id.desc()).limit(limit))
    return [found for row in rows if (found := _ticket(row)) is not None]


def open_ticket(connection: Connection, values: dict[str, object], prefix: str) -> Ticket:
    """Insert a ticket; its reference, the prefix and its number, is written by the `save_ticket` that follows."""
    row = connection.execute(_OPEN, {"fields": {}, **values}).one()
    found = _ticket(row)
    assert found is not None
    return replace(found, reference=f"{prefix}-{found.id}".upper())


def save_ticket(connection: Connection, before: Ticket, after: Ticket) -> None:
    """Write what changed, and count the version."""
    changed: dict[str, object] = {
        name: value for name in _COLUMNS if (value := getattr(after, name)) != getattr(before, name)
    }
    changed["version"] = before.version + 1
    connection.execute(update(tickets).where(tickets.c.id == before.id).values(**changed))


def add_event(connection: Connection, ticket_id: int, event: EventRow) -> None:
    connection.execute(_ADD_EVENT, {"ticket_id": ticket_id, **asdict(event)})


def list_events(connection: Connection, ticket_id: int) -> Sequence[Row[Any]]:
    """The history of a ticket, oldest first."""
    return connection.execute(select(events).where(events.c.ticket_id == ticket_id).order_by(events.c.id)).all()


def list_held_back(connection: Connection, address: str, since: datetime) -> Sequence[Row[Any]]:
    """What a breaker kept from an address since then: when, of which ticket, which notice (`text`)."""
    held = events.c.event == "breaker", events.c.at >= since, events.c.reason.contains(f" to {address} ")
    joined = events.join(tickets, tickets.c.id == events.c.ticket_id)
    query: Select[Any] = select(events.c.at, events.c.text, tickets.c.reference).select_from(joined).where(*held)
    return connection.execute(query.order_by(events.c.id)).all()


def has_event(connection: Connection, ticket_id: int, event: str, by: str, since: datetime) -> bool:
    """Whether that happened already since then, by that person."""
    query = exists().where(
        events.c.ticket_id == ticket_id, events.c.event == event, events.c.by == by, events.c.at > since
    )
    return bool(connection.execute(select(query)).scalar())


def add_message(connection: Connection, ticket_id: int, message: MessageRow) -> int:
    """Record a mail of a ticket; the id of the row."""
    values = asdict(message) | {"recipients": list(message.recipients), "ticket_id": ticket_id}
    return int(connection.execute(_ADD_MESSAGE, values).scalar_one())


def list_messages(connection: Connection, ticket_id: int) -> Sequence[Row[Any]]:
    """The mails of a ticket, in and out, oldest first."""
    return connection.execute(select(messages).where(messages.c.ticket_id == ticket_id).order_by(messages.c.id)).all()


def add_attachments(connection: Connection, message_id: int, files: Iterable[tuple[Attachment, int]]) -> None:
    """Record files of a mail, each with the blob that holds its bytes (the raw mail where it has a span)."""
    rows = [
        {
            "message_id": message_id,
            "filename": file.filename,
            "mime_type": file.mime_type,
            "size": file.size,
            "sha256": file.sha256,
            "inline": file.inline,
            "content_id": file.content_id,
            "blob_id": blob,
            "span_start": file.span[0] if file.span else None,
            "span_end": file.span[1] if file.span else None,
        }
        for file, blob in files
    ]
    if rows:
        connection.execute(insert(attachments), rows)


def list_attachments(connection: Connection, ticket_id: int) -> Sequence[Row[Any]]:
    """Every file of a ticket's mails, oldest first."""
    query = select(attachments).join(messages, messages.c.id == attachments.c.message_id)
    return connection.execute(query.where(messages.c.ticket_id == ticket_id).order_by(attachments.c.id)).all()


def add_participants(connection: Connection, ticket_id: int, people: Iterable[Address], limit: int) -> None:
    """Add people to a ticket, at most `limit` in all (rule 6)."""
    known = {row.address for row in list_participants(connection, ticket_id)}
    for person in people:
        if person.key not in known and len(known) < limit:
            known.add(person.key)
            connection.execute(insert(participants).values(ticket_id=ticket_id, address=person.key, name=person.name))


def list_participants(connection: Connection, ticket_id: int) -> Sequence[Row[Any]]:
    """The requester and the people in copy, in the order of the alphabet."""
    query = select(participants).where(participants.c.ticket_id == ticket_id).order_by(participants.c.address)
    return connection.execute(query).all()


def note_seen(connection: Connection, ticket_id: int, message_id: str, address: str, at: datetime) -> None:
    """An address has seen this Message-ID in the ticket; the first ticket that an id came with keeps it."""
    if not message_id:
        return
    values = {"message_id": message_id, "ticket_id": ticket_id, "address": address.casefold(), "seen_at": at}
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(message_ids).values(**values).on_conflict_do_nothing())


def seen_by(connection: Connection, ticket_id: int, addresses: Sequence[str]) -> list[str]:
    """The Message-IDs of a ticket that any of these addresses has seen, oldest first."""
    keys = [address.casefold() for address in addresses]
    query = select(message_ids.c.message_id).where(
        message_ids.c.ticket_id == ticket_id, message_ids.c.address.in_(keys)
    )
    return list(connection.execute(query.order_by(message_ids.c.seen_at, message_ids.c.message_id)).scalars())


def get_contact(connection: Connection, address: str) -> Row[Any] | None:
    """What is known of an address, None for a stranger."""
    return connection.execute(select(contacts).where(contacts.c.address == address.casefold())).first()


def note_contact(connection: Connection, address: str, **values: object) -> None:
    """Remember something of an address: `language`, `known` or `blocked`."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(contacts).values(address=address.casefold(), **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["address"], set_=values))


def link_tickets(connection: Connection, ticket_id: int, other_id: int, kind: str) -> None:
    """Say that a ticket belongs beside another: `merged` (other_id was kept) or `linked`."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = {"ticket_id": ticket_id, "other_id": other_id, "kind": kind}
    connection.execute(dialect.insert(links).values(**values).on_conflict_do_nothing())


def list_links(connection: Connection, ticket_id: int) -> Sequence[Row[Any]]:
    """The tickets linked with this one: (reference, kind)."""
    other = or_(
        and_(links.c.ticket_id == ticket_id, tickets.c.id == links.c.other_id),
        and_(links.c.other_id == ticket_id, tickets.c.id == links.c.ticket_id),
    )
    query: Select[Any] = select(tickets.c.reference, links.c.kind).select_from(tickets.join(links, true())).where(other)
    return connection.execute(query.order_by(tickets.c.id)).all()
