"""`blocked` lists the senders blocked as spam and the addresses set aside; `unblock` lifts both."""

from __future__ import annotations

from pathlib import Path

import click

from mailgate.cli.context import CommandError, UsageError, command_clock, config_option, json_option, reading, writing
from mailgate.cli.output import iso, print_json, short, table, terminal_width


@click.command()
@config_option
@json_option
def blocked(config: Path | None, as_json: bool) -> None:
    """List the senders blocked as spam, and the addresses set aside: since when, and why.

    To lift one, run `mailgate unblock ADDRESS`.
    """
    _list(config, as_json=as_json)


@click.command()
@config_option
@click.argument("address", required=False)
@json_option
def unblock(config: Path | None, address: str | None, as_json: bool) -> None:
    """Unblock ADDRESS, so that the desk reads its emails and writes to it again; without ADDRESS, do as
    `mailgate blocked` does.

    `#spam` blocks a sender. An address is set aside, and gets no notices, once its server has said that it does not
    exist. An email from there ends that.
    """
    if address is None:
        _list(config, as_json=as_json)
        return
    if as_json:
        raise UsageError("--json works only without an address")
    from mailgate.store.people import unblock as unblock_contact

    with writing(config, whole=False) as (_, connection):
        before = unblock_contact(connection, address)
    if before is None:
        raise CommandError(f"{address} is neither blocked nor set aside")
    lifted = [word for word, held in (("blocked", before.blocked), ("set aside", before.set_aside_at)) if held]
    what = f"{address} is no longer {' or '.join(lifted)}"
    click.echo(
        f"{what}: the desk reads its emails and writes to it again. Notices that were not sent meanwhile "
        "are not sent later."
    )


def _list(config: Path | None, *, as_json: bool) -> None:
    from mailgate.store.people import list_blocked

    with reading(config) as view:
        found, zone = list_blocked(view.connection), view.settings.default_queue.zone
    if as_json:
        print_json(
            [
                {
                    "address": row.address,
                    "blocked": bool(row.blocked),
                    "blocked_at": iso(row.blocked_at),
                    "set_aside_at": iso(row.set_aside_at),
                    "set_aside_reason": row.set_aside_reason,
                }
                for row in found
            ]
        )
        return
    if not found:
        click.echo("No address is blocked or set aside.")
        return
    now, rows = command_clock().now(), []
    for row in found:
        if row.blocked:
            rows.append((row.address, "blocked", short(row.blocked_at, zone, now), "spam"))
        if row.set_aside_at is not None:
            rows.append((row.address, "set aside", short(row.set_aside_at, zone, now), row.set_aside_reason))
    click.echo(table(("ADDRESS", "STATE", "SINCE", "WHY"), rows, (3, 0), terminal_width()))
