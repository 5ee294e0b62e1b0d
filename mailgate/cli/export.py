"""`export`: writes one ticket with all its mails as a bundle.

A file that exists is never overwritten; one that cannot be finished is removed.
"""

from __future__ import annotations

import os
from pathlib import Path

import click

from mailgate.cli.context import CommandError, config_option, reading


@click.command()
@config_option
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to this file; by default, REF.zip in this folder.",
)
@click.argument("reference", metavar="REF")
def export(config: Path | None, output: Path | None, reference: str) -> None:
    """Export ticket REF with all its emails, notices and files to a ZIP file.

    In it, index.html is for people and ticket.json for programs. `mailgate verify` checks the file; `mailgate import`
    takes it into another desk. Only its owner can read the file. An existing file is not overwritten.
    """
    from mailgate.tickets.archive.export import gather
    from mailgate.tickets.archive.writer import write_bundle

    with reading(config) as view:
        gathered = gather(view.connection, view.ticket(reference), view.settings.default_queue.address)
        path = output or Path(f"{gathered.record.reference}.zip")
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise CommandError(f"{path} already exists; name another file with --output") from None
        except OSError as error:
            raise CommandError(f"{path}: {(error.strerror or str(error)).lower()}") from None
        try:
            with os.fdopen(handle, "wb") as file:
                write_bundle(file, gathered)
        except BaseException as error:
            path.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise CommandError(f"{path}: {(error.strerror or str(error)).lower()}") from None
            raise
    click.echo(path)
