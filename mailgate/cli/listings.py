"""`tickets`, `find`, `journal`, `outbox`, `timers` and `hooks`: lists, as tables or as JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from mailgate.cli.context import UsageError, command_clock, config_option, json_option, reading
from mailgate.cli.output import block, clean, iso, print_json, short, table, terminal_width
from mailgate.config import Settings
from mailgate.core.sla.terms import is_overdue
from mailgate.core.text import counted, spell_size
from mailgate.core.workflow.events import LEVEL_NAMES, State
from mailgate.store.queries.listings import (
    ListedCall,
    ListedMail,
    ListedNotice,
    ListedRow,
    ListedTimer,
    RowFilter,
    TicketFilter,
    count_rows,
    list_queue,
    select_tickets,
)
from mailgate.store.queries.search import find_tickets
from mailgate.store.queries.worklists import Listed
from mailgate.store.tickets import Ticket
from mailgate.store.work_queue import (
    CANCELLED,
    DISMISSED,
    DONE,
    DUPLICATE,
    FAILED,
    IGNORED,
    PARKED,
    QUARANTINED,
    WAITING,
)

MOST_FOUND = 100  # tickets that `find` lists where --limit says nothing
_SINCE = "Select only what came since TIME: 3d, '2 hours', 14:00, 2026-11-28 or '2026-11-28 14:00'."
_DURATION = re.compile(r"([0-9]{1,6})\s*(m|h|d|w|min|mins|(?:minute|hour|day|week)s?)", re.IGNORECASE)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

_limit = click.option("--limit", type=click.IntRange(min=1), metavar="N", help="List only the newest N.")
since_option = click.option("--since", metavar="TIME", help=_SINCE)


@click.command()
@config_option
@click.option("--state", type=click.Choice([state.value for state in State]), help="List only tickets in this state.")
@click.option("--level", type=click.Choice(LEVEL_NAMES), help="List only tickets that this level has or had last.")
@click.option("--queue", metavar="NAME", help="List only tickets of this queue, as `#route` names it.")
@click.option(
    "--requester", default="", metavar="PART", help="List only tickets whose requester's address or name contains PART."
)
@click.option("--assignee", default="", metavar="PART", help="List only tickets whose agent's address contains PART.")
@click.option("--tag", default="", metavar="WORD", help="List only tickets with this tag.")
@click.option("--late", is_flag=True, help="List only overdue tickets: their deadline has passed.")
@click.option("--later", is_flag=True, help="List only tickets that `#later` has put off.")
@since_option
@_limit
@json_option
def tickets(
    config: Path | None, state: str | None, level: str | None, queue: str | None, requester: str, assignee: str,
    tag: str, late: bool, later: bool, since: str | None, limit: int | None, as_json: bool,
) -> None:  # fmt: skip
    """List tickets, newest last, including closed ones.

    DUE is the deadline of the level that has the ticket; OVERDUE means that it has passed.
    """
    with reading(config) as view:
        now, zone = command_clock().now(), view.settings.default_queue.zone
        wanted = TicketFilter(
            state=state or "", level=level or "", queue=queue or "", requester=requester, assignee=assignee,
            tag=tag, late_at=now if late else None, put_off=later, since=read_since(since, now, zone),
        )  # fmt: skip
        found = select_tickets(view.connection, wanted, limit)
        if not found:
            _require_queue(view.settings, queue)
    _print_tickets(found, now, zone, as_json=as_json)


@click.command()
@config_option
@click.option("--limit", type=click.IntRange(min=1), metavar="N", default=MOST_FOUND, show_default=True,
              help="List only the newest N.")  # fmt: skip
@json_option
@click.argument("words", nargs=-1, required=True)
def find(config: Path | None, words: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find tickets that contain all WORDS, newest first, including closed ones.

    A word can be in the reference, the subject, the requester's name or address, or the text of any email of the
    ticket. tag:WORD finds a tag. Upper and lower case are the same.
    """
    with reading(config) as view:
        now, zone = command_clock().now(), view.settings.default_queue.zone
        split = [part for word in words for part in word.split()]
        found = find_tickets(view.connection, None, split, limit, in_mails=True)
    _print_tickets(found.tickets, now, zone, as_json=as_json)
    if found.more and not as_json:
        click.echo(f"Not shown: {counted(found.more, 'older ticket')} (--limit).")


def _require_queue(settings: Settings, queue: str | None) -> None:
    """Raises UsageError for a queue that is not configured; one that was it once is found by its rows."""
    if queue is not None and queue not in settings.queues:
        raise UsageError(f'there is no queue "{queue}"; the queues are: {", ".join(settings.queues)}')


def read_since(words: str | None, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Reads a time of the past: a length of time before `now`, a time of the last 24 hours, or a day of the zone."""
    if words is None:
        return None
    text = words.strip()
    try:
        if found := _DURATION.fullmatch(text):
            return now - timedelta(**{_UNITS[found[2][0].lower()]: int(found[1])})
        if re.fullmatch(r"[0-9]{1,2}:[0-9]{2}", text):
            there = now.astimezone(zone)
            today = datetime.combine(there.date(), time.fromisoformat(text.zfill(5)), zone)
            return (today if today <= there else today - timedelta(days=1)).astimezone(UTC)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            f'--since: "{words}" is not a time: write 3d, "2 hours", 14:00, 2026-11-28 or "2026-11-28 14:00"'
        ) from None


def _print_tickets(found: Sequence[Ticket | Listed], now: datetime, zone: ZoneInfo, *, as_json: bool) -> None:
    if as_json:
        print_json([_ticket_json(ticket, now) for ticket in found])
        return
    if not found:
        click.echo("No tickets.")
        return
    lines = [
        [
            ticket.reference, ticket.state, _say_due(ticket, now, zone), clean(ticket.requester),
            clean(ticket.subject), ticket.queue, " ".join(ticket.tags),
        ]
        for ticket in found
    ]  # fmt: skip
    head = ["REFERENCE", "STATE", f"DUE ({zone.key})", "REQUESTER", "SUBJECT", "QUEUE", "TAGS"]
    for place, is_idle in ((6, not any(one.tags for one in found)), (5, all(one.queue == "default" for one in found))):
        for line in (head, *lines) if is_idle else ():
            del line[place]
    click.echo(table(head, lines, (4, 3), terminal_width()))


def _say_due(ticket: Ticket | Listed, now: datetime, zone: ZoneInfo) -> str:
    return f"{short(ticket.due, zone, now)}{' OVERDUE' if is_overdue(ticket.due, now) else ''}"


def _ticket_json(ticket: Ticket | Listed, now: datetime) -> dict[str, object]:
    return {
        "reference": ticket.reference,
        "state": ticket.state,
        "level": ticket.level,
        "queue": ticket.queue,
        "subject": ticket.subject,
        "requester": ticket.requester,
        "assignee": ticket.assignee,
        "created_at": iso(ticket.created_at),
        "due_at": iso(ticket.due),
        "late": is_overdue(ticket.due, now),
        "tags": list(ticket.tags),
    }


def _queue_options(*states: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Returns what adds the options that the three queues share; `states` are those that a row may have."""
    kind = click.Choice(states)
    only = click.option("--state", "states", multiple=True, type=kind, help="List only rows in this state. Repeatable.")
    whole = click.option(
        "--all", "whole", is_flag=True, help="Also list finished rows, as --since and similar options do."
    )
    error = click.option("--error", default="", metavar="TEXT", help="List only rows whose error contains TEXT.")

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed((config_option, only, whole, error, since_option, _limit, json_option)):
            function = option(function)
        return function

    return add


_message_id = click.option(
    "--message-id", default="", metavar="ID", help="List only rows with this Message-ID, with or without <>."
)


@click.command()
@_queue_options(WAITING, PARKED, QUARANTINED, DONE, DUPLICATE, IGNORED, DISMISSED)
@click.option("--from", "author", default="", metavar="PART", help="List only emails from addresses that contain PART.")
@click.option("--to", "recipient", default="", metavar="PART", help="List only emails to addresses that contain PART.")
@_message_id
def journal(**options: Any) -> None:
    """List the emails received: those waiting to be processed, those parked and those quarantined.

    Below a row is its latest result or error. JSON lists every row. `mailgate cat journal ID` prints an email;
    `mailgate requeue journal ID` retries a parked or ignored one.
    """
    head = ("ID", "STATE", "TRIES", "RECEIVED", "FROM", "SIZE", "TICKET", "SUBJECT")
    _list(ListedMail, head, _journal_line, (7, 4), **options)


@click.command()
@_queue_options(WAITING, PARKED, FAILED, DONE, CANCELLED, DISMISSED)
@click.option("--to", "recipient", default="", metavar="PART", help="List only notices to addresses that contain PART.")
@_message_id
@click.option("--queue", default="", metavar="NAME", help="List only notices about tickets of this queue.")
def outbox(**options: Any) -> None:
    """List the notices: those waiting for the relay, those parked and those that failed.

    Below a row is the relay's answer. JSON lists every row. `mailgate cat outbox ID` prints a notice, `mailgate requeue
    outbox ID` sends it again, `mailgate dismiss outbox ID` gives it up.
    """
    head = ("ID", "STATE", "TRIES", "QUEUED", "NEXT TRY, SENT", "NOTICE", "TO", "TICKET")
    _list(ListedNotice, head, _outbox_line, (6,), **options)


@click.command()
@_queue_options(WAITING, PARKED, DONE, CANCELLED)
def timers(**options: Any) -> None:
    """List the deadlines that are running and those that are parked.

    JSON lists every row. `mailgate requeue timers ID` retries a parked one.
    """
    head = ("ID", "STATE", "TRIES", "DUE", "TIMER", "TICKET")
    _list(ListedTimer, head, _timer_line, (4,), **options)


@click.command()
@_queue_options(WAITING, PARKED, DONE, DISMISSED)
@click.option(
    "--to", "recipient", default="", metavar="PART", help="List only calls of hooks whose name contains PART."
)
@click.option("--test", metavar="NAME", help="Call this hook now with a call of the type ping, and print its answer.")
def hooks(test: str | None, **options: Any) -> int:
    """List the calls of hooks: those waiting to be made and those parked.

    Below a row is the answer or the error. JSON lists every row. `mailgate cat hooks ID` prints what a call says,
    `mailgate requeue hooks ID` makes it again, `mailgate dismiss hooks ID` gives it up.
    """
    if test is not None:
        from mailgate.cli.hook_test import try_hook

        return try_hook(options["config"], test)
    head = ("ID", "STATE", "TRIES", "QUEUED", "NEXT TRY, CALLED", "HOOK", "TYPE", "TICKET")
    _list(ListedCall, head, _call_line, (6,), **options)
    return 0


_NAMES: dict[type[Any], str] = {
    ListedMail: "journal",
    ListedNotice: "outbox",
    ListedTimer: "timers",
    ListedCall: "hooks",
}
When = Callable[[datetime], str]
_TIMES = ("RECEIVED", "QUEUED", "DUE")  # the columns that name the zone of all times of their table


def _list(
    row_type: type[ListedRow],
    head: Sequence[str],
    line: Callable[[ListedRow, When], Sequence[str]],
    cut_first: Sequence[int],
    *,
    config: Path | None,
    states: tuple[str, ...],
    whole: bool,
    since: str | None,
    limit: int | None,
    as_json: bool,
    message_id: str = "",
    queue: str = "",
    **parts: str,
) -> None:
    from mailgate.daemon.health.measurement import describe_obstacle

    is_named = bool(message_id or since or any(parts.values()))  # who names what they look for wants it in any state
    if not (states or whole or as_json or is_named):
        states = (WAITING, PARKED, QUARANTINED, FAILED)
    with reading(config) as view:
        now, zone = command_clock().now(), view.settings.default_queue.zone
        wanted = RowFilter(
            states=states, since=read_since(since, now, zone), message_id=message_id.strip().strip("<>"), queue=queue,
            **parts,
        )  # fmt: skip
        rows = list_queue(view.connection, row_type, wanted, limit)
        if queue and not rows:
            _require_queue(view.settings, queue)
        counts = count_rows(view.connection, row_type, replace(wanted, states=()))
        is_due = any(row.state == WAITING and row.due_at < now for row in rows)
        obstacle = describe_obstacle(view.connection, _NAMES[row_type], now) if is_due else ""
    if as_json:
        print_json([_row_json(row) for row in rows])
        return
    if rows:
        named = [f"{name} ({zone.key})" if name in _TIMES else name for name in head]
        cells = [line(row, lambda moment: short(moment, zone, now)) for row in rows]
        lines = table(named, cells, cut_first, terminal_width()).splitlines()
        click.echo(lines[0])
        for text, row in zip(lines[1:], rows, strict=True):
            said = row.last_error or _answer_of(row)
            words = block(clean(said), 4)
            click.echo(f"{text}\n{words}" if words else text)
    hidden = [f"{count} {state}" for state, count in counts.items() if states and state not in states]
    more = f" Not shown: {', '.join(hidden)} (--all)." if hidden else ""
    if not rows or more:
        click.echo(f"{'' if rows else 'Nothing here.'}{more}".strip())
    if obstacle:
        click.echo(f"Due rows are not being tried: {obstacle}.")


def _answer_of(row: ListedMail | ListedNotice | ListedTimer | ListedCall) -> str:
    match row:
        case ListedNotice():
            return row.relay_reply
        case ListedCall():
            return row.reply
    return ""


def _row_json(row: ListedMail | ListedNotice | ListedTimer | ListedCall) -> dict[str, object]:
    """Returns a row with the field names of the JSON contract: the recipient of an outbox row is `to`."""
    names = {"recipient": "to", "author": "from"}
    moments = ("due_at", "received_at", "created_at", "sent_at", "called_at")
    values = row._asdict()
    if isinstance(row, ListedMail):
        values["author"] = row.author or row.sender or ""  # rows of earlier versions have no author
    return {names.get(key, key): iso(value) if key in moments else value for key, value in values.items()}


def _journal_line(row: ListedMail, when: When) -> Sequence[str]:
    author = row.author or ("<>" if row.sender == "" else row.sender or "-")
    return (
        str(row.id), row.state, str(row.attempts), when(row.received_at), clean(author), spell_size(row.size),
        row.reference or "-", clean(row.subject),
    )  # fmt: skip


def _outbox_line(row: ListedNotice, when: When) -> Sequence[str]:
    then = row.due_at if row.state == WAITING else row.sent_at
    return (
        str(row.id), row.state, str(row.attempts), when(row.created_at), when(then) if then is not None else "-",
        row.notice, clean(row.recipient), row.reference or "-",
    )  # fmt: skip


def _call_line(row: ListedCall, when: When) -> Sequence[str]:
    then = row.due_at if row.state == WAITING else row.called_at
    return (
        str(row.id), row.state, str(row.attempts), when(row.created_at), when(then) if then is not None else "-",
        row.hook, row.type, row.reference or "-",
    )  # fmt: skip


def _timer_line(row: ListedTimer, when: When) -> Sequence[str]:
    due = when(row.due_at)
    return (str(row.id), row.state, str(row.attempts), due, row.name, row.reference)
