"""`legal-hold`: sets, lifts and lists legal holds; nothing under one is erased or removed."""

from __future__ import annotations

from pathlib import Path

import click

from mailgate.cli.context import (
    CommandError,
    UsageError,
    command_clock,
    config_option,
    find_ticket,
    json_option,
    reading,
    writing,
)
from mailgate.cli.output import clean, iso, print_json, short, table, terminal_width
from mailgate.core.text import counted


@click.command("legal-hold")
@config_option
@click.argument("subject", metavar="[REF|ADDRESS]", required=False)
@click.option("--reason", metavar="TEXT", default="", help="The reason, such as a case number; needed to set a hold.")
@click.option("--lift", is_flag=True, help="Lift the hold.")
@json_option
def legal_hold(config: Path | None, subject: str | None, reason: str, lift: bool, as_json: bool) -> None:
    """Protect a ticket, or all that the desk has of a person, from `erase` and `retain`. Without REF or ADDRESS, list
    the holds.

    A hold on an address covers the person's tickets and those in which they are in copy. Setting and lifting a hold
    are recorded in the history of the tickets.
    """
    if subject is None:
        if reason or lift:
            raise UsageError("name the ticket or the address")
        _list(config, as_json=as_json)
        return
    if as_json:
        raise UsageError("--json works only without a ticket or an address")
    if lift == bool(reason.strip()):
        raise UsageError("give --reason TEXT to set a hold, or --lift to lift it")
    from mailgate.core.domains import fold_address
    from mailgate.store.events import NewEvent, add_event
    from mailgate.store.legal_holds import lift_legal_holds, set_legal_hold
    from mailgate.store.mentions import list_own_tickets
    from mailgate.store.tickets import get_ticket

    now = command_clock().now()
    with writing(config, whole=False) as (settings, connection):
        address = fold_address(subject) if "@" in subject else ""
        ticket = None if address else find_ticket(connection, settings, subject)
        ticket_id = ticket.id if ticket is not None else None
        if lift and not lift_legal_holds(connection, address, ticket_id, now):
            raise CommandError(f"{clean(subject)} is under no legal hold")
        if not lift:
            set_legal_hold(connection, address, ticket_id, reason.strip(), now)
        touched = [ticket_id] if ticket_id is not None else list(list_own_tickets(connection, address))
        for one in touched:
            row = get_ticket(connection, one)
            assert row is not None
            words = "legal hold lifted" if lift else "legal hold"
            add_event(connection, one, NewEvent(now, words, row.state, row.state, reason.strip(), "operator"))
    named = ticket.reference if ticket is not None else subject
    if lift:
        click.echo(f"{named}: the legal hold is lifted. `erase` and `retain` apply to it again.")
    else:
        covers = f" ({counted(len(touched), 'ticket')} so far)" if address else ""
        click.echo(f"{named}{covers}: nothing of it is erased or removed until `mailgate legal-hold {named} --lift`.")


def _list(config: Path | None, *, as_json: bool) -> None:
    from mailgate.store.legal_holds import list_legal_holds

    with reading(config) as view:
        found, zone = list_legal_holds(view.connection), view.settings.default_queue.zone
    if as_json:
        print_json(
            [
                {
                    "reference": row.reference,
                    "address": row.address,
                    "reason": row.reason,
                    "set_at": iso(row.set_at),
                }
                for row in found
            ]
        )
        return
    if not found:
        click.echo("There is no legal hold.")
        return
    now = command_clock().now()
    rows = [(row.reference or row.address, short(row.set_at, zone, now), row.reason) for row in found]
    click.echo(table(("HELD", "SINCE", "REASON"), rows, (2, 0), terminal_width()))
