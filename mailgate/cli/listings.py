"""`tickets`, `journal`, `outbox` and `timers`: lists, as tables or as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from mailgate.cli.context import UsageError, config_option, json_option, reading
from mailgate.cli.output import block, clean, iso, print_json, short, size, table
from mailgate.core.workflow.events import State
from mailgate.store.queries.listings import (
    QUEUES,
    ListedMail,
    ListedNotice,
    ListedRow,
    ListedTimer,
    count_states,
    list_queue,
    next_promises,
)
from mailgate.store.tickets import Ticket, list_tickets
from mailgate.store.work_queue import FAILED, PARKED, WAITING

_STATES = ("waiting", "parked", "failed", "done", "duplicate", "ignored", "dismissed", "cancelled")
_limit = click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the newest N.")


@click.command()
@config_option
@click.option("--state", type=click.Choice([state.value for state in State]), help="Only tickets in this state.")
@click.option("--queue", metavar="NAME", help="Only tickets of this queue, as `#route` names it.")
@_limit
@json_option
def tickets(config: Path | None, state: str | None, queue: str | None, limit: int | None, as_json: bool) -> None:
    """List the tickets, newest last. DUE is when the level that has the ticket must be done with it."""
    with reading(config) as view:
        found = list_tickets(view.connection, state=state, queue=queue, limit=limit)
        if queue is not None and queue not in view.settings.queues and not found:  # else it was one once
            names = ", ".join(view.settings.queues)
            raise UsageError(f'there is no queue "{queue}"; there are: {names}')
        promises = next_promises(view.connection)
        zone = view.settings.default_queue.zone
    if as_json:
        print_json([_ticket_json(ticket, iso(promises.get(ticket.id))) for ticket in found])
        return
    if not found:
        click.echo("No tickets.")
        return
    lines = [
        (t.reference, t.state, short(promises.get(t.id), zone), clean(t.requester), clean(t.subject), t.queue)
        for t in found
    ]
    head = ("REFERENCE", "STATE", "DUE", "REQUESTER", "SUBJECT", "QUEUE")
    columns = 5 if all(ticket.queue == "default" for ticket in found) else 6
    click.echo(table(head[:columns], [line[:columns] for line in lines], (4, 3)))


def _ticket_json(ticket: Ticket, due_at: str | None) -> dict[str, object]:
    return {
        "reference": ticket.reference,
        "state": ticket.state,
        "level": ticket.level,
        "queue": ticket.queue,
        "subject": ticket.subject,
        "requester": ticket.requester,
        "created_at": iso(ticket.created_at),
        "due_at": due_at,
    }


def _queue_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that the three queues share."""
    states = click.option(
        "--state", "states", multiple=True, type=click.Choice(_STATES), help="Only rows in this state. Repeatable."
    )
    whole = click.option("--all", "whole", is_flag=True, help="In the table, also what is finished.")
    for option in reversed((config_option, states, whole, _limit, json_option)):
        function = option(function)
    return function


@click.command()
@_queue_options
def journal(**options: Any) -> None:
    """List the mails that came in: what waits to be read and what is parked.

    Below a row stands what was last said of it. JSON lists every row. `mailgate requeue journal ID` puts a parked or
    ignored mail back.
    """
    head = ("ID", "STATE", "TRIES", "RECEIVED", "FROM", "SIZE", "TICKET")
    _list("journal", ListedMail, head, _journal_line, (4,), **options)


@click.command()
@_queue_options
def outbox(**options: Any) -> None:
    """List the notices that go out: what waits for the relay, what is parked and what failed.

    Below a row stand the relay's words. JSON lists every row. `mailgate requeue outbox ID` sends a notice again,
    `mailgate dismiss outbox ID` takes it off the list.
    """
    head = ("ID", "STATE", "TRIES", "NEXT TRY", "NOTICE", "TO", "TICKET")
    _list("outbox", ListedNotice, head, _outbox_line, (5,), **options)


@click.command()
@_queue_options
def timers(**options: Any) -> None:
    """List the deadlines that run and those that are parked.

    JSON lists every row. `mailgate requeue timers ID` puts a parked one back.
    """
    head = ("ID", "STATE", "TRIES", "DUE", "TIMER", "TICKET")
    _list("timers", ListedTimer, head, _timer_line, (4,), **options)


When = Callable[[datetime], str]


def _list(
    name: str,
    row_type: type[ListedRow],
    head: Sequence[str],
    line: Callable[[ListedRow, When], Sequence[str]],
    cut_first: Sequence[int],
    *,
    config: Path | None,
    states: tuple[str, ...],
    whole: bool,
    limit: int | None,
    as_json: bool,
) -> None:
    if not states and not whole and not as_json:
        states = (WAITING, PARKED, FAILED)
    with reading(config) as view:
        rows = list_queue(view.connection, row_type, states, limit)
        counts = count_states(view.connection, QUEUES[name])
        zone = view.settings.default_queue.zone
    if as_json:
        print_json([_row_json(row) for row in rows])
        return
    if rows:
        lines = table(head, [line(row, lambda moment: short(moment, zone)) for row in rows], cut_first).splitlines()
        click.echo(lines[0])
        for text, row in zip(lines[1:], rows, strict=True):
            words = block(clean(row.last_error), 4)
            click.echo(f"{text}\n{words}" if words else text)
    hidden = [f"{count} {state}" for state, count in counts.items() if states and state not in states]
    more = f" Not shown: {', '.join(hidden)} (--all)." if hidden else ""
    if not rows or more:
        click.echo(f"{'' if rows else 'Nothing here.'}{more}".strip())


def _row_json(row: ListedMail | ListedNotice | ListedTimer) -> dict[str, object]:
    """Returns a row with the field names of the JSON contract: the recipient of an outbox row is `to`."""
    names = {"recipient": "to"}
    moments = ("due_at", "received_at", "created_at", "sent_at")
    return {names.get(key, key): iso(value) if key in moments else value for key, value in row._asdict().items()}


def _journal_line(row: ListedMail, when: When) -> Sequence[str]:
    sender = "<>" if row.sender == "" else clean(row.sender or "-")
    return (
        str(row.id), row.state, str(row.attempts), when(row.received_at), sender, size(row.size),
        row.reference or "-",
    )  # fmt: skip


def _outbox_line(row: ListedNotice, when: When) -> Sequence[str]:
    due = when(row.due_at) if row.state == WAITING else "-"
    return (str(row.id), row.state, str(row.attempts), due, row.notice, clean(row.recipient), row.reference or "-")


def _timer_line(row: ListedTimer, when: When) -> Sequence[str]:
    due = when(row.due_at)
    return (str(row.id), row.state, str(row.attempts), due, row.name, row.reference)
