"""`retain`: removes now what the retention periods have ended, or lists it; also rewrites the database file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailgate.cli.context import CommandError, UsageError, command_clock, config_option, open_desk
from mailgate.core.text import counted

if TYPE_CHECKING:
    from datetime import datetime

    from mailgate.tickets.retention import DueParts, Retention

_WORDS = {
    "raw_mails": "emails as they came in",
    "attachments": "files",
    "texts": "texts",
    "tickets": "words, files and names",
}
_SHOWN = 20  # references of one part


@click.command()
@config_option
@click.option("--dry-run", is_flag=True, help="Only list what would be removed.")
@click.option("--compact", is_flag=True, help="Then rewrite the SQLite file, so that it shrinks and has no old bytes.")
def retain(config: Path | None, dry_run: bool, compact: bool) -> None:
    """Remove now what [retain] of the configuration no longer keeps.

    `serve` does this by itself, hourly. Reports count as before. SQLite reuses the freed space, but the file shrinks
    only with --compact: writers wait meanwhile (up to a minute for each GB), and it needs twice the file's size on
    disk.
    """
    from mailgate.store.database import NotCompacted
    from mailgate.tickets.retention import Retention

    if dry_run and compact:
        raise UsageError("--dry-run changes nothing: leave out --compact")
    with open_desk(config) as desk:
        retention, now = Retention(desk.database, desk.settings), command_clock().now()
        if not retention.is_enabled:
            click.echo("[retain] is not configured: everything is kept forever.")
        elif dry_run:
            click.echo(_describe(retention.find_due(now)))
        else:
            _remove(retention, now)
        if compact:
            if not desk.database.sqlite:
                raise CommandError(
                    "PostgreSQL frees space by itself (autovacuum); VACUUM FULL gives it back to the disk"
                )
            try:
                desk.database.compact()
            except NotCompacted as error:
                raise CommandError(f"the file of the database was not rewritten: {error}") from None
            click.echo("The file of the database was rewritten.")


def _describe(due: DueParts) -> str:
    if due.is_empty:
        return "Nothing is due."
    lines = []
    for part, found in due.tickets.items():
        if found:
            named = list(found.values())
            more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
            lines.append(f"{_WORDS[part]} of {counted(len(named), 'ticket')}: {', '.join(named[:_SHOWN])}{more}")
    if due.mails or due.notices:
        lines.append(f"of no ticket: {counted(due.mails, 'email')}, {counted(due.notices, 'notice')}")
    return "\n".join(("To be removed:", *(f"  {line}" for line in lines)))


def _remove(retention: Retention, now: datetime) -> None:
    due, waits = retention.find_due(now), dict[str, None]()
    for part, found in due.tickets.items():
        done = 0
        for ticket_id, reference in found.items():
            if retention.remove_part(ticket_id, part, now):
                done += 1
            else:
                waits[reference] = None
        if done:
            click.echo(f"{_WORDS[part]} removed: {counted(done, 'ticket')}")
    emptied = 0
    while some := retention.empty_loose(now):
        emptied += some
    if emptied:
        click.echo(f"emails and notices of no ticket removed: {emptied}")
    if waits:
        click.echo(
            f"wait for their bundle, a legal hold, or email that is still to be processed or sent: {', '.join(waits)}"
        )
    if due.is_empty:
        click.echo("Nothing is due.")
