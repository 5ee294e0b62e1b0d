"""`resolve`, `escalate`, `close`, `reopen` and `note`: commands with which the operator acts on a ticket.

They take the path of an agent's command by mail: the transition table decides, and a rejection is written to the
ticket's history and to stderr. A running `serve` continues from what is committed here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailgate.cli.context import CommandError, can_ask, config_option, find_ticket, open_desk, reading
from mailgate.core.stand_ins import is_stand_in
from mailgate.core.text import counted

if TYPE_CHECKING:
    from mailgate.daemon.desk import Desk
    from mailgate.store.tickets import Ticket
    from mailgate.tickets.events import TicketEvent
    from mailgate.tickets.service import Applied

_reference = click.argument("reference", metavar="REF")


@click.command()
@config_option
@_reference
@click.argument("solution", nargs=-1, required=True)
def resolve(config: Path | None, reference: str, solution: tuple[str, ...]) -> None:
    """Send SOLUTION to the requester of ticket REF, and ask them whether it helped."""
    _apply(config, reference, "resolve", solution)


@click.command()
@config_option
@_reference
@click.argument("reason", nargs=-1)
def escalate(config: Path | None, reference: str, reason: tuple[str, ...]) -> None:
    """Escalate ticket REF to the next level with everything in it; after the last level, ask the manager."""
    _apply(config, reference, "escalate", reason)


@click.command()
@config_option
@_reference
@click.argument("reason", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Block the sender of spam without asking.")
def close(config: Path | None, reference: str, reason: tuple[str, ...], yes: bool) -> None:
    """Close ticket REF.

    REASON is `withdrawn`, `duplicate REF`, `no answer`, `spam`, `transferred WHERE` or your own words. The requester
    gets the final notice and can object. `spam` sends nothing and blocks the requester: at a terminal, the command asks
    first. `mailgate reopen REF` lifts the block.
    """
    if not yes and _is_spam(reason) and can_ask():
        _confirm_block(config, reference)
    _apply(config, reference, "close", reason)


@click.command()
@config_option
@_reference
@click.argument("reason", nargs=-1)
def reopen(config: Path | None, reference: str, reason: tuple[str, ...]) -> None:
    """Reopen ticket REF, as if the requester had said that it isn't fixed. If it was closed as spam, its requester is
    no longer blocked.
    """
    _apply(config, reference, "reopen", reason)


@click.command()
@config_option
@_reference
@click.argument("text", nargs=-1, required=True)
def note(config: Path | None, reference: str, text: tuple[str, ...]) -> None:
    """Add TEXT to ticket REF as an internal note. No email is sent; agents see the note when they read the ticket
    later.
    """
    _apply(config, reference, "note", text)


def _is_spam(reason: tuple[str, ...]) -> bool:
    from mailgate.parsers.commands.arguments import CloseKind, read_close_reason

    return read_close_reason(" ".join(reason)).kind is CloseKind.SPAM


def _confirm_block(config: Path | None, reference: str) -> None:
    """Asks before a requester is blocked; nothing is locked meanwhile."""
    with reading(config) as view:
        ticket = view.ticket(reference)
    click.echo(f"{ticket.reference}: {ticket.subject}")
    click.echo(f"The desk will send {ticket.requester} nothing, and ignore their new emails until you lift the block.")
    click.confirm(f"Close {ticket.reference} as spam and block {ticket.requester}?", abort=True)


def _apply(config: Path | None, reference: str, command: str, words: tuple[str, ...]) -> None:
    with open_desk(config) as desk, desk.database.write() as connection:
        ticket = find_ticket(connection, desk.settings, reference)
        if is_stand_in(ticket.requester):
            raise CommandError(f"{ticket.reference}: its person was erased, so that nothing can be done with it")
        advanced = desk.tickets.apply(connection, ticket.id, _read_events(desk, command, " ".join(words).strip()))
    refused = next((one.rejection_reason for one in advanced.decisions if one.rejection_reason), "")
    if refused:
        raise CommandError(f"{ticket.reference}: {command} is not possible: {refused} (state: {ticket.state})")
    click.echo(_summarize(ticket, advanced))


def _read_events(desk: Desk, command: str, words: str) -> tuple[TicketEvent, ...]:
    """Reads the command as if an agent had written `#command words`, with the operator as its author."""
    from mailgate.core.workflow.events import Event
    from mailgate.inbound.commands import interpret_commands
    from mailgate.parsers.commands import Command, Commands
    from mailgate.parsers.mime.clean_text import clean_text
    from mailgate.tickets.events import TicketEvent

    base = TicketEvent(Event.ANSWERED, desk.clock.now(), "operator")
    return interpret_commands(Commands((Command(command, clean_text(words)),), "", ()), base)


def _summarize(before: Ticket, advanced: Applied) -> str:
    from mailgate.parsers.commands.arguments import CloseKind

    ticket = advanced.ticket
    move = f"{before.state} → {ticket.state}" if ticket.state != before.state else f"stays {ticket.state}"
    count = ticket.notices - before.notices
    sent = f"; {counted(count, 'notice')} to send" if count else ""
    was, is_ = (one.close_reason == CloseKind.SPAM.value for one in (before, ticket))
    block = f"; {ticket.requester} is no longer blocked" if was and not is_ else ""
    if is_ and not was:
        block = f"; {ticket.requester} is blocked (to undo both: mailgate reopen {ticket.reference})"
    return f"{ticket.reference}: {move}{sent}{block}"
