"""`show` and `explain`: one ticket, for the person who has to know what happened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from mailgate.cli.context import DeskView, command_clock, config_option, json_option, reading
from mailgate.cli.output import block, clean, cut, local, pairs, print_json, single_blanks, size
from mailgate.cli.ticket_view import TicketView, as_json, in_order, read_dossier
from mailgate.store.events import EventRow
from mailgate.store.messages import MessageRow


@click.command()
@config_option
@click.option("--mails", is_flag=True, help="Print the text of what was sent, too.")
@json_option
@click.argument("reference", metavar="REF")
def show(config: Path | None, mails: bool, as_json: bool, reference: str) -> None:
    """Show the ticket REF (SUP-7) whole: what is known of it, then its mails, notes and steps in order.

    A ticket that was merged into another shows the one that was kept. Times are those of the desk's zone; JSON has
    them in UTC.
    """
    with reading(config) as view:
        dossier = read_dossier(view.connection, view.ticket(reference))
    if as_json:
        print_json(_json(dossier))
        return
    zone = _zone(view, dossier)
    click.echo(_title(dossier))
    click.echo(_head(dossier, zone))
    click.echo("\n" + single_blanks("\n".join(_story(dossier, zone, mails))))


_json = as_json  # the option of that name hides it inside the commands


def _zone(view: DeskView, dossier: TicketView) -> ZoneInfo:
    queues = view.settings.queues
    return queues.get(dossier.ticket.queue, view.settings.default_queue).zone


def _title(dossier: TicketView) -> str:
    return cut(f"{dossier.ticket.reference}  {clean(dossier.ticket.subject)}", 80)


def _head(dossier: TicketView, zone: ZoneInfo) -> str:
    ticket = dossier.ticket
    name = f"{clean(ticket.requester_name)} <{ticket.requester}>" if ticket.requester_name else ticket.requester
    others = [one.address for one in dossier.participants if one.address != ticket.requester.casefold()]
    kind = ", ".join(part for part in (ticket.type or "no type yet", f"priority {ticket.priority}") if part)
    entries = [
        ("state", _standing(dossier, zone)),
        ("queue", ticket.queue if ticket.queue != "default" else ""),
        ("paused", f"for the requester since {local(ticket.waiting_since, zone)}" if ticket.waiting_since else ""),
        ("requester", clean(name)),
        ("department", clean(ticket.department)),
        ("others", ", ".join(others)),
        ("kind", kind),
        ("urgency", clean(ticket.urgency)),
        ("wanted", clean(ticket.desired_outcome)),
        ("language", ticket.language),
        ("assignee", ticket.assignee),
        ("created", local(ticket.created_at, zone)),
        ("resolved", local(ticket.resolved_at, zone) if ticket.resolved_at else ""),
        ("closed", local(ticket.closed_at, zone) if ticket.closed_at else ""),
        ("reason", clean(ticket.close_reason)),
        ("rating", _rating(dossier, zone)),
        ("time spent", f"{ticket.minutes_spent} min" if ticket.minutes_spent else ""),
        ("cause", clean(ticket.cause)),
        ("form", ticket.form),
        ("details", "; ".join(f"{name} = {clean(str(value))}" for name, value in (ticket.fields or {}).items())),
        ("solution", clean(ticket.solution)),
        ("timers", "; ".join(f"{row.name} {local(row.due_at, zone)}" for row in dossier.timers)),
        ("links", ", ".join(f"{row.reference} ({row.kind})" for row in dossier.links)),
        ("times", f"of {zone.key}"),
    ]
    return pairs(entries)


def _standing(dossier: TicketView, zone: ZoneInfo) -> str:
    ticket = dossier.ticket
    if ticket.state == ticket.level:
        return f"{ticket.state} since {local(ticket.level_since, zone)}"
    return f"{ticket.state}, last with {ticket.level}"


def _rating(dossier: TicketView, zone: ZoneInfo) -> str:
    ticket = dossier.ticket
    if ticket.rating is None or ticket.rated_at is None:
        return "asked for" if ticket.rating_asked else ""
    words = f": {clean(ticket.rating_words)}" if ticket.rating_words else ""
    return f"{ticket.rating} of 5, {local(ticket.rated_at, zone)}{words}"


def _story(dossier: TicketView, zone: ZoneInfo, whole: bool) -> Iterator[str]:
    for row in in_order(dossier):
        when = local(row.at, zone)
        if isinstance(row, EventRow):
            yield _step(row, when)
        else:
            yield from _mail(row, dossier, when, whole or row.direction == "in")


def _step(row: EventRow, when: str) -> str:
    move = "" if row.from_state == row.to_state else f": {row.from_state or 'new'} → {row.to_state}"
    by = f", by {clean(row.by)}" if row.by != row.event else ""
    said = row.text if row.event in ("note", "ask") else row.reason
    return "\n".join(part for part in (f"{when}  {row.event}{move}{by}", block(clean(said), 6)) if part)


def _mail(row: MessageRow, dossier: TicketView, when: str, with_text: bool) -> Iterator[str]:
    if row.direction == "in":
        yield ""
        internal = " (internal)" if row.internal else ""
        yield f"{when}  mail from {clean(row.sender)}{internal}"
        yield block(clean(row.subject), 6) or "      (no subject)"
        yield ""
    else:
        yield f"{when}  sent {row.notice} to {clean(', '.join(row.recipients))}"
    if with_text:
        yield block(clean(row.new_text or row.text), 6) or "      (no text)"
        yield ""
    for file in dossier.files.get(row.id, ()):
        yield f"      [{clean(file.filename)}, {file.mime_type}, {size(file.size)}]"


@click.command()
@config_option
@click.option("--sla", is_flag=True, help="Work out its promises instead: first answer, levels, pauses, what is due.")
@json_option
@click.argument("reference", metavar="REF")
def explain(config: Path | None, sla: bool, as_json: bool, reference: str) -> None:
    """Tell why the mails of the ticket REF landed there, and why each of its steps was taken.

    For each mail: the key that led it to the ticket. For each step: who, the row of the process table ("mailgate
    process" prints all), and the words that decided.
    """
    from mailgate.cli import explain

    if sla:
        _explain_sla(config, reference, programs=as_json)
        return
    with reading(config) as view:
        dossier = read_dossier(view.connection, view.ticket(reference))
        told = explain.explain(view.connection, dossier)
    if as_json:
        print_json(explain.as_json(dossier, told))
        return
    zone = _zone(view, dossier)
    click.echo(_title(dossier))
    counts = f"mails: {len(told.mails)}, steps: {len(told.steps)}"
    click.echo(f"  {dossier.ticket.state} now; {counts}; times of {zone.key}")
    pending = list(told.mails)
    for step in told.steps:
        while pending and (pending[0].at, pending[0].journal_id) <= (step.at, step.journal_id or 0):
            click.echo(_landed(pending.pop(0), zone))
        click.echo(_explained(step, zone))
    for mail in pending:
        click.echo(_landed(mail, zone))


def _explain_sla(config: Path | None, reference: str, *, programs: bool) -> None:
    from mailgate.cli import explain_sla
    from mailgate.tickets.sla.deadlines import account_for

    now = command_clock().now()
    with reading(config) as view:
        ticket = view.ticket(reference)
        account = account_for(view.connection, view.settings, ticket, now)
        zone = view.settings.queue_of(ticket.queue).zone
    if programs:
        print_json(explain_sla.as_json(ticket.reference, account, now))
        return
    click.echo(cut(f"{ticket.reference}  {clean(ticket.subject)}", 80))
    click.echo(f"  {ticket.state} at {local(now, zone)}; times of {zone.key}")
    for line in explain_sla.tell(account, zone, now):
        click.echo(line)


def _landed(mail: Any, zone: ZoneInfo) -> str:
    entries = [
        ("subject", clean(mail.subject)),
        ("key", clean(mail.key)),
        ("kind", mail.kind),
        ("defects", clean("; ".join(mail.defects))),
        ("journal", str(mail.journal_id)),
    ]
    return f"\n{local(mail.at, zone)}  mail from {clean(mail.sender or 'nobody')}\n{pairs(entries, 4)}"


def _explained(step: Any, zone: ZoneInfo) -> str:
    stays = step.from_state == step.to_state
    move = f"stays {step.to_state}" if stays else f"{step.from_state or 'new'} → {step.to_state}"
    entries = [
        ("by", clean(step.by)),
        ("because", clean(step.reason)),
        ("row", f"{step.step}  {step.row}".strip()),
        ("sent", "; ".join(step.sent)),
    ]
    return f"\n{local(step.at, zone)}  step {step.number}: {step.event}, {move}\n{pairs(entries, 4)}"
