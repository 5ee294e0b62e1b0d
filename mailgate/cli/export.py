"""`export`: writes one ticket with all its mails as a bundle, or all that the desk has of a person.

A file that exists is never overwritten; one that cannot be finished is removed.
"""

from __future__ import annotations

from pathlib import Path

import click

from mailgate.cli.context import CommandError, UsageError, command_clock, config_option, reading, write_new
from mailgate.cli.output import clean


@click.command()
@config_option
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to this file; by default, REF.zip or ADDRESS.zip in this folder.",
)
@click.option("--person", metavar="ADDRESS", help="Export all that the desk has of this person instead.")
@click.argument("reference", metavar="[REF]", required=False)
def export(config: Path | None, output: Path | None, person: str | None, reference: str | None) -> None:
    """Export ticket REF with all its emails, notices and files to a ZIP file.

    In it, index.html is for people and ticket.json for programs. `mailgate verify` checks the file; `mailgate import`
    takes it into another desk. Only its owner can read the file. An existing file is not overwritten.

    With --person, the file has all that the desk has of ADDRESS: their tickets, each as a file of its own, their emails
    in other people's tickets, and what the desk notes of the address. Internal notes are in it, marked as internal:
    read them before you hand the file out.
    """
    if (reference is None) == (person is None):
        raise UsageError("name a ticket, or a person with --person ADDRESS")
    if person is not None:
        _export_person(config, output, person)
        return
    from mailgate.tickets.archive.export import gather
    from mailgate.tickets.archive.writer import write_bundle

    with reading(config) as view:
        gathered = gather(view.connection, view.ticket(reference or ""), view.settings.default_queue.address)
        path = output or Path(f"{gathered.record.reference}.zip")
        write_new(path, lambda file: write_bundle(file, gathered))
    click.echo(path)


def _export_person(config: Path | None, output: Path | None, address: str) -> None:
    from mailgate.tickets.archive.export import safe_name
    from mailgate.tickets.archive.person import gather_person, write_person

    if "@" not in address:
        raise UsageError(f"{clean(address)} is not an address: name the person by their email address")
    with reading(config) as view:
        found = gather_person(view.connection, address)
        if found.is_empty:
            raise CommandError(f"the desk has nothing of {address}. Is it spelled as in their emails?")
        path = output or Path(f"{safe_name(address)}.zip")
        now = command_clock().now()
        write_new(path, lambda file: write_person(file, view.connection, view.settings, found, now))
    click.echo(path)
