"""`show`: prints one ticket whole: its fields, then its mails, notes and steps in their order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from mailgate.cli.context import command_clock, config_option, json_option, reading
from mailgate.cli.output import block, clean, local, pairs, print_json, single_blanks
from mailgate.cli.ticket_view import (
    TicketView,
    describe_sending,
    in_order,
    name_notice,
    read_ticket_view,
    title_of,
    write_json,
)
from mailgate.core.domains import fold_address
from mailgate.core.text import ellipsis, spell_size
from mailgate.core.workflow.events import EVENTS
from mailgate.store.approvals import ApprovalRow
from mailgate.store.events import EventRow, list_used
from mailgate.store.messages import MessageRow
from mailgate.store.tickets import Ticket

_LONGEST_WORDS = 200  # letters of an approver's words, and of the question to them


@click.command()
@config_option
@click.option("--mails", is_flag=True, help="Also print the text of the emails sent.")
@json_option
@click.argument("reference", metavar="REF")
def show(config: Path | None, mails: bool, as_json: bool, reference: str) -> None:
    """Show ticket REF (SUP-7) in full: its details, then its emails, notes and events in order.

    For a merged ticket, this is the ticket that it was merged into. Times are in the desk's time zone; JSON has UTC.
    """
    with reading(config) as view:
        ticket_view = read_ticket_view(view.connection, view.ticket(reference), command_clock().now())
    if as_json:
        print_json(write_json(ticket_view))
        return
    zone = view.settings.queue_of(ticket_view.ticket.queue).zone
    click.echo(title_of(ticket_view.ticket))
    click.echo(_list_fields(ticket_view, zone))
    click.echo("\n" + single_blanks("\n".join(_timeline(ticket_view, zone, mails))))


def _list_fields(view: TicketView, zone: ZoneInfo) -> str:
    ticket = view.ticket
    name = f"{clean(ticket.requester_name)} <{ticket.requester}>" if ticket.requester_name else ticket.requester
    others = [one.address for one in view.participants if one.address != fold_address(ticket.requester)]
    kind = ", ".join(part for part in (ticket.type or "no type yet", f"priority {ticket.priority}") if part)
    entries = [
        ("state", _describe_state(view, zone)),
        ("queue", ticket.queue if ticket.queue != "default" else ""),
        ("paused", _describe_pause(ticket, zone)),
        ("waits for", _describe_wait(ticket, zone)),
        ("put off", f"until {local(ticket.hidden_until, zone)}" if ticket.hidden_until else ""),
        ("requester", clean(name)),
        ("department", clean(ticket.department)),
        ("others", ", ".join(others)),
        ("kind", kind),
        ("urgency", clean(ticket.urgency)),
        ("wanted", clean(ticket.desired_outcome)),
        ("channel", ticket.channel if ticket.channel != "mail" else ""),
        ("language", ticket.language),
        ("assignee", ticket.assignee),
        ("created", local(ticket.created_at, zone)),
        ("resolved", local(ticket.resolved_at, zone) if ticket.resolved_at else ""),
        ("closed", local(ticket.closed_at, zone) if ticket.closed_at else ""),
        ("reason", clean(ticket.close_reason)),
        ("rating", _describe_rating(view, zone)),
        *(("approval", _describe_approval(row, zone)) for row in view.approvals),
        ("time spent", f"{ticket.minutes_spent} min" if ticket.minutes_spent else ""),
        ("cause", clean(ticket.cause)),
        ("used", "; ".join(clean(one) for one in list_used(view.events))),
        ("tags", ", ".join(ticket.tags)),
        ("form", ticket.form),
        ("details", "; ".join(f"{name} = {clean(str(value))}" for name, value in (ticket.fields or {}).items())),
        ("solution", clean(ticket.solution)),
        ("timers", "; ".join(f"{row.name} {local(row.due_at, zone)}" for row in view.timers)),
        ("links", ", ".join(f"{row.reference} ({row.kind})" for row in view.links)),
        ("times", f"in {zone.key}"),
    ]
    return pairs(entries)


def _describe_state(view: TicketView, zone: ZoneInfo) -> str:
    ticket = view.ticket
    if ticket.state == ticket.level:
        return f"{ticket.state} since {local(ticket.level_since, zone)}"
    return f"{ticket.state}, last with {ticket.level}"


def _describe_pause(ticket: Ticket, zone: ZoneInfo) -> str:
    who = clean(ticket.waits_for) or "the requester"
    return f"for {who} since {local(ticket.waiting_since, zone)}" if ticket.waiting_since else ""


def _describe_wait(ticket: Ticket, zone: ZoneInfo) -> str:
    """Names a third party that is waited for while the clock runs, and until when."""
    who = clean(ticket.waits_for) if ticket.waiting_since is None else ""
    until = f"until {local(ticket.waits_until, zone)}" if ticket.waits_until else ""
    return ", ".join(filter(None, (who, until)))


def _describe_rating(view: TicketView, zone: ZoneInfo) -> str:
    ticket = view.ticket
    if ticket.rating is None or ticket.rated_at is None:
        return "asked for" if ticket.rating_asked else ""
    words = f": {clean(ticket.rating_words)}" if ticket.rating_words else ""
    return f"{ticket.rating} of 5, {local(ticket.rated_at, zone)}{words}"


def _describe_approval(row: ApprovalRow, zone: ZoneInfo) -> str:
    """Says who was asked to approve what, and what they decided, with their words."""
    question = f' "{ellipsis(clean(row.question), _LONGEST_WORDS)}"' if row.question else ""
    asked = f"{row.address}, asked {local(row.asked_at, zone)} by {clean(row.asked_by)}{question}"
    if row.decided_at is None:
        return f"{asked}; no decision yet"
    words = f' "{ellipsis(clean(row.words), _LONGEST_WORDS)}"' if row.words else ""
    return f"{asked}; {row.decision} {local(row.decided_at, zone)}{words}"


def _timeline(view: TicketView, zone: ZoneInfo, whole: bool) -> Iterator[str]:
    for row in in_order(view):
        when = local(row.at, zone)
        if isinstance(row, EventRow):
            yield _step(row, when)
        else:
            yield from _mail(row, view, when, zone, whole or row.direction == "in")


def _step(row: EventRow, when: str) -> str:
    move = "" if row.from_state == row.to_state else f": {row.from_state or 'new'} → {row.to_state}"
    by = f", by {clean(row.by)}" if row.by != row.event else ""
    info = EVENTS.get(row.event)
    words = row.text if info is not None and info.keeps_words else row.reason
    return "\n".join(part for part in (f"{when}  {row.event}{move}{by}", block(clean(words), 6)) if part)


def _notice(row: MessageRow, view: TicketView, when: str, zone: ZoneInfo) -> str:
    name, sending = clean(name_notice(row)), clean(describe_sending(row, view, zone))
    return f"{when}  {name}\n{block(sending, 6)}" if sending else f"{when}  sent {name}"


def _mail(row: MessageRow, view: TicketView, when: str, zone: ZoneInfo, with_text: bool) -> Iterator[str]:
    if row.direction == "in":
        yield ""
        internal = " (internal)" if row.internal else ""
        yield f"{when}  email from {clean(row.sender)}{internal}"
        yield block(clean(row.subject), 6) or "      (no subject)"
        yield ""
    else:
        yield _notice(row, view, when, zone)
    if with_text:
        yield block(clean(row.new_text or row.text), 6) or "      (no text)"
        yield ""
    for file in view.files.get(row.id, ()):
        yield f"      [{clean(file.filename)}, {file.mime_type}, {spell_size(file.size)}]"
