"""One ticket whole, as `show` and `explain` read it: once, in one view of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from mailgate.cli.output import clean, further, iso
from mailgate.core.text import ellipsis
from mailgate.store.approvals import ApprovalRow, list_approvals
from mailgate.store.events import EventRow, list_histories, list_used
from mailgate.store.events import in_order as order_rows
from mailgate.store.messages import AttachmentRow, MessageRow, list_messages
from mailgate.store.outbox import NoticeStatus, list_statuses_of
from mailgate.store.people import ParticipantRow, list_participants
from mailgate.store.queries.listings import list_files
from mailgate.store.tickets import LinkedTicket, Ticket, list_links
from mailgate.store.timers import RunningTimer, running_timers
from mailgate.store.work_queue import FAILED, WAITING


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket with everything that belongs to it, each list oldest first; `files` by the id of their message.

    Among the messages are those that came in on tickets merged into it.
    """

    ticket: Ticket
    participants: Sequence[ParticipantRow]
    messages: Sequence[MessageRow]
    files: Mapping[int, Sequence[AttachmentRow]]
    events: Sequence[EventRow]
    timers: Sequence[RunningTimer]
    links: Sequence[LinkedTicket]
    statuses: Mapping[str, NoticeStatus]
    """The status of each notice, by its Message-ID."""
    approvals: Sequence[ApprovalRow]
    now: datetime
    obstacle: str
    """Why no notice leaves now though it is due; "" for nothing."""


def read_ticket_view(connection: Connection, ticket: Ticket, now: datetime) -> TicketView:
    """Reads everything that the database has of a ticket, except the bytes of its mails and files."""
    from mailgate.daemon.health.measurement import describe_obstacle

    histories = list_histories(connection, ticket.id)
    merged = [other for other in histories if other != ticket.id]
    came = (row for other in merged for row in list_messages(connection, other) if row.direction == "in")
    return TicketView(
        ticket,
        list_participants(connection, ticket.id),
        sorted((*list_messages(connection, ticket.id), *came), key=lambda row: row.id),
        {at: files for other in (ticket.id, *merged) for at, files in list_files(connection, other).items()},
        histories[ticket.id],
        running_timers(connection, ticket.id),
        list_links(connection, ticket.id),
        list_statuses_of(connection, ticket.id),
        list_approvals(connection, ticket.id),
        now,
        describe_obstacle(connection, "outbox", now),
    )


def title_of(ticket: Ticket) -> str:
    """Returns reference and subject on one line of the terminal."""
    return ellipsis(f"{ticket.reference}  {clean(ticket.subject)}", 80)


def in_order(view: TicketView) -> list[MessageRow | EventRow]:
    """Returns messages and events in the order in which they happened."""
    return order_rows(view.messages, view.events)


def name_notice(row: MessageRow) -> str:
    """Names a notice and its recipients: `receipt to anna@example.org`."""
    return f"{row.notice} to {', '.join(row.recipients)}"


def is_unsent(row: MessageRow, view: TicketView) -> bool:
    """Tells whether a notice has not left; one of which nothing is recorded has."""
    status = view.statuses.get(row.message_id)
    return status is not None and not status.is_sent


def describe_sending(row: MessageRow, view: TicketView, zone: ZoneInfo) -> str:
    """Returns what became of a notice; "" where it left within the minute in which it was queued."""
    status = view.statuses.get(row.message_id)
    if status is None or (status.is_sent and status.sent_at is None):
        return ""
    if status.sent_at is None:
        return _describe_unsent(status, view, zone, row.at)
    queued, sent = _clock_time(row.at, zone, row.at), _clock_time(status.sent_at, zone, row.at)
    return "" if sent == queued else f"queued {queued}, sent {sent} ({status.relay_reply})"


def _describe_unsent(status: NoticeStatus, view: TicketView, zone: ZoneInfo, at: datetime) -> str:
    error = status.last_error
    match status.state:
        case state if state == WAITING:
            due = _clock_time(status.due_at, zone, at)
            again = f"; next attempt {due}" if status.attempts else ""
            if status.due_at < view.now:
                again = f"; due since {due}{', not tried' if view.obstacle else ''}"
            return f"NOT SENT yet: waiting{f', {error}' if error else ''}{again}{further(view.obstacle)}"
        case state if state == FAILED:
            return f"NOT SENT: {'refused' if status.relay_reply.startswith('5') else 'given up'}, {error}"
    return f"NOT SENT: {status.state}{f', {error}' if error else ''}"


def _clock_time(moment: datetime, zone: ZoneInfo, day: datetime) -> str:
    """Formats a time as `09:00`, with its date where that is another day than `day`."""
    there = moment.astimezone(zone)
    return f"{there:%H:%M}" if there.date() == day.astimezone(zone).date() else f"{there:%Y-%m-%d %H:%M}"


def sending_json(status: NoticeStatus | None) -> dict[str, object]:
    """Returns what became of a notice, for programs; empty values for a mail that came in."""
    if status is None:
        return {"state": "", "sent_at": None, "relay_reply": ""}
    return {"state": status.state, "sent_at": iso(status.sent_at), "relay_reply": status.relay_reply}


def write_json(view: TicketView) -> dict[str, object]:
    """Returns the ticket for programs; times are ISO 8601 in UTC."""
    return {
        **_ticket(view.ticket),
        "participants": [person.address for person in view.participants],
        "messages": [_message(row, view) for row in view.messages],
        "events": [_event(row) for row in view.events],
        "timers": [{"name": row.name, "due_at": iso(row.due_at)} for row in view.timers],
        "links": [{"reference": row.reference, "kind": row.kind} for row in view.links],
        "tags": list(view.ticket.tags),
        "used": list(list_used(view.events)),
        "approvals": [_approval(row) for row in view.approvals],
    }


def _approval(row: ApprovalRow) -> dict[str, object]:
    names = ("notice", "address", "question", "asked_by", "decision", "words")
    moments = {"asked_at": iso(row.asked_at), "decided_at": iso(row.decided_at)}
    return {name: getattr(row, name) for name in names} | moments


def _ticket(ticket: Ticket) -> dict[str, object]:
    plain = (
        "reference", "state", "level", "queue", "type", "priority", "urgency", "desired_outcome", "fields", "subject",
        "requester", "department", "language", "assignee", "solution", "cause", "minutes_spent", "close_reason",
        "form", "rating", "rating_words", "waits_for", "channel",
    )  # fmt: skip
    moments = ("created_at", "resolved_at", "closed_at", "waiting_since", "rated_at", "waits_until", "hidden_until")
    return {name: getattr(ticket, name) for name in plain} | {name: iso(getattr(ticket, name)) for name in moments}


def _message(row: MessageRow, view: TicketView) -> dict[str, object]:
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
        "attachments": [_file(file) for file in view.files.get(row.id, ())],
        **sending_json(view.statuses.get(row.message_id)),
    }


def _file(row: AttachmentRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in ("filename", "mime_type", "size", "sha256")}


def _event(row: EventRow) -> dict[str, object]:
    names = ("event", "from_state", "to_state", "reason", "by")
    return {"at": iso(row.at), **{name: getattr(row, name) for name in names}}
