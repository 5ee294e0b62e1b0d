"""One ticket whole, as `show` and `explain` read it: once, in one view of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from mailgate.cli.output import clean, iso
from mailgate.core.text import ellipsis
from mailgate.store.events import EventRow, list_events
from mailgate.store.events import in_order as order_rows
from mailgate.store.messages import AttachmentRow, MessageRow, list_messages
from mailgate.store.people import ParticipantRow, list_participants
from mailgate.store.queries.listings import list_files
from mailgate.store.tickets import LinkedTicket, Ticket, list_links
from mailgate.store.timers import RunningTimer, running_timers


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket with everything that belongs to it, each list oldest first; `files` by the id of their message."""

    ticket: Ticket
    participants: Sequence[ParticipantRow]
    messages: Sequence[MessageRow]
    files: Mapping[int, Sequence[AttachmentRow]]
    events: Sequence[EventRow]
    timers: Sequence[RunningTimer]
    links: Sequence[LinkedTicket]


def read_ticket_view(connection: Connection, ticket: Ticket) -> TicketView:
    """Reads everything that the database has of a ticket, except the bytes of its mails and files."""
    return TicketView(
        ticket,
        list_participants(connection, ticket.id),
        list_messages(connection, ticket.id),
        list_files(connection, ticket.id),
        list_events(connection, ticket.id),
        running_timers(connection, ticket.id),
        list_links(connection, ticket.id),
    )


def title_of(ticket: Ticket) -> str:
    """Returns reference and subject on one line of the terminal."""
    return ellipsis(f"{ticket.reference}  {clean(ticket.subject)}", 80)


def in_order(view: TicketView) -> list[MessageRow | EventRow]:
    """Returns messages and events in the order in which they happened."""
    return order_rows(view.messages, view.events)


def write_json(view: TicketView) -> dict[str, object]:
    """Returns the ticket for programs; times are ISO 8601 in UTC."""
    return {
        **_ticket(view.ticket),
        "participants": [person.address for person in view.participants],
        "messages": [_message(row, view.files.get(row.id, ())) for row in view.messages],
        "events": [_event(row) for row in view.events],
        "timers": [{"name": row.name, "due_at": iso(row.due_at)} for row in view.timers],
        "links": [{"reference": row.reference, "kind": row.kind} for row in view.links],
    }


def _ticket(ticket: Ticket) -> dict[str, object]:
    plain = (
        "reference", "state", "level", "queue", "type", "priority", "urgency", "desired_outcome", "fields", "subject",
        "requester", "department", "language", "assignee", "solution", "cause", "minutes_spent", "close_reason",
        "form", "rating", "rating_words",
    )  # fmt: skip
    moments = ("created_at", "resolved_at", "closed_at", "waiting_since", "rated_at")
    return {name: getattr(ticket, name) for name in plain} | {name: iso(getattr(ticket, name)) for name in moments}


def _message(row: MessageRow, files: Sequence[AttachmentRow]) -> dict[str, object]:
    return {
        "direction": row.direction,
        "from": row.sender,
        "to": list(row.recipients),
        "subject": row.subject,
        "message_id": row.message_id,
        "at": iso(row.at),
        "internal": bool(row.internal),
        "notice": row.notice,
        "text": row.text,
        "attachments": [_file(file) for file in files],
    }


def _file(row: AttachmentRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in ("filename", "mime_type", "size", "sha256")}


def _event(row: EventRow) -> dict[str, object]:
    names = ("event", "from_state", "to_state", "reason", "by")
    return {"at": iso(row.at), **{name: getattr(row, name) for name in names}}
