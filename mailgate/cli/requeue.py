"""`requeue`, `flush` and `dismiss`: what the operator does with rows that were not worked off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mailgate.cli.context import CommandError, UsageError, command_clock, config_option, open_desk, writing
from mailgate.cli.listings import read_since, since_option
from mailgate.cli.output import clean, further
from mailgate.core.text import counted
from mailgate.daemon.health.reasons import NAMES

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from mailgate.config import Settings
    from mailgate.daemon.desk import Desk

_STATES = ("waiting", "parked", "failed", "quarantined", "ignored", "dismissed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Rows of a queue as a command names them: by id, all of them, or by what is true of them (`RowFilter`)."""

    ids: tuple[int, ...]
    whole: bool
    author: str
    recipient: str
    error: str
    since: str | None
    states: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True if nothing says which rows are meant."""
        return not (self.ids or self.is_chosen)

    @property
    def is_chosen(self) -> bool:
        """True if options say which rows are meant."""
        return bool(self.whole or self.author or self.recipient or self.error or self.since or self.states)


def _options(*queues: str, by_state: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds the queue and the options that choose rows."""
    choice = click.argument("queue", type=click.Choice(queues))
    ids = click.argument("ids", nargs=-1, type=int, metavar="[ID]...")
    whole = click.option("--all", "whole", is_flag=True, help="Select every row.")
    author = click.option(
        "--from", "author", default="", metavar="PART", help="Select emails from addresses that contain PART."
    )
    to = click.option(
        "--to",
        "recipient",
        default="",
        metavar="PART",
        help="Select rows to addresses, or calls of hooks, that contain PART.",
    )
    error = click.option("--error", default="", metavar="TEXT", help="Select rows whose error contains TEXT.")
    states = click.option(
        "--state", "states", multiple=True, type=click.Choice(_STATES), help="Select rows in this state. Repeatable."
    )

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(
            (config_option, whole, author, to, error, since_option, *((states,) if by_state else ()), choice, ids)
        ):
            function = option(function)
        return function

    return add


_reason = click.option("--reason", default="", metavar="TEXT", help="Select as --error does.")


@click.command()
@_options("journal", "outbox", "timers", "hooks")
@_reason
def requeue(config: Path | None, queue: str, reason: str, error: str, **chosen: Any) -> None:
    """Retry rows as if they were new: those with these IDs, or those that the options select.

    Options select parked rows, unless --state says otherwise. An ID can be any row that isn't done: a waiting row is
    due at once, and an ignored email of the journal gets a ticket.
    """
    from mailgate.daemon.health.measurement import describe_obstacle
    from mailgate.store.queries.listings import QUEUES
    from mailgate.store.work_queue import PARKED, QUARANTINED
    from mailgate.store.work_queue import requeue as requeue_rows

    selection = _select(queue, error=error or reason, **chosen)
    if QUARANTINED in selection.states:
        raise UsageError("a quarantined email is let in by its ID: `mailgate release journal ID`")
    with writing(config) as (settings, connection):
        ids = _find(connection, settings, queue, selection, (PARKED,))
        now = command_clock().now()
        revived = requeue_rows(connection, QUEUES[queue], ids, now)
        hint = "only waiting, parked, failed, ignored or dismissed rows can be retried"
        obstacle = describe_obstacle(connection, queue, now)
        errors = _say(connection, queue, selection, revived, ("is waiting again", "are waiting again"), hint, obstacle)
    if errors:
        raise CommandError(*errors)


@click.command()
@_options("journal", "outbox", "hooks", by_state=False)
@_reason
def flush(config: Path | None, queue: str, reason: str, error: str, **chosen: Any) -> None:
    """Retry now what is waiting for another attempt: all of it, or what the IDs or options select.

    Attempts and ages are kept. A row that hasn't been tried yet keeps its time.
    """
    from mailgate.daemon.health.measurement import describe_obstacle
    from mailgate.store.queries.listings import QUEUES
    from mailgate.store.work_queue import WAITING, list_due
    from mailgate.store.work_queue import flush as flush_rows

    selection = _select(queue, error=error or reason, may_be_empty=True, **chosen)
    with writing(config) as (settings, connection):
        ids = _find(connection, settings, queue, selection, (WAITING,))
        now = command_clock().now()
        already = list_due(connection, QUEUES[queue], ids, now)
        due = flush_rows(connection, QUEUES[queue], ids, now)
        hint = "only rows that are waiting for another attempt can be tried now"
        obstacle = describe_obstacle(connection, queue, now)
        errors = _say(connection, queue, selection, due, ("is due now", "are due now"), hint, obstacle, already)
    if errors:
        raise CommandError(*errors)


@click.command()
@_options("journal", "outbox", "hooks")
@click.option("--reason", required=True, metavar="TEXT", help="Say why; the row and the ticket's history keep it.")
def dismiss(config: Path | None, queue: str, reason: str, **chosen: Any) -> None:
    """Give up rows, with the reason: they are not processed or sent, and no longer count as parked.

    Options select parked and failed rows, unless --state says otherwise. `mailgate requeue` with the ID brings a row
    back. If a notice belongs to a ticket, the history of the ticket gets a note.
    """
    from mailgate.store.queries.listings import QUEUES
    from mailgate.store.work_queue import FAILED, PARKED
    from mailgate.store.work_queue import dismiss as dismiss_rows

    words = " ".join(clean(reason).split())
    if not words:
        raise UsageError("--reason: say why")
    selection = _select(queue, **chosen)
    with open_desk(config) as desk, desk.database.write() as connection:
        now = desk.clock.now()
        ids = _find(connection, desk.settings, queue, selection, (PARKED, FAILED))
        told = f"dismissed by the operator {now:%Y-%m-%d %H:%M} UTC: {words}"
        ended = dismiss_rows(connection, QUEUES[queue], ids, now, told)
        if queue == "outbox":
            _note_dismissed(desk, connection, ended, words)
        hint = "only waiting, parked, failed or quarantined rows can be dismissed"
        errors = _say(connection, queue, selection, ended, ("is dismissed", "are dismissed"), hint)
    if errors:
        raise CommandError(*errors)


def _select(queue: str, *, may_be_empty: bool = False, **chosen: Any) -> Selection:
    """Returns the selection of a command; raises UsageError where it cannot be meant."""
    selection = Selection(**chosen)
    if selection.is_empty and not may_be_empty:
        ways = "--all, --from, --to, --error, --since or --state"
        raise UsageError(f"name the rows by their IDs, or select them with {ways}")
    if selection.ids and selection.is_chosen:
        raise UsageError("select rows by their IDs or with options, not both")
    if selection.author and queue != "journal":
        raise UsageError("--from works only for the journal: the desk itself writes the other queues")
    if selection.recipient and queue == "timers":
        raise UsageError("--to does not work for timers: they have no recipient")
    return selection


def _find(
    connection: Connection, settings: Settings, queue: str, selection: Selection, states: Sequence[str]
) -> Sequence[int]:
    """Finds the ids of the rows; `states` are those that options choose from."""
    from mailgate.store.queries.listings import RowFilter, list_ids

    if selection.ids:
        return selection.ids
    wanted = RowFilter(
        states=selection.states or states,
        author=selection.author,
        recipient=selection.recipient,
        error=selection.error,
        since=read_since(selection.since, command_clock().now(), settings.default_queue.zone),
    )
    return list_ids(connection, queue, wanted)


def _say(
    connection: Connection,
    queue: str,
    selection: Selection,
    changed: Sequence[int],
    became: tuple[str, str],
    hint: str,
    obstacle: str = "",
    already: Sequence[int] = (),
) -> list[str]:
    """Prints which rows were changed, or how many; returns a line for each named row that was not.

    `became` tells what they are now, of one and of several, `obstacle` why nobody tries them though they are due;
    `already` were what was asked for.
    """
    from mailgate.store.queries.listings import state_of
    from mailgate.store.work_queue import QUARANTINED, WAITING

    if not selection.ids:
        words = f"{counted(len(changed), NAMES[queue])} {became[len(changed) != 1]}"
        if already and not changed:
            due = f"{counted(len(already), NAMES[queue])} {'is' if len(already) == 1 else 'are'}"
            words = f"Nothing to change: {due} already due"
        click.echo(f"{words}{further(obstacle) if changed or already else ''}.")
        return []
    errors = []
    for row_id in dict.fromkeys(selection.ids):
        state = state_of(connection, queue, row_id)
        if row_id in changed:
            click.echo(f"{queue} {row_id} {became[0]}{further(obstacle)}.")
        elif row_id in already:
            click.echo(f"{queue} {row_id} is already due{further(obstacle)}.")
        elif state is None:
            errors.append(f"{queue} has no row {row_id}")
        elif state == WAITING:
            errors.append(f"{queue} {row_id} is being processed, or is not due yet")
        elif state == QUARANTINED:
            errors.append(f"{queue} {row_id} is quarantined: `mailgate release {queue} {row_id}` processes it anyway")
        else:
            errors.append(f"{queue} {row_id} is {state}: {hint}")
    return errors


def _note_dismissed(desk: Desk, connection: Connection, ids: Sequence[int], reason: str) -> None:
    """Notes in the histories of the tickets which notices will not be sent."""
    from mailgate.core.workflow.events import Event
    from mailgate.store.queries.listings import get_sent
    from mailgate.tickets.events import TicketEvent

    for row in (get_sent(connection, row_id) for row_id in ids):
        if row.ticket_id is not None:
            words = f"{row.notice} to {row.recipient} was dismissed and will not be sent: {reason}"
            note = TicketEvent(Event.NOTE, desk.clock.now(), "operator", "#note", text=words, command="note")
            desk.tickets.apply(connection, row.ticket_id, (note,))
