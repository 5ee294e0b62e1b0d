"""`explain`: why a ticket is where it is: the key that brought each mail, the transition that made each step.

Steps and keys are printed as they were recorded when they happened. `explain --sla` is in `explain_sla`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Connection

from mailgate.cli.context import command_clock, config_option, json_option, reading
from mailgate.cli.hops import hops_json, read_hops_of, write_hops
from mailgate.cli.output import clean, iso, local, pairs, print_json
from mailgate.cli.ticket_view import (
    TicketView,
    describe_sending,
    in_order,
    is_unsent,
    name_notice,
    read_ticket_view,
    sending_json,
    title_of,
)
from mailgate.parsers.hops import Hop
from mailgate.store.blobs import get_blob
from mailgate.store.events import EventRow
from mailgate.store.journal import JournalRow
from mailgate.store.messages import MessageRow
from mailgate.store.queries.listings import received_mails

_UNSENT = re.compile(r"^NOT SENT( yet)?: ")  # stands before the list


@click.command()
@config_option
@click.option("--sla", is_flag=True, help="Explain its SLA instead: first answer, levels, pauses, deadlines.")
@json_option
@click.argument("reference", metavar="REF")
def explain(config: Path | None, sla: bool, as_json: bool, reference: str) -> None:
    """Explain how each email was matched to ticket REF, and why each step was taken.

    For each email: the key that matched it, and the servers it came through, each with the time by its own clock. For
    each step: who took it, the row of the process table (`mailgate process` prints them all), and the words that
    triggered it.
    """
    if sla:
        _explain_sla(config, reference, programs=as_json)
        return
    with reading(config) as view:
        ticket_view = read_ticket_view(view.connection, view.ticket(reference), command_clock().now())
        explanation = explain_ticket(view.connection, ticket_view)
    ticket = ticket_view.ticket
    if as_json:
        print_json(_as_json(ticket_view, explanation))
        return
    zone = view.settings.queue_of(ticket.queue).zone
    click.echo(title_of(ticket))
    counts = f"emails: {len(explanation.mails)}, steps: {len(explanation.steps)}"
    click.echo(f"  {ticket.state} now; {counts}; times in {zone.key}")
    pending = list(explanation.mails)
    told = {mail.journal_id for mail in explanation.mails}
    for step in explanation.steps:
        while pending and (pending[0].at, pending[0].journal_id) <= (step.at, step.journal_id or 0):
            click.echo(_format_mail(pending.pop(0), zone))
        click.echo(_format_step(step, ticket_view, zone, told))
    for mail in pending:
        click.echo(_format_mail(mail, zone))


@dataclass(frozen=True, slots=True)
class ExplainedMail:
    """A received mail: `key` led it to the ticket, `defects` are faults of its format, `hops` the servers it passed."""

    journal_id: int
    at: datetime
    sender: str
    subject: str
    message_id: str
    kind: str
    key: str
    defects: tuple[str, ...]
    hops: tuple[Hop, ...]


@dataclass(frozen=True, slots=True)
class ExplainedEvent:
    """An event of the ticket: `row` of the transition table, `step` of the process.

    `sent` are its notices, whether they have left or not; `notices` tells what became of each.
    """

    number: int
    at: datetime
    event: str
    from_state: str | None
    to_state: str
    by: str
    reason: str
    row: str
    step: str
    sent: tuple[str, ...]
    journal_id: int | None
    notices: tuple[MessageRow, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All mails and all events of a ticket, oldest first."""

    mails: tuple[ExplainedMail, ...]
    steps: tuple[ExplainedEvent, ...]


def explain_ticket(connection: Connection, view: TicketView) -> Explanation:
    """Explains every mail and every step of a ticket, from what was recorded when they happened.

    Mails that came in on tickets merged into it are among them.
    """
    tickets = {view.ticket.id, *(row.ticket_id for row in view.messages)}
    came = {row.id: row for number in tickets for row in received_mails(connection, number)}
    mails = [came[number] for number in sorted(came)]
    return Explanation(tuple(_explain_mail(connection, row) for row in mails), tuple(_explain_steps(view)))


def _explain_mail(connection: Connection, row: JournalRow) -> ExplainedMail:
    from mailgate.parsers.plain_reading import read_somehow

    mail = read_somehow(get_blob(connection, row.blob_id), row.sender)
    sender = mail.sender.address if mail.sender is not None else row.sender or ""
    return ExplainedMail(
        journal_id=row.id,
        at=row.received_at,
        sender=sender,
        subject=mail.subject,
        message_id=row.message_id,
        kind=mail.kind.value,
        key=row.outcome,
        defects=mail.defects,
        hops=read_hops_of(row, mail),
    )


def _explain_steps(view: TicketView) -> Iterator[ExplainedEvent]:
    """Explains the steps with their notices; those of several steps of one mail are listed with the last of them."""
    from mailgate.core.workflow.transitions import ROWS

    process_steps = {row.name: row.step for row in ROWS}
    sent: dict[int, list[MessageRow]] = {}
    last = 0
    for row in in_order(view):
        if isinstance(row, EventRow):
            last = row.id
        elif row.direction == "out":
            sent.setdefault(last, []).append(row)
    for number, row in enumerate(view.events, 1):
        yield ExplainedEvent(
            number=number,
            at=row.at,
            event=row.event,
            from_state=row.from_state,
            to_state=row.to_state,
            by=row.by,
            reason=row.reason,
            row=row.row,
            step=process_steps.get(row.row, ""),
            sent=tuple(name_notice(notice) for notice in sent.get(row.id, ())),
            journal_id=row.journal_id,
            notices=tuple(sent.get(row.id, ())),
        )


def _as_json(view: TicketView, explanation: Explanation) -> dict[str, object]:
    return {
        "reference": view.ticket.reference,
        "state": view.ticket.state,
        "mails": [_values(mail) | {"hops": hops_json(mail.hops)} for mail in explanation.mails],
        "steps": [
            _values(step) | {"notices": [_notice_json(row, view) for row in step.notices]} for step in explanation.steps
        ],
    }


def _notice_json(row: MessageRow, view: TicketView) -> dict[str, object]:
    sending = sending_json(view.statuses.get(row.message_id))
    return {"notice": row.notice, "to": list(row.recipients), "queued_at": iso(row.at), **sending}


def _values(explained: ExplainedMail | ExplainedEvent) -> dict[str, object]:
    values = {name: getattr(explained, name) for name in explained.__slots__}
    values.pop("notices", None)
    return {name: iso(value) if isinstance(value, datetime) else _plain(value) for name, value in values.items()}


def _plain(value: object) -> object:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value


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
    click.echo(title_of(ticket))
    click.echo(f"  {ticket.state} at {local(now, zone)}; times in {zone.key}")
    for line in explain_sla.write_lines(account, zone, now):
        click.echo(line)


def _format_mail(mail: ExplainedMail, zone: ZoneInfo) -> str:
    entries = [
        ("subject", clean(mail.subject)),
        ("key", clean(mail.key)),
        ("kind", mail.kind),
        ("defects", clean("; ".join(mail.defects))),
        ("journal", str(mail.journal_id)),
        *write_hops(mail.hops, zone),
    ]
    return f"\n{local(mail.at, zone)}  email from {clean(mail.sender or 'nobody')}\n{pairs(entries, 4)}"


def _format_step(step: ExplainedEvent, view: TicketView, zone: ZoneInfo, told: Collection[int]) -> str:
    """Writes a step; where its mail is not `told` here, since it was about several tickets, with its number."""
    stays = step.from_state == step.to_state
    move = f"stays {step.to_state}" if stays else f"{step.from_state or 'new'} → {step.to_state}"
    entries = [
        ("by", clean(step.by)),
        ("because", clean(step.reason)),
        ("row", f"{step.step}  {step.row}".strip()),
        ("journal", str(step.journal_id) if step.journal_id and step.journal_id not in told else ""),
        ("sent", _join_notices((row for row in step.notices if not is_unsent(row, view)), view, zone)),
        ("NOT SENT", _join_notices((row for row in step.notices if is_unsent(row, view)), view, zone)),
    ]
    return f"\n{local(step.at, zone)}  step {step.number}: {step.event}, {move}\n{pairs(entries, 4)}"


def _join_notices(rows: Iterable[MessageRow], view: TicketView, zone: ZoneInfo) -> str:
    told = ((name_notice(row), describe_sending(row, view, zone)) for row in rows)
    return clean("; ".join(f"{name}: {_UNSENT.sub('', words)}" if words else name for name, words in told))
